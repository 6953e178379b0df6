"""The page that a student gets: whole in one file, and nothing of anybody else."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from grading.evidence import copy_evidence
from grading.marking.result import SubmissionResult
from grading.report.feedback_page import feedback_page
from grading.roster import Person
from kitbench.errors import Fault
from tests.grading.fake_bench import FLASH_MAP
from tests.grading.results import RUBRIC, result

RUN = "evidence/embedded_key-attempt-1"
CHECK = "messages_arrive_and_stand_on_the_serial_line[embedded_key]"
KEY = "-----BEGIN EC PRIVATE " + "KEY-----\nMHcCAQEE\n-----END EC PRIVATE " + "KEY-----\n"
LINES = [*(f"boring line {number} of before" for number in range(90)), "the kit said <b>hello</b>", "the end"]


class References(HTMLParser):
    """Collects what a page refers to, and the places in it that can be referred to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.referred: list[str] = []
        self.ids: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.referred += [named[name] for name in ("href", "src", "action", "data") if name in named]
        self.ids |= {named["id"]} if "id" in named else set()


@pytest.fixture(name="lost")
def _lost(tmp_path: Path) -> SubmissionResult:
    """A student who lost traffic, with a serial log that holds a key, and a picture."""
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "serial.log").write_text(f"=== test_{CHECK}\n{KEY}" + "\n".join(LINES), encoding="utf-8")
    copy_evidence(raw, tmp_path / RUN)
    picture = tmp_path / "evidence" / "audit-embedded_key" / "flash_map.svg"
    picture.parent.mkdir(parents=True)
    picture.write_text(FLASH_MAP, encoding="utf-8")
    one = result("s02", fault=Fault.STUDENT, reason="the last line was 'the kit said <b>hello</b>'")
    return replace(one, student=replace(one.student, person=Person("Ada Lovelace")))


def test_page_refers_to_nothing_but_itself(lost: SubmissionResult, tmp_path: Path) -> None:
    page = References(feedback_page(lost, RUBRIC, title="A class", folder=tmp_path))

    assert any(one.startswith("data:image/svg+xml;base64,") for one in page.referred)
    outside = [one for one in page.referred if not one.startswith(("data:", "#"))]
    assert outside == []
    assert {urlsplit(one).fragment for one in page.referred if one.startswith("#")} <= page.ids


def test_reason_leads_to_its_line_with_what_was_before(lost: SubmissionResult, tmp_path: Path) -> None:
    page = feedback_page(lost, RUBRIC, title="A class", folder=tmp_path)

    assert "the kit said &lt;b&gt;hello&lt;/b&gt;" in page
    assert "boring line 89 of before" in page
    assert "boring line 70 of before" not in page
    [number] = {one for one in References(page).referred if one.startswith("#log1-") and "serial.log, line" in page} & {
        f"#log1-{len(LINES) + 2 - 1}"
    }
    assert f'id="{number[1:]}" class="told"' in page


def test_page_holds_no_private_key_and_says_whose_it_is(lost: SubmissionResult, tmp_path: Path) -> None:
    page = feedback_page(lost, RUBRIC, title="A class", folder=tmp_path)

    assert "MHcCAQEE" not in page
    assert "Ada Lovelace (s02)" in page
    assert "index.html" not in page


def test_everything_right_has_no_excerpt(tmp_path: Path) -> None:
    page = feedback_page(result("s01"), RUBRIC, title="A class", folder=tmp_path)

    assert "Where it shows" not in page
