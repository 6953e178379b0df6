"""The pages in a real browser: WCAG 2.2 AA by axe-core, light and dark; nothing off a phone's screen or a sheet."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grading.report.feedback_page import feedback_page
from grading.report.log_page import look_up
from grading.report.pages import class_page, statistics_page, submission_page
from grading.roster import Person
from grading.variant import Variant
from kitbench.bench.device_advisor.suite_report import make_report
from kitbench.errors import Fault
from kitbench.forensics.audit import audit
from kitbench.forensics.canaries.disguise import pem
from kitbench.forensics.pages.report import DumpedVariant, to_html
from kitbench.hardening.judgement import judge
from kitbench.hardening.page import to_html as hardening_page
from kitbench.local_iot_core.device_advisor.page import to_html as advisor_to_html
from tests.conformance.accessibility import violations
from tests.conformance.chromium import Page, chromium_page
from tests.grading.results import RUBRIC, class_result, result
from tests.kitbench.forensics.flash_sample import certificate_of, ec_key, flash
from tests.kitbench.hardening.hardened_device import Device
from tests.optional_part import AXE_CORE, CHROMIUM

pytestmark = [CHROMIUM.needed]

REASON = "messages arrive, but the serial line shows none of them; the last was 'hello from ESP32 (QOS0) : 4'" * 2
PAGES = (
    "class.html",
    "statistics.html",
    "student.html",
    "feedback.html",
    "log.html",
    "audit.html",
    "advisor.html",
    "hardening.html",
)
#: Of A4 between the margins, in CSS pixels.
PORTRAIT, LANDSCAPE = 703, 1032
RUN = "evidence/embedded_key-attempt-1"
BAD = "<!doctype html><title>x</title><img src='data:,'><p style='color:#bbb;background:#fff'>pale"


def write_pages(folder: Path) -> None:
    results = [
        result("s01"),
        replace(result("s02", fault=Fault.STUDENT, reason=REASON)),
        result("s03", fault=Fault.BENCH, reason=f"lacks: {REASON}", lacks="header driver/mcpwm.h"),
        result("s04", fault=Fault.CLOUD, reason=REASON),
    ]
    named = [replace(one, student=replace(one.student, person=Person("Ada Lovelace"))) for one in results]
    (folder / RUN).mkdir(parents=True)
    name = "messages_arrive_and_stand_on_the_serial_line[embedded_key]"
    (folder / RUN / "serial.log").write_text(f"=== test_{name}\nhello from ESP32 (QOS0) : 4\n" + "x" * 3000)
    look, (log,) = look_up(named[1], folder)
    (folder / "class.html").write_text(class_page(class_result(*named)))
    (folder / "student.html").write_text(submission_page(named[1], RUBRIC, title="A class", folder=folder, look=look))
    (folder / "log.html").write_text(log.html)
    certificate = certificate_of(ec_key())
    dumps = {"s01/flash.bin": flash(pem(ec_key())), "s01/flash_atecc608a.bin": flash(b"nothing")}
    audited = [DumpedVariant(name, dump, audit(dump, certificates=[certificate])) for name, dump in dumps.items()]
    (folder / "audit.html").write_text(to_html(audited))
    (folder / "statistics.html").write_text(statistics_page(class_result(*named)))
    (folder / "feedback.html").write_text(feedback_page(named[1], RUBRIC, title="A class", folder=folder))
    (folder / "advisor.html").write_text(advisor_page())
    (folder / "hardening.html").write_text(hardening_page(judge(Device(build=None, dump=None).facts()), device="kit"))
    (folder / "bad.html").write_text(BAD)


def advisor_page() -> str:
    """The report of a suite in which each way of ending occurs."""
    test: dict[str, Any] = {
        "id": "MQTT_Connect_Jitter_Backoff_Retries",
        "name": "MQTT Connect Jitter Backoff Retries",
        "status": "",
    }
    test |= {"in_qualification": True, "reason": "waits constant: 1.0, 1.0 s", "fix": "double them", "seconds": 3.0}
    outcomes = ("passed", "passed with warnings", "failed", "not judged")
    wire = ["   1.20 s  connection 0: opened"]
    tests = [{**test, "outcome": outcome, "wire": wire, "serial": ["x" * 300]} for outcome in outcomes]
    return advisor_to_html(make_report(tests, suite="all", device="kit", is_complete=False, facts=["It was ended."]))


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    write_pages(folder)
    return folder


@pytest.fixture(scope="module", name="browser")
def _browser(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium_page((folder / "class.html").as_uri(), tmp_path_factory.mktemp("browser") / "profile") as page:
        yield page


def show(browser: Page, file: Path, *, width: int, media: str = "screen", dark: bool = False) -> None:
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.call("Emulation.setEmulatedMedia", media=media, features=[scheme])
    browser.call("Page.navigate", url=file.as_uri())
    browser.wait_for(f"document.readyState === 'complete' && location.href.endsWith({file.name!r})")


@AXE_CORE.needed
@pytest.mark.parametrize(("width", "dark"), [(400, True), (1400, False)], ids=["phone, dark", "desk, light"])
@pytest.mark.parametrize("name", PAGES)
def test_page_keeps_to_wcag_2_2_aa(browser: Page, folder: Path, name: str, width: int, *, dark: bool) -> None:
    show(browser, folder / name, width=width, dark=dark)

    assert violations(browser) == []


@AXE_CORE.needed
def test_control_bad_page_is_objected_to(browser: Page, folder: Path) -> None:
    show(browser, folder / "bad.html", width=400)

    assert {one.partition(":")[0] for one in violations(browser)} >= {"color-contrast", "html-has-lang", "image-alt"}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_off_a_phones_screen(browser: Page, folder: Path, name: str) -> None:
    show(browser, folder / name, width=400)

    assert browser.run("document.documentElement.scrollWidth") <= 400


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("class.html", LANDSCAPE),
        *((name, PORTRAIT) for name in PAGES if name not in {"class.html", "log.html", "audit.html"}),
    ],
)
def test_nothing_is_lost_at_the_edge_of_paper(browser: Page, folder: Path, name: str, width: int) -> None:
    show(browser, folder / name, width=width, media="print", dark=True)

    right = "Math.max(...[...document.querySelectorAll('td, p, img, .mark')].map(e => e.getBoundingClientRect().right))"
    assert browser.run(right) <= width
    assert browser.run("getComputedStyle(document.body).color") == "rgb(22, 32, 42)"


def test_first_sheet_holds_marks(browser: Page, folder: Path) -> None:
    show(browser, folder / "class.html", width=LANDSCAPE, media="print")

    assert browser.run("document.querySelector('tbody tr').getBoundingClientRect().bottom") < 700
    assert browser.run("getComputedStyle(document.querySelector('.scroll')).breakInside") == "auto"


def test_reason_leads_to_its_line(browser: Page, folder: Path) -> None:
    show(browser, folder / "student.html", width=1400)

    href = browser.run(
        f"document.querySelector('a[href*=\"{Variant.EMBEDDED_KEY}-attempt-1/serial.log.html#L\"]').hash"
    )
    show(browser, folder / "log.html", width=1400)

    assert "hello from ESP32 (QOS0) : 4" in browser.run(f"document.querySelector('{href}').textContent")
