from pathlib import Path
from typing import Any

import pytest

from grading.marking.asked import asked
from grading.marking.check_catalogue import KnownCheck, check_rubric, checks_of, known_checks, with_names
from grading.marking.rubric import NONCE, Rubric, parse_rubric, read_rubric
from grading.variant import Variant
from kitbench.errors import UsageError
from kitbench.installation import suite_path

SOURCE = '''
"""Checks of a class's own."""
import pytest
pytestmark = [pytest.mark.hardware, pytest.mark.criterion("connects")]

def test_led_is_on(running_kit):
    """The LED is on.

    Further lines are for who reads the source.
    """

@pytest.mark.criterion("moisture")
@pytest.mark.variants("embedded_key")
def test_soil_is_measured(running_kit): ...

def helper(): ...
'''


@pytest.fixture(name="known")
def _known(tmp_path: Path) -> tuple[KnownCheck, ...]:
    (tmp_path / "test_own.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "helper.py").write_text("def test_nothing(): ...\n", encoding="utf-8")
    return known_checks(tmp_path)


def rubric(**group: Any) -> Rubric:
    checks = [{"variant": "embedded_key", "criterion": "connects"} | group]
    criterion = {"id": "c1", "title": "A", "points": 1, "text": "", "checks": checks}
    return parse_rubric({"title": "T", "criterion": [criterion]})


def test_checks_are_read_from_their_sources(known: tuple[KnownCheck, ...]) -> None:
    assert known == (
        KnownCheck("led_is_on", "connects", ("embedded_key", "atecc608a"), "The LED is on."),
        KnownCheck("soil_is_measured", "moisture", ("embedded_key",), ""),
    )


def test_file_that_is_no_python_is_the_callers_mistake(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("def test_(:\n", encoding="utf-8")

    with pytest.raises(UsageError, match=r"test_broken\.py"):
        known_checks(tmp_path)


@pytest.mark.parametrize(
    "group",
    [
        {},
        {"must_run": ["led_is_on"]},
        {"variant": "atecc608a"},
        {"criterion": "moisture", "must_run": ["soil_is_measured"]},
    ],
)
def test_rubric_that_asks_for_what_there_is(known: tuple[KnownCheck, ...], group: dict[str, Any]) -> None:
    check_rubric(rubric(**group), known)


@pytest.mark.parametrize(
    ("group", "why"),
    [
        ({"must_run": ["led_is_onn"]}, r"there is no check 'led_is_onn': did you mean 'led_is_on'\?"),
        ({"must_run": ["soil_is_measured"]}, "the check 'soil_is_measured' serves 'moisture', in embedded_key"),
        ({"criterion": "conects"}, r"no check serves 'conects' .*: did you mean 'connects'\?"),
        ({"criterion": "moisture", "variant": "atecc608a"}, "no check serves 'moisture' in the variant atecc608a"),
    ],
)
def test_rubric_that_asks_for_what_there_is_not(known: tuple[KnownCheck, ...], group: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        check_rubric(rubric(**group), known)


def test_courses_rubric_asks_for_checks_of_the_suite_and_says_what_they_look_at() -> None:
    course, known = read_rubric(), known_checks(suite_path())

    check_rubric(course, known)

    assert all(check.text.endswith(".") for check in known)
    for criterion in course.criteria:
        names = [name for group in criterion.checks for name in group.must_run]
        assert len(asked(criterion, course, known)) >= len(names) + len(criterion.requires)
    traffic = next(one for one in course.criteria if one.id == "traffic")
    assert any("5 messages arrive" in line for line in asked(traffic, course, known))


def test_group_without_names_asks_for_all_that_carry_its_criterion(known: tuple[KnownCheck, ...]) -> None:
    group = rubric().criteria[0].checks[0]

    assert [check.name for check in checks_of(group, known)] == ["led_is_on"]


def test_checks_that_are_not_named_must_run_all_the_same() -> None:
    known = known_checks(suite_path())

    for nonce in (True, False):
        group = {"variant": "embedded_key", "criterion": "traffic"}
        criterion = {"id": "traffic", "title": "A", "points": 1, "text": "", "checks": [group]}
        table = {"title": "T", "traffic": {"nonce": nonce}, "criterion": [criterion]}
        names = with_names(parse_rubric(table), known).checks_in(Variant.EMBEDDED_KEY)
        assert len(names) == 3 + nonce
        assert ("nonce_from_the_cloud_appears_on_the_serial_line" in names) == nonce


def test_group_of_the_nonce_alone_goes_with_it() -> None:
    groups = [
        {"variant": "embedded_key", "criterion": "traffic", "must_run": [NONCE]},
        {"variant": "embedded_key", "criterion": "connects", "must_run": ["kit_connects"]},
    ]
    criterion = {"id": "a", "title": "A", "points": 1, "text": "", "checks": groups}

    def left(criterion: dict[str, Any], *, nonce: bool) -> list[str]:
        rubric = parse_rubric({"title": "T", "traffic": {"nonce": nonce}, "criterion": [criterion]})
        return [group.criterion for group in rubric.criteria[0].checks]

    assert left(criterion, nonce=True) == ["traffic", "connects"]
    assert left(criterion, nonce=False) == ["connects"]
    with pytest.raises(ValueError, match=f"criterion 'a' asks for {NONCE} alone"):
        left({**criterion, "checks": groups[:1]}, nonce=False)


def test_nonce_that_is_not_asked_for_need_not_run() -> None:
    course = read_rubric()
    table: dict[str, Any] = {"title": "T", "traffic": {"nonce": False}}
    traffic = next(one for one in course.criteria if one.id == "traffic")
    group = {"variant": "embedded_key", "criterion": "traffic", "must_run": list(traffic.checks[0].must_run)}
    table["criterion"] = [{"id": "traffic", "title": "A", "points": 1, "text": "", "checks": [group]}]

    names = parse_rubric(table).checks_in(Variant.EMBEDDED_KEY)

    assert len(names) == len(traffic.checks[0].must_run) - 1
    assert not any("nonce" in name for name in names)
