"""Whatever can be lost says what to do about it."""

import pytest

from grading.check.advice import ADVICE, BUILD, GAP, NOT_JUDGED, advice, advice_unjudged
from grading.marking.check_catalogue import known_checks
from grading.marking.requirements import REQUIREMENTS
from kitbench.installation import suite_path


def test_every_requirement_and_every_check_has_its_advice() -> None:
    served = {check.name for check in known_checks(suite_path()) if check.criterion}

    assert ADVICE.keys() == REQUIREMENTS.keys() | served


@pytest.mark.parametrize("name", ["soil_is_measured", *ADVICE])
def test_what_does_not_build_is_built_first(name: str) -> None:
    assert advice(name, "build") == BUILD
    assert advice(name, "connect") not in {"", BUILD}


def test_what_only_a_person_can_judge_is_left_to_one() -> None:
    assert "a person marks it" in advice_unjudged("mark_by_hand", "")
    assert advice_unjudged("kit_boots_the_app_that_was_built", "") == NOT_JUDGED
    assert advice_unjudged("kit_boots_the_app_that_was_built", "C++") == GAP
