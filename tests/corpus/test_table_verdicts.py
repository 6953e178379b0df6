"""The grader is right about rules, tables and readings; the honest kind belongs to every test run."""

import pytest

from grading.marking.rubric import read_rubric
from tests.corpus.kind import Kind
from tests.corpus.table_kinds import RUBRIC, TABLES
from tests.corpus.verdict import judge


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=[] if kind.is_quick else [pytest.mark.slow], id=kind.name) for kind in TABLES],
)
def test_kind_gets_the_marks_that_it_must(kind: Kind) -> None:
    verdict = judge(kind)

    assert verdict.errors() == {}, [mark.reason for mark in verdict.result.score.marks]


def test_kinds_are_about_this_rubric() -> None:
    criteria = {criterion.id for criterion in read_rubric(RUBRIC).criteria}

    assert len({kind.name for kind in TABLES}) == len(TABLES)
    assert all(set(kind.reasons) <= set(kind.outcomes) <= criteria for kind in TABLES)
