"""The rubric that was handed out, what is beside it, and the criteria that are asked for."""

from pathlib import Path

import pytest

from grading.check.handed_out import read_handed_out
from grading.marking.rubric import rubric_text
from grading.marking.witness import WitnessRule
from grading.variant import Variant
from kitbench.errors import UsageError
from kitbench.installation import suite_path

OWN = '''
import pytest
pytestmark = [pytest.mark.hardware, pytest.mark.criterion("light")]
def test_led_is_on(running_kit):
    """The LED is on."""
'''
ASKS = """
[[criterion]]
id = "light"
title = "Light"
points = 1
text = "The LED is on."
[[criterion.checks]]
variant = "embedded_key"
criterion = "light"
"""


def test_course_has_its_own_rubric() -> None:
    course = read_handed_out(None, None, (), suite_path())

    assert len(course.rubric.criteria) == 5
    assert (course.checks, course.template, course.needs_witness) == (None, None, False)


def test_only_cuts_down_what_is_run() -> None:
    endpoint = read_handed_out(None, None, ["endpoint"], suite_path()).rubric
    both = read_handed_out(None, None, ["traffic", "endpoint"], suite_path()).rubric

    assert endpoint.variants == ()
    assert [one.id for one in both.criteria] == ["endpoint", "traffic"]
    assert both.variants == (Variant.EMBEDDED_KEY,)


def test_only_of_no_criterion_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"trafic.*traffic"):
        read_handed_out(None, None, ["trafic"], suite_path())


def test_checks_and_template_lie_beside_the_rubric(tmp_path: Path) -> None:
    rubric = tmp_path / "rubric.toml"
    rubric.write_text(rubric_text() + ASKS, encoding="utf-8")
    with pytest.raises(UsageError, match="light"):
        read_handed_out(rubric, None, (), suite_path())
    for name in ("checks", "template"):
        (tmp_path / name).mkdir()
    (tmp_path / "checks" / "test_own.py").write_text(OWN, encoding="utf-8")

    found = read_handed_out(rubric, None, ["light"], suite_path())

    assert (found.checks, found.template) == (tmp_path / "checks", tmp_path / "template")
    assert found.rubric.checks_in(Variant.EMBEDDED_KEY) == ("led_is_on",)


def test_witness_is_the_benchs_affair(tmp_path: Path) -> None:
    rubric = tmp_path / "rubric.toml"
    rubric.write_text(rubric_text().replace('witness = "preferred"', 'witness = "required"'), encoding="utf-8")

    found = read_handed_out(rubric, None, (), suite_path())

    assert found.needs_witness
    assert found.rubric.witness is WitnessRule.PREFERRED


def test_folder_of_checks_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        read_handed_out(None, tmp_path / "none", (), suite_path())
