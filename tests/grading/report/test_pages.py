"""Pages stand alone, show what is lost and why, and run nothing that a student wrote."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grading.judgement import Problem
from grading.marking.audit_verdict import ENCRYPTED_KEY, AuditOutcome, AuditVerdict
from grading.marking.score import score
from grading.report.pages import class_page, submission_page
from grading.variant import Variant
from kitbench.errors import Fault
from tests.grading.fake_bench import FLASH_MAP
from tests.grading.results import RUBRIC, class_result, result
from tests.grading.synthetic import absent, facts, failing, finding, found, report, submission

VOID = {"meta", "img", "br", "hr", "input", "link"}


GAPS = {"s02": "<b>", "s03": "header driver/mcpwm.h", "s04": "header driver/mcpwm.h"}


class Outline(HTMLParser):
    """Collects a page's elements, and fails on one that is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


@pytest.fixture(name="pages")
def _pages(tmp_path: Path) -> list[str]:
    """The class page and three students' pages, with a flash map."""
    picture = tmp_path / "evidence" / "audit-embedded_key" / "flash_map.svg"
    picture.parent.mkdir(parents=True)
    picture.write_text(FLASH_MAP, encoding="utf-8")
    results = [result("s01"), result("s02", fault=Fault.STUDENT), result("s03", fault=Fault.CLOUD)]
    return [class_page(class_result(*results))] + [
        submission_page(one, RUBRIC, title="A class", folder=tmp_path) for one in results
    ]


def test_pages_are_whole_and_stand_alone(pages: list[str]) -> None:
    for page in pages:
        elements = outline(page).elements
        assert not {"script", "link", "iframe", "object", "embed", "form"} & {tag for tag, _ in elements}
        assert all(str(attributes["src"]).startswith("data:") for tag, attributes in elements if tag == "img")
        assert not any(name.startswith("on") for _, attributes in elements for name in attributes)
        links = [str(attributes["href"]) for tag, attributes in elements if tag == "a"]
        assert links
        assert not any(re.match(r"[a-z]+:|/", link) for link in links)


def test_hostile_texts_are_shown_as_text(pages: list[str]) -> None:
    assert "<script>" not in "".join(pages)
    assert "&lt;script&gt;" in pages[2]


def test_class_page_says_each_reason(pages: list[str]) -> None:
    assert "submissions/s02/index.html" in pages[0]
    assert "&lt;script&gt;" in pages[0]
    assert "cloud fault" in pages[0]


def test_gaps_are_counted_and_listed_by_feature(tmp_path: Path) -> None:
    lacking = [result(name, fault=Fault.BENCH, reason=f"no {what}", lacks=what) for name, what in GAPS.items()]

    page = class_page(class_result(result("s01"), *lacking))
    own = submission_page(lacking[0], RUBRIC, title="A class", folder=tmp_path)

    assert "<b>3</b> not graded for gaps of the kit" in page
    rows = re.findall(r"<tr><td>([^<]*)</td><td class=\"number\">(\d+)</td><td>(.*?)</td></tr>", page)
    assert [(feature, count, re.findall(r">(s\d\d)<", who)) for feature, count, who in rows] == [
        ("header driver/mcpwm.h", "2", ["s03", "s04"]),
        ("&lt;b&gt;", "1", ["s02"]),
    ]
    assert "a gap of the bench: no points are lost" in own
    outline(page)


def test_class_without_gaps_lists_none(pages: list[str]) -> None:
    assert "lacks" not in pages[0]


def test_outcome_is_not_told_by_colour_alone(pages: list[str]) -> None:
    assert "not graded" in pages[3]
    assert "failed: 0 of 1" in pages[2]
    assert "✗" in pages[2]


def test_picture_has_a_text_that_says_where_the_key_lies(pages: list[str]) -> None:
    images = [attributes for tag, attributes in outline(pages[1]).elements if tag == "img"]

    assert len(images) == 1
    assert "A private key is in this dump, marked at 0x2a120 (factory + 0x1a120)." in str(images[0]["alt"])


