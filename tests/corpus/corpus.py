"""All kinds of the corpus."""

from typing import Final

from tests.corpus.firmware_kinds import FORGED_FIRMWARE
from tests.corpus.honest_kinds import HONEST
from tests.corpus.kind import Kind

CORPUS: Final[tuple[Kind, ...]] = (*FORGED_FIRMWARE, *HONEST)
