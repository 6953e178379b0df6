"""What is hidden of a name, and what is not."""

from pathlib import Path

import pytest

from grading.anonymity.concealment import Concealment
from grading.anonymity.pseudonyms import pseudonyms_of
from grading.hand_in.class_folder import ClassList
from grading.judgement import Problem
from grading.roster import Person, RosterEntry
from kitbench.errors import Fault

SOMEBODY = RosterEntry("s01", "s01.iot.example.com", "a" * 64, person=Person("Ana Maria Silva", "ana@uni.example"))
OTHER = RosterEntry("s02", "s02.iot.example.com", "b" * 64, person=Person("An Other"))


@pytest.fixture(name="conceal")
def _conceal(tmp_path: Path) -> Concealment:
    nothing = Problem(Fault.STUDENT, "submission", "nothing was handed in")
    return Concealment.of(
        pseudonyms_of((SOMEBODY, OTHER), tmp_path), ClassList(((SOMEBODY, nothing), (OTHER, nothing)))
    )


@pytest.mark.parametrize(
    "name", ["s01", "Ana Maria Silva", "ana_maria_silva", "AnaMariaSilva", "anamariasilva", "Silva, Ana Maria"]
)
def test_name_is_hidden_however_a_project_is_called_by_it(conceal: Concealment, name: str) -> None:
    assert conceal.text(f"{name}_lab/main.c:3") == f"{conceal.text('s01')}_lab/main.c:3"
    assert conceal.text("s01").startswith("anon-")


@pytest.mark.parametrize("text", ["another", "banal", "s01.iot.example.com"])
def test_word_and_endpoint_stay_what_they_are(conceal: Concealment, text: str) -> None:
    """A mark follows from the endpoint that was handed in: hidden, it would be another one than the roster's."""
    assert conceal.text(text) == text
