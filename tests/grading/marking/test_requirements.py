"""What each requirement of the files handed in takes and refuses."""

from typing import Any

import pytest

from grading.hand_in.submission import Answers
from grading.judgement import Outcome, Problem
from grading.marking.requirements import REQUIREMENTS
from grading.marking.rubric import read_rubric
from grading.marking.score import score
from kitbench.errors import Fault
from tests.grading.synthetic import (
    KEY_OFFSET,
    assert_only,
    facts,
    submission,
)

RUBRIC = read_rubric()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answers": Answers("other.example", KEY_OFFSET)}, "answers.toml says 'other.example'"),
        ({"answers": Answers(None, KEY_OFFSET)}, "names no endpoint"),
        ({"sdkconfig_endpoint": "other.example"}, "project/sdkconfig says"),
        ({"sdkconfig_endpoint": Problem(Fault.STUDENT, "validate", "sdkconfig is missing")}, "sdkconfig is missing"),
    ],
)
def test_endpoint_is_lost_by_each_part(changes: dict[str, Any], reason: str) -> None:
    scored = score(RUBRIC, facts(submission(**changes)))

    assert_only({"endpoint"}, Outcome.FAILED, scored)
    assert reason in scored["endpoint"].reason


@pytest.mark.parametrize("name", REQUIREMENTS)
@pytest.mark.parametrize(("fault", "outcome"), [(Fault.STUDENT, Outcome.FAILED), (Fault.BENCH, Outcome.NOT_GRADED)])
def test_no_requirement_is_met_by_a_submission_that_is_not_there(name: str, fault: Fault, outcome: Outcome) -> None:
    complete = Outcome.NOT_GRADED if name == "mark_by_hand" else Outcome.PASSED
    assert REQUIREMENTS[name](facts()).outcome is complete

    judged = REQUIREMENTS[name](facts(Problem(fault, "unpack", "it is no archive")))

    assert (judged.outcome, judged.reason) == (outcome, "it is no archive")


@pytest.mark.parametrize("certificate", ["cd" * 32, Problem(Fault.STUDENT, "validate", "no certificate")])
def test_security_analysis_needs_the_registered_certificate(certificate: str | Problem) -> None:
    scored = score(RUBRIC, facts(submission(certificate_sha256=certificate)))

    assert_only({"security_analysis"}, Outcome.FAILED, scored)
