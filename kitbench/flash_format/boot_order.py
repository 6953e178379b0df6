"""Which app the second-stage boot loader tries first, second, …, by what the OTA data select. Pure.

Source: ESP-IDF v5.1.4, `bootloader_support/src/bootloader_utility.c`, `bootloader_common.c`, and
`include/esp_flash_partitions.h` (esp_ota_select_entry_t).
"""

import struct
import zlib
from collections.abc import Sequence
from typing import Final

from kitbench.flash_format.partition_table import SECTOR_SIZE, Partition, PartitionType

_OTA_SUBTYPES: Final = range(0x10, 0x20)
_FACTORY: Final = 0x00
_TEST: Final = 0x20
_OTA_DATA: Final = (PartitionType.DATA, 0x00)
#: esp_ota_select_entry_t: sequence, label, state, CRC of the sequence.
_ENTRY: Final = struct.Struct("<I20sII")
_UNBOOTABLE_STATES: Final = frozenset({3, 4})  # ESP_OTA_IMG_INVALID, ESP_OTA_IMG_ABORTED
_ERASED_WORD: Final = 0xFFFFFFFF


def ota_data(partitions: Sequence[Partition]) -> Partition | None:
    """Return the partition that selects a slot; None where there is none of two sectors."""
    found = next((one for one in partitions if (one.kind, one.subtype) == _OTA_DATA), None)
    return found if found is not None and found.size >= 2 * SECTOR_SIZE else None


def ota_slots(partitions: Sequence[Partition]) -> list[Partition]:
    """Return the OTA slots by their number."""
    slots = (one for one in partitions if one.is_app and one.subtype in _OTA_SUBTYPES)
    return sorted(slots, key=lambda slot: slot.subtype)


def selected_slot(data: bytes, count: int) -> int | None:
    """Return which of so many slots the content of the OTA data partition selects; None for none."""
    sequence = max((_sequence(data[at : at + _ENTRY.size]) for at in (0, SECTOR_SIZE)), default=0)
    return (sequence - 1) % count if sequence > 0 and count else None


def boot_order(partitions: Sequence[Partition], selected: int | None) -> list[Partition]:
    """Return the apps in the order in which they are tried: the first one that passes its check starts.

    From the selected slot down, then factory, then the slots above it, then the test app.
    """
    slots = ota_slots(partitions)
    rest = {subtype: [one for one in partitions if one.is_app and one.subtype == subtype][:1]
            for subtype in (_FACTORY, _TEST)}  # fmt: skip
    above = 0 if selected is None else selected + 1
    return slots[:above][::-1] + rest[_FACTORY] + slots[above:] + rest[_TEST]


def _sequence(entry: bytes) -> int:
    """Return the sequence number of an entry; 0 where it is not valid."""
    if len(entry) < _ENTRY.size:
        return 0
    sequence, _, state, crc = _ENTRY.unpack(entry)
    is_valid = (
        sequence != _ERASED_WORD and state not in _UNBOOTABLE_STATES and crc == zlib.crc32(entry[:4], _ERASED_WORD)
    )
    return int(sequence) if is_valid else 0
