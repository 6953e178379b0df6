"""Whatever can be lost says what to do about it."""

import pytest

from grading.check.advice import ADVICE, BUILD, advice
from grading.check_catalogue import known_checks
from grading.requirements import REQUIREMENTS
from kitbench.installation import suite_path


def test_every_requirement_and_every_check_has_its_advice() -> None:
    served = {check.name for check in known_checks(suite_path()) if check.criterion}

    assert ADVICE.keys() == REQUIREMENTS.keys() | served


@pytest.mark.parametrize("name", ["soil_is_measured", *ADVICE])
def test_what_does_not_build_is_built_first(name: str) -> None:
    assert advice(name, "build") == BUILD
    assert advice(name, "connect") not in {"", BUILD}