NOTHING_MARKED = "proves nothing either way, and no key is marked."


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (found(finding()), "marked at 0x2a120 (factory + 0x1a120)."),
        (found(finding(kind="identifier", offset=1), finding()), "marked at 0x2a120 (factory + 0x1a120)."),
        (found(*(finding(offset=at, partition="") for at in (1, 2, 3, 4))), "marked at 0x1, 0x2, 0x3 and 1 more."),
        (absent(), "No private key was found in the forms that were searched for, and none is marked."),
        (absent(findings=(finding(kind="identifier", form="aws_iot_endpoint"),)), "and none is marked."),
        (absent(findings=(finding(owner="test_key"),)), "and none is marked."),
        (absent(canary_found=False), NOTHING_MARKED),
        (absent(outcome=AuditOutcome.CANNOT_JUDGE), NOTHING_MARKED),
        (absent(outcome=AuditOutcome.CANNOT_JUDGE, findings=(finding(kind=ENCRYPTED_KEY),)), NOTHING_MARKED),
        (Problem(Fault.BENCH, "audit", "it broke"), "There is no verdict on it."),
    ],
)
def test_pictures_text_says_what_the_verdict_says(verdict: AuditVerdict | Problem, text: str, tmp_path: Path) -> None:
    (tmp_path / "map.svg").write_text(FLASH_MAP, encoding="utf-8")
    known = facts(audits={Variant.EMBEDDED_KEY: verdict})
    one = replace(result(), facts=known, audit_files={Variant.EMBEDDED_KEY: ("map.svg",)})

    page = submission_page(one, RUBRIC, title="A class", folder=tmp_path)

    (image,) = (attributes for tag, attributes in outline(page).elements if tag == "img")
    assert str(image["alt"]).endswith(text)


def test_page_of_an_absence_says_what_is_proven_and_what_is_not(tmp_path: Path) -> None:
    verdict = absent(proven_absent=("PEM",), not_covered=("split keys",), reason="no private key was found; and so on")
    one = replace(result(), facts=facts(audits={Variant.EMBEDDED_KEY: verdict}))

    page = submission_page(one, RUBRIC, title="A class", folder=tmp_path)

    assert "Proven absent: PEM." in page
    assert "Not covered: split keys." in page
    assert "holds no private key" not in page


def test_manual_criteria_have_an_empty_mark(pages: list[str]) -> None:
    assert pages[1].count('class="empty"') == len(RUBRIC.manual)


def test_bonus_that_was_not_tried_is_no_failure(tmp_path: Path) -> None:
    untried = facts(submission(projects={Variant.EMBEDDED_KEY: tmp_path}))
    one = replace(result(), score=score(RUBRIC, untried), facts=untried)

    page = submission_page(one, RUBRIC, title="A class", folder=tmp_path)

    assert "not claimed" in page
    assert "failed: 0" not in page
    assert "✗" not in page


def test_lost_point_on_the_bench_links_the_evidence(pages: list[str]) -> None:
    link = "evidence/embedded_key-attempt-1/serial.log"

    assert [page.count(f'href="{link}"') for page in pages[1:]] == [1, 2, 2]  # once more than among all the files


def test_reason_that_costs_several_points_is_said_once() -> None:
    broken = failing("broken", "connects", Variant.EMBEDDED_KEY, reason="it is silent")
    run = report(Variant.EMBEDDED_KEY, broken, replace(broken, name="mute", criterion="traffic"), exit_status=1)
    lost = facts(submission(), runs={Variant.EMBEDDED_KEY: run, Variant.ATECC608A: report(Variant.ATECC608A)})

    page = class_page(class_result(replace(result(), score=score(RUBRIC, lost))))

    assert page.count("it is silent") == 1
    assert "Connects with mutual authentication, Publishes and receives:" in page
