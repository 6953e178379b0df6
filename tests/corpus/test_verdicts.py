"""The grader is right about every kind of submission; a bounded part of the corpus belongs to every test run."""

import pytest

from grading.judgement import Outcome
from grading.marking.rubric import read_rubric
from tests.corpus.corpus import CORPUS
from tests.corpus.kind import Kind
from tests.corpus.verdict import Error, error_of, judge


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=[] if kind.is_quick else [pytest.mark.slow], id=kind.name) for kind in CORPUS],
)
def test_kind_gets_the_marks_that_it_must(kind: Kind) -> None:
    verdict = judge(kind)

    assert verdict.errors() == {}, [mark.reason for mark in verdict.result.score.marks]
    assert not verdict.escaped


def test_kinds_are_told_apart_and_say_why() -> None:
    criteria = {criterion.id for criterion in read_rubric().criteria}

    assert len({kind.name for kind in CORPUS}) == len(CORPUS)
    for kind in CORPUS:
        assert kind.why, kind.name
        assert kind.outcomes, kind.name
        assert set(kind.outcomes) <= criteria, kind.name
        assert set(kind.reasons) <= set(kind.outcomes), kind.name


@pytest.mark.parametrize(
    ("expected", "given", "error"),
    [
        (Outcome.FAILED, Outcome.FAILED, None),
        (Outcome.FAILED, Outcome.PASSED, Error.FALSE_PASS),
        (Outcome.PASSED, Outcome.FAILED, Error.FALSE_FAIL),
        (Outcome.PASSED, Outcome.NOT_GRADED, Error.NOT_GRADED),
        (Outcome.FAILED, Outcome.NOT_GRADED, Error.NOT_GRADED),
    ],
)
def test_errors_are_told_apart(expected: Outcome, given: Outcome, error: Error | None) -> None:
    assert error_of(expected, given) is error
