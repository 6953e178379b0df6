"""All kinds of the corpus."""

from typing import Final

from tests.corpus.answer_kinds import ANSWERS
from tests.corpus.assembled_dump_kinds import ASSEMBLED_DUMP, HONEST_ASSEMBLED_DUMP
from tests.corpus.chip_dump_kinds import FORGED_CHIP_DUMP, HONEST_CHIP_DUMP
from tests.corpus.dump_kinds import FORGED_DUMP, HONEST_DUMP
from tests.corpus.firmware_kinds import FORGED_FIRMWARE
from tests.corpus.gap_kinds import GAPS
from tests.corpus.habit_kinds import HABITS, OMISSIONS
from tests.corpus.hand_in_kinds import ABUSIVE
from tests.corpus.honest_kinds import HONEST
from tests.corpus.kind import Kind
from tests.corpus.part_kinds import PARTS
from tests.corpus.student_variants import STUDENT_VARIANTS

CORPUS: Final[tuple[Kind, ...]] = (
    *ANSWERS,
    *FORGED_FIRMWARE,
    *OMISSIONS,
    *HONEST,
    *HABITS,
    *STUDENT_VARIANTS,
    *PARTS,
    *GAPS,
    *FORGED_DUMP,
    *HONEST_DUMP,
    *ASSEMBLED_DUMP,
    *HONEST_ASSEMBLED_DUMP,
    *FORGED_CHIP_DUMP,
    *HONEST_CHIP_DUMP,
    *ABUSIVE,
)
