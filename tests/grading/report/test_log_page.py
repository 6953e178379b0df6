"""Logs as pages: every line has its anchor, nothing in them is markup, and links lead to lines that are there."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from grading.judgement import Problem
from grading.marking.result import SubmissionResult
from grading.report.log_page import log_page, look_up
from grading.report.pages import submission_page
from kitbench.errors import Fault
from tests.grading.report.test_pages import outline
from tests.grading.results import RUBRIC, result

REASON = "the serial line shows no 'hello from ESP32'"
RUN = "evidence/embedded_key-attempt-1"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / RUN).mkdir(parents=True)
    name = "messages_arrive_and_stand_on_the_serial_line[embedded_key]"
    (tmp_path / RUN / "serial.log").write_text(f"=== test_{name}\n<script>x</script>\nhello from ESP32 \x1b[31m\n\n")
    return tmp_path


def lost(fault: Fault | None = Fault.STUDENT) -> SubmissionResult:
    return result(fault=fault, reason=REASON)


def links(page: str) -> Sequence[str]:
    hrefs = (str(attributes.get("href")) for tag, attributes in outline(page).elements if tag == "a")
    return [unquote(href) for href in hrefs if ".html#" in href]


def test_reason_links_its_very_line(folder: Path) -> None:
    look, (page,) = look_up(lost(), folder)

    shown = submission_page(lost(), RUBRIC, title="A class", folder=folder, look=look)

    assert page.file == f"{RUN}/serial.log.html"
    assert set(links(shown)) == {f"{page.file}#L3"}
    assert re.search(r'<li id="L3" class="told">.*hello from ESP32', page.html)
    assert "serial.log, line 3" in shown


@pytest.mark.parametrize("fault", [Fault.CLOUD, Fault.BENCH])
def test_what_is_not_graded_links_too(folder: Path, fault: Fault) -> None:
    look, pages = look_up(lost(fault), folder)

    assert len(pages) == 1
    assert links(submission_page(lost(fault), RUBRIC, title="A class", folder=folder, look=look))


def test_what_passed_needs_no_page(folder: Path) -> None:
    broken = replace(
        lost(), attempts=tuple(replace(one, outcome=Problem(Fault.BENCH, "run", "no")) for one in lost().attempts)
    )

    for one in (lost(None), broken):
        assert look_up(one, folder) == ({}, ())


def test_log_that_is_not_there_is_not_linked(tmp_path: Path) -> None:
    look, pages = look_up(lost(), tmp_path)

    assert (pages, links(submission_page(lost(), RUBRIC, title="A class", folder=tmp_path, look=look))) == ((), [])


def test_log_is_text_line_by_line() -> None:
    page = log_page("serial.log", ["<script>", "a\x1b[31mb", "x" * 5000], {2})

    elements = outline(page).elements
    assert [attributes["id"] for tag, attributes in elements if tag == "li"] == ["L1", "L2", "L3"]
    assert "script" not in {tag for tag, _ in elements}
    assert "\x1b" not in page
    assert len(page) < 12_000
