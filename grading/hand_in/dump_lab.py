"""What the lab on dumps asks of flash.bin and altered.bin, read in a confined process: names, passwords, what boots."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import KitError
from kitbench.flash_format import nvs, partition_table
from kitbench.flash_format.boot_chain import TABLE_OFFSET, boot_problem
from kitbench.flash_format.partition_table import PartitionTable, PartitionTableError

#: The flash that was written back.
ALTERED_FILE: Final = "altered.bin"
#: Where ESP-IDF's Wi-Fi driver keeps its password. Source: esp_wifi, namespace `nvs.net80211`.
_WIFI_KEYS: Final = frozenset({"sta.pswd", "ap.passwd"})
#: A project's setting of a password, under whatever name an example gives it.
_SETTING: Final = re.compile(r'CONFIG_[A-Z0-9_]{0,60}?WIFI_PASS(?:WORD|WD)?="([^"]{1,64})"')
#: Passwords, and places of one, that are kept.
_MOST: Final = 40
_LONGEST_PASSWORD: Final = 64
_NVS_SUBTYPE: Final = 0x02


@dataclass(frozen=True, slots=True)
class FoundPassword:
    """A Wi-Fi password, and the flash offset at which it begins."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class DumpLab:
    """What the two files hold.

    Attributes:
        partitions: names in the order of the table in flash.bin; empty where `table_problem` says why.
        passwords: Wi-Fi passwords in flash.bin, once for each place.
        altered: whether altered.bin was handed in.
        altered_problem: why altered.bin cannot have been written back in the place of flash.bin; "" where it can.
        changed: bytes that differ.
        boot_problem: why altered.bin does not boot; "" where it does.
    """

    partitions: tuple[str, ...] = ()
    table_problem: str = ""
    passwords: tuple[FoundPassword, ...] = ()
    altered: bool = False
    altered_problem: str = ""
    changed: int = 0
    boot_problem: str = ""


def read_dump_lab(flash: bytes, altered: bytes | None, sdkconfig: str) -> DumpLab:
    """Return what the lab asks of a dump, of the flash that was written back, and of the project's settings."""
    try:
        table = partition_table.parse(flash[TABLE_OFFSET:])
    except PartitionTableError as error:
        table, problem = PartitionTable(()), f"flash.bin has no partition table: {error}"
    else:
        problem = "" if table.partitions else "flash.bin has no partition table"
    passwords = tuple(dict.fromkeys([*_in_nvs(flash, table), *_in_apps(flash, table, sdkconfig)]))[:_MOST]
    names = tuple(one.name for one in table.partitions)
    if altered is None:
        return DumpLab(names, problem, passwords)
    wrong_size = len(altered) != len(flash)
    why = f"{ALTERED_FILE} has {len(altered)} bytes, flash.bin {len(flash)}" if wrong_size else ""
    changed = 0 if wrong_size else _count_differences(flash, altered)
    return DumpLab(names, problem, passwords, True, why, changed, boot_problem(altered))


def _in_nvs(flash: bytes, table: PartitionTable) -> Iterator[FoundPassword]:
    for partition in table.partitions:
        if partition.is_app or partition.subtype != _NVS_SUBTYPE:
            continue
        for value in nvs.parse(flash[partition.offset : partition.end]).values():
            password = value.data.partition(b"\0")[0]
            if value.key in _WIFI_KEYS and 0 < len(password) <= _LONGEST_PASSWORD and value.pieces:
                yield FoundPassword(password.decode(errors="replace"), partition.offset + value.pieces[0][0])


def _in_apps(flash: bytes, table: PartitionTable, sdkconfig: str) -> Iterator[FoundPassword]:
    """Yield where the passwords of the project's settings stand in an app: whole, and not within a longer text."""
    # Line by line, each from its beginning: a search would take the square of a file of nothing but "CONFIG_".
    settings = (_SETTING.fullmatch(line.strip()) for line in sdkconfig.split("\n"))
    found = dict.fromkeys(match[1] for match in settings if match)
    for password in list(found)[:_MOST]:
        needle = password.encode() + b"\0"
        for app in table.apps:
            at = flash.find(needle, app.offset, app.end)
            for _ in range(_MOST):
                if at < 0:
                    break
                if not 0x20 < flash[at - 1] < 0x7F:
                    yield FoundPassword(password, at)
                at = flash.find(needle, at + 1, app.end)


def _count_differences(one: bytes, other: bytes) -> int:
    """Return how many bytes differ; page by page, as most of a flash does not."""
    page = 4096
    pairs = ((one[at : at + page], other[at : at + page]) for at in range(0, len(one), page))
    return sum(sum(map(int.__ne__, left, right)) for left, right in pairs if left != right)


def read_altered(path: Path, sizes: tuple[int, ...]) -> bytes:
    """Return the flash that was written back.

    Raises:
        KitError: it has not the size of a flash.
    """
    size = path.stat().st_size
    if size not in sizes:
        raise KitError(f"{ALTERED_FILE} has {size} bytes, not those of a whole flash", stage="validate")
    return path.read_bytes()
