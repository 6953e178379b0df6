"""What students make of the sample: honest firmware of every kind that a lab sees, each with full marks.

Their sources are beside this file, in `variants/`; each takes the place of the sample's publisher.
"""

from pathlib import Path
from typing import Final

from tests.corpus.desk import Edit
from tests.corpus.firmware_kinds import PASSED, PRINTS_WHAT_CAME, PUBLISHER, SESSION, firmware
from tests.corpus.kind import Family, Kind

_SOURCES: Final = Path(__file__).parent / "variants"
_OBEYS: Final = "    lamp_obey(event->data, event->data_len);\n"
_INCLUDES: Final = '#include "log_lines.h"\n'
#: What is sent while a kit sleeps, it never hears.
_NO_NONCE: Final = "nonce = false\n"


def source(name: str) -> str:
    """Return the text of a variant's file."""
    return (_SOURCES / name).read_text(encoding="utf-8")


def _variant(name: str, why: str, file: str, *edits: Edit, traffic: str = "", is_quick: bool = False) -> Kind:
    return Kind(
        name,
        Family.HONEST,
        why,
        firmware(Edit(PUBLISHER, "", source(file)), *edits),
        {"connects": PASSED, "traffic": PASSED},
        is_quick=is_quick,
        traffic=traffic,
    )


STUDENT_VARIANTS: Final[tuple[Kind, ...]] = (
    _variant("JSON by snprintf", "the rubric does not say what a message looks like", "json_snprintf.c"),
    _variant("JSON by cJSON", "cJSON comes with ESP-IDF", "json_cjson.c", is_quick=True),
    _variant("two tasks and a queue", "how a program is cut is its author's affair", "two_tasks.c"),
    _variant("a counter in NVS", "its messages go on after a restart", "nvs_counter.c"),
    _variant("local time from a time server", "it knows the time before it sends", "local_time.c"),
    _variant(
        "deep sleep between messages",
        "it cannot hear what is sent while it sleeps, and a class of sleepers is not asked to",
        "deep_sleep.c",
        traffic=_NO_NONCE,
    ),
    _variant(
        "a lamp switched by message",
        "it prints what came before it obeys",
        "lamp.c",
        Edit("main/lamp.h", "", source("lamp.h")),
        Edit(SESSION, PRINTS_WHAT_CAME, PRINTS_WHAT_CAME + _OBEYS),
        Edit(SESSION, _INCLUDES, '#include "lamp.h"\n' + _INCLUDES),
        is_quick=True,
    ),
)
