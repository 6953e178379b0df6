"""The file of the index: names by header, with the versions that have them; compressed text.

    V 4.4 5.1 5.3 5.5
    H driver/ledc.h driver
    f f ledc_timer_config ledc_stop

A block begins with its header and component; then a row per kind of name and set of versions, the latter as a bit mask
in hex digits whose lowest bit is the first version's.
"""

import lzma
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from kitbench.firmware.esp_idf_index.kind import Kind

NAMES_FILE: Final = Path(__file__).with_name("names.txt.xz")


class Entry(NamedTuple):
    """A name of one version; `header` is "" for what stands in none."""

    kind: Kind
    name: str
    component: str
    header: str


def write_names(path: Path, versions: Mapping[str, Sequence[Entry]]) -> None:
    """Write the file; where a header moved to another component, the newest version's counts."""
    masks: dict[tuple[Kind, str, str], int] = defaultdict(int)
    owners: dict[str, str] = {}
    for bit, entries in enumerate(versions.values()):
        for entry in entries:
            place = entry.header or f"{entry.component}:"
            owners[place] = entry.component
            masks[entry.kind, entry.name, place] |= 1 << bit
    text = "\n".join([f"V {' '.join(versions)}", *_blocks(masks, owners), ""])
    path.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def _blocks(masks: Mapping[tuple[Kind, str, str], int], owners: Mapping[str, str]) -> Iterator[str]:
    rows: dict[str, dict[tuple[Kind, int], list[str]]] = defaultdict(lambda: defaultdict(list))
    for (kind, name, place), mask in masks.items():
        rows[place][kind, mask].append(name)
    for place in sorted(rows):
        yield f"H {place} {owners[place]}"
        yield from (f"{kind} {mask:x} {' '.join(sorted(names))}" for (kind, mask), names in sorted(rows[place].items()))
