"""Without a roster, the folder says who it is; what was given is compared."""

from dataclasses import replace

import pytest

from grading.check.own_entry import completed, given_entry
from grading.hand_in.submission import Answers
from grading.judgement import MISSING, Outcome, Problem
from grading.marking.requirements import REQUIREMENTS
from kitbench.errors import Fault
from tests.grading.synthetic import ENDPOINT, SHA256, facts, submission

NOTHING = Problem(Fault.STUDENT, MISSING, "answers.toml is missing")
OTHER = "b2c3d4-ats.iot.eu-west-1.amazonaws.com"


def test_folder_says_what_was_not_given() -> None:
    student, _ = completed(given_entry(None, None), submission(dumps={}))

    assert (student.endpoint, student.certificate_sha256) == (ENDPOINT, SHA256)
    assert (student.endpoint_origin, student.certificate_origin) == ("your folder's", "your folder's")


@pytest.mark.parametrize("answers", [NOTHING, Answers(None, None), Answers("no host at all", None)])
def test_sdkconfig_says_the_endpoint_where_answers_do_not(answers: Answers | Problem) -> None:
    student, _ = completed(given_entry(None, None), submission(answers=answers, dumps={}))

    assert student.knows_endpoint
    assert student.endpoint == ENDPOINT


def test_nothing_is_known_where_nothing_says_it() -> None:
    empty = submission(answers=NOTHING, sdkconfig_endpoint=NOTHING, certificate_sha256=NOTHING, dumps={})

    assert not completed(given_entry(None, None), empty)[0].knows_endpoint


def test_what_was_given_is_compared() -> None:
    given = given_entry(f" https://{OTHER.upper()}:8883/ ", ":".join(["CD"] * 32))

    student, same = completed(given, submission())
    known = replace(facts(same), student=student)

    assert same == submission()
    assert REQUIREMENTS["endpoint_in_answers"](known).reason == (
        f"answers.toml says '{ENDPOINT}', but the given endpoint is '{OTHER}'"
    )
    assert REQUIREMENTS["certificate_is_registered"](known).outcome is Outcome.FAILED


def test_files_that_disagree_are_told_so_without_a_roster() -> None:
    student, torn = completed(given_entry(None, None), submission(sdkconfig_endpoint=OTHER, dumps={}))

    reason = REQUIREMENTS["endpoint_in_sdkconfig"](replace(facts(torn), student=student)).reason

    assert reason == f"project/sdkconfig says '{OTHER}', but your folder's endpoint is '{ENDPOINT}'"


@pytest.mark.parametrize(("endpoint", "digest"), [("a b", None), (None, "xyz")])
def test_what_cannot_have_been_given_is_refused(endpoint: str | None, digest: str | None) -> None:
    with pytest.raises(ValueError, match="is not"):
        given_entry(endpoint, digest)
