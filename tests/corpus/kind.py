"""A kind of submission, with the outcome that it must get per criterion, and why.

How to add one: write a function that takes a `Desk` and makes the submission (a folder as `docs/grading.md` describes
it, or an archive), and wrap it in a `Kind` in the tuple of its family:

    FORGED_FIRMWARE, HONEST    tests/corpus/firmware_kinds.py, honest_kinds.py, student_variants.py
    FORGED_ROW                 tests/corpus/table_kinds.py, of the rubric course_2024
    HONEST, with parts         tests/corpus/part_kinds.py
    FORGED_DUMP of the lab     tests/corpus/dump_lab_kinds.py, of the rubric dump_lab
    FORGED_DUMP, ABUSIVE       tests/corpus/dump_kinds.py, assembled_dump_kinds.py, chip_dump_kinds.py,
                               hand_in_kinds.py

`tests/corpus/corpus.py` gathers the tuples. Only the criteria that `outcomes` names are graded, so a kind that is about
a dump runs no kit, and one that is about firmware needs no dump. Two hand-ins that differ by a constant are one kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from grading.judgement import Outcome
from grading.marking.result import SubmissionResult
from tests.corpus.desk import Desk

#: Makes a submission at a desk; returns its folder or archive.
Make = Callable[[Desk], Path]
#: Says in a few words what the submission did to this machine that it must not; empty for nothing.
Escaped = Callable[[Desk, SubmissionResult], str]


class Family(StrEnum):
    """What a kind is an example of."""

    FORGED_FIRMWARE = "forged firmware"
    HONEST = "honest but odd"
    FORGED_DUMP = "forged dump"
    FORGED_ROW = "forged row"
    ABUSIVE = "abusive"


def nothing_escaped(_desk: Desk, _result: SubmissionResult) -> str:
    """Say that there was nothing to look for."""
    return ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of submission.

    Attributes:
        name: in the table, lower case, a few words.
        why: why these are the right outcomes, in one line.
        outcomes: by the rubric's criteria; a criterion that is not named is not graded at all.
        reasons: regular expressions that the reasons of these criteria must match.
        undecidable: the argument that an honest student could hand in the same bytes; such a kind counts neither as a
            false pass nor as a false fail.
        traffic: lines of the table `[traffic]` of the class's rubric; "" for the default rubric as it is.
        is_quick: it belongs to the bounded part that every test run judges.
        is_of_the_dump_alone: no run on a kit is asked for, which would tell more.
        board: what is wired to the kit's pins, as --board takes it; None for the course's.
        rubric: that it is about; None for the first one.
        escaped: looks for what the submission did to this machine.
    """

    name: str
    family: Family
    why: str
    make: Make
    outcomes: Mapping[str, Outcome]
    reasons: Mapping[str, str] = field(default_factory=dict)
    undecidable: str = ""
    traffic: str = ""
    is_quick: bool = False
    is_of_the_dump_alone: bool = False
    board: str | None = None
    rubric: Path | None = None
    escaped: Escaped = nothing_escaped
