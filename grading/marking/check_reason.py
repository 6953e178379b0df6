"""Why a check of the on-kit suite failed, in a student's words: what was expected, what came, and where to look."""

from typing import Final

from ..judgement import LONGEST_REASON, one_line
from .run_report import Check

#: What a stage's reason begins with, for who does not know the bench's stages.
_LEAD: Final = {"build": "the project does not build", "traffic": "too many messages"}
_SERIAL: Final = "serial.log"
_CLOUD: Final = "serial.log and cloud_messages.jsonl"
#: The files of the evidence that show more; nothing where the reason names file and line itself.
_EVIDENCE: Final = {
    "build": "",
    "connect": _CLOUD,
    "cloud": _CLOUD,
    "traffic": _CLOUD,
    "audit": "verdict and flash map",
}
#: The same by check, where it is not the stage that tells.
_EVIDENCE_OF: Final = {"private_key_is_nowhere_in_flash": "the verdict and the flash map of the run"}


def check_reason(check: Check) -> str:
    """Return the reason of a check that did not pass as one line."""
    reason = check.reason.removeprefix(f"{check.stage}: ") if check.stage else check.reason
    text = one_line(f"{_LEAD[check.stage]}: {reason}" if check.stage in _LEAD else reason)
    files = _EVIDENCE_OF.get(check.name) or _EVIDENCE.get(check.stage, _SERIAL)
    look = f" (see {files})" if files else ""
    # Where to look must not be what is cut off.
    room = LONGEST_REASON - len(look)
    return (text if len(text) <= room else text[: room - 1] + "…") + look
