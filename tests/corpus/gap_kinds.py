"""Honest firmware that asks the virtual kit for what it lacks while it runs: not graded on it, and no point lost.

One kind stops at the gap and one waits there; which feature it is differs by a constant: see test_gaps.py of the kit.
"""

from typing import Final

from grading.judgement import Outcome
from tests.corpus.desk import Edit
from tests.corpus.firmware_kinds import PASSED, SAMPLE, STARTS, firmware
from tests.corpus.kind import Family, Kind

NOT_GRADED: Final = Outcome.NOT_GRADED
_LAST_INCLUDE: Final = '#include "publisher.h"\n'
_SOCKETS: Final = '#include <assert.h>\n#include "lwip/netdb.h"\n#include "lwip/sockets.h"\n'
_BEACON: Final = r"""    const int beacon = socket(AF_INET, SOCK_DGRAM, 0);
"""
_INSISTS: Final = "    assert(beacon >= 0);\n"
_GOES_ON: Final = "    if (beacon >= 0) {\n        close(beacon);\n    }\n"
_ASKS_A_PAGE: Final = r"""    struct addrinfo *found = NULL;
    while (getaddrinfo("api.time-of-day.org", "80", NULL, &found) != 0) {
        vTaskDelay(pdMS_TO_TICKS(1000));
    }
"""


def _kind(name: str, why: str, code: str, head: str, outcome: Outcome, lacks: str = "") -> Kind:
    edits = Edit(SAMPLE, STARTS, code + STARTS), Edit(SAMPLE, _LAST_INCLUDE, _LAST_INCLUDE + head)
    reasons = dict.fromkeys(("connects", "traffic"), f"the virtual kit lacks {lacks}.*real kit" if lacks else "")
    return Kind(name, Family.HONEST, why, firmware(*edits), dict.fromkeys(("connects", "traffic"), outcome), reasons)


GAPS: Final[tuple[Kind, ...]] = (
    _kind(
        "insists on a UDP socket",
        "a board has them; the virtual kit does not, and says so",
        _BEACON + _INSISTS,
        _SOCKETS,
        NOT_GRADED,
        "UDP sockets",
    ),
    _kind(
        "tries a UDP socket and goes on without",
        "what a kit lacks matters only where something fails behind it",
        _BEACON + _GOES_ON,
        _SOCKETS,
        PASSED,
    ),
    _kind(
        "asks a page of the Internet for the time first",
        "only the cloud notices: it never connects, as the page never answers",
        _ASKS_A_PAGE,
        _SOCKETS,
        NOT_GRADED,
        "the Internet .api.time-of-day.org.",
    ),
)
