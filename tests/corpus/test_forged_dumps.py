"""No forged dump gets a point where the rubric asks for a witness, not even those that no file can tell."""

from dataclasses import replace

import pytest

from grading.judgement import Outcome
from grading.marking.score import score
from grading.marking.witness import WitnessRule
from tests.corpus.assembled_dump_kinds import ASSEMBLED_DUMP
from tests.corpus.chip_dump_kinds import FORGED_CHIP_DUMP
from tests.corpus.dump_kinds import FORGED_DUMP
from tests.corpus.kind import Kind
from tests.corpus.verdict import judge

FORGED = (*FORGED_DUMP, *ASSEMBLED_DUMP, *FORGED_CHIP_DUMP)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FORGED, ids=[kind.name for kind in FORGED])
def test_forged_dump_passes_nothing_that_asks_for_a_witness(kind: Kind) -> None:
    verdict = judge(kind)

    asked = score(verdict.rubric, replace(verdict.result.facts, witness_rule=WitnessRule.REQUIRED))

    assert Outcome.PASSED not in {mark.outcome for mark in asked.marks}
