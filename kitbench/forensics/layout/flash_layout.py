"""What is where in a flash dump: partitions, app images, NVS values; and why a dump cannot be judged."""

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kitbench.firmware.elf_symbols import SymbolTable
from kitbench.flash_format import app_image, nvs, partition_table
from kitbench.flash_format.partition_table import Md5State, Partition, PartitionTable
from kitbench.forensics.layout.finding import Place
from kitbench.forensics.layout.storage import StorageLimitError, StoredValue, stored_values

SECTOR_SIZE: Final = 0x1000
#: Where a table is looked for when it is not at its default place (CONFIG_PARTITION_TABLE_OFFSET).
_LAST_TABLE_OFFSET: Final = 0x40000
#: ESP32 boots from 0x1000, later chips from 0 or 0x2000.
BOOT_LOADER_OFFSETS: Final = (0x1000, 0, 0x2000)
#: Bits per byte above which a stretch is called noise; code is near 6.5, compressed data above 7.9.
_NOISE_BITS: Final = 7.95
_SUBTYPE_NVS: Final = 0x02


@dataclass(frozen=True, slots=True)
class FlashLayout:
    """The structure of a dump.

    Attributes:
        partitions: sorted by offset, those within the dump.
        images: sound app images by partition name.
        values: NVS values and files.
        faults: why absence cannot be judged, one line each; empty when the dump is whole and readable.
        notes: oddities that do not hinder a verdict.
    """

    partitions: tuple[Partition, ...]
    images: dict[str, app_image.AppImage]
    values: tuple[StoredValue, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...]

    def place(self, offset: int, symbols: SymbolTable | None = None) -> Place:
        """Return where a flash offset is, in everybody's terms."""
        partition = next((part for part in self.partitions if offset in part), None)
        if partition is None:
            return Place(offset)
        inner = offset - partition.offset
        segment, address = self._segment(partition, inner)
        names = symbols.all_at(address) if symbols and address is not None else ()
        storage = self._value_name(offset)
        return Place(offset, partition.name, inner, segment, address, names, storage)

    def _segment(self, partition: Partition, inner: int) -> tuple[int | None, int | None]:
        image = self.images.get(partition.name)
        for index, segment in enumerate(image.segments if image else ()):
            if segment.offset <= inner < segment.offset + len(segment.data):
                return index, segment.load_address + inner - segment.offset
        return None, None

    def _value_name(self, offset: int) -> str | None:
        return next((value.title for value in self.values if offset in value), None)


def read_layout(dump: bytes) -> FlashLayout:
    """Read the structure of a dump; whatever is wrong becomes a fault or a note, nothing raises."""
    if fault := _blank(dump):
        return FlashLayout((), {}, (), (fault,), ())
    table = find_table(dump)
    if table is None:
        return FlashLayout((), {}, (), ("no partition table found: encrypted, or not a flash dump",), ())
    partitions = tuple(sorted(table.partitions, key=lambda partition: partition.offset))
    faults = _table_faults(table, partitions, dump)
    notes: list[str] = []
    images: dict[str, app_image.AppImage] = {}
    values: list[StoredValue] = []
    harm: list[str] = []
    read_until = 0
    for partition in partitions:
        if partition.offset < read_until:
            continue  # overlaps, which is a fault already: a hundred partitions of the same bytes are read once
        read_until = partition.end
        data = dump[partition.offset : partition.end]
        if partition.is_app:
            _read_app(partition, data, images, faults, notes)
        else:
            values += _stored(partition, data, harm)
            if partition.kind == partition_table.PartitionType.DATA and partition.subtype == _SUBTYPE_NVS:
                _judge_nvs(partition, data, faults)
    faults += harm
    _judge_apps(images, partitions, faults, notes)
    _judge_size(dump, faults)
    return FlashLayout(partitions, images, tuple(values), tuple(faults), tuple(notes))


def _stored(partition: Partition, data: bytes, harm: list[str]) -> list[StoredValue]:
    """Return what a partition holds; after the first that is made to harm, the others are not read."""
    if harm:
        return []
    try:
        return stored_values(partition, data)
    except StorageLimitError as error:
        harm.append(str(error))
        return error.values


def _blank(dump: bytes) -> str | None:
    if not dump.strip(b"\xff"):
        return "the flash is erased: every byte is 0xff"
    if not dump.strip(b"\0"):
        return "every byte is zero: not a flash dump"
    return None


def find_table(dump: bytes) -> PartitionTable | None:
    """Return the partition table, at its default place or at another sector near it; None when there is none."""
    offsets = range(SECTOR_SIZE, min(_LAST_TABLE_OFFSET, len(dump)), SECTOR_SIZE)
    for offset in sorted(offsets, key=lambda offset: offset != partition_table.DEFAULT_OFFSET):
        try:
            table = partition_table.parse(dump[offset : offset + partition_table.TABLE_SIZE])
        except partition_table.PartitionTableError:
            continue
        if table.partitions:
            return table
    return None


def _table_faults(table: PartitionTable, partitions: tuple[Partition, ...], dump: bytes) -> list[str]:
    faults = []
    if table.md5 is Md5State.WRONG:
        faults.append("the partition table fails its MD5: the dump was altered or torn")
    for first, second in pairwise(partitions):
        if second.offset < first.end:
            faults.append(f"partitions {first.name!r} and {second.name!r} overlap")
    beyond = next((partition for partition in partitions if partition.end > len(dump)), None)
    if beyond is not None:
        faults.append(f"truncated: partition {beyond.name!r} ends at {beyond.end:#x}, the dump at {len(dump):#x}")
    return faults


def _read_app(
    partition: Partition,
    data: bytes,
    images: dict[str, app_image.AppImage],
    faults: list[str],
    notes: list[str],
) -> None:
    if not data.strip(b"\xff"):
        return
    try:
        image = app_image.parse(data)
    except app_image.AppImageError as error:
        noise = " (looks encrypted)" if bits_per_byte(data) > _NOISE_BITS else ""
        _app_fault(partition, f"partition {partition.name!r}: {error}{noise}", faults, notes)
        return
    images[partition.name] = image
    if not image.checksum_ok or not image.hash_ok:
        what = f"partition {partition.name!r}: the app image fails its checksum or SHA-256: altered or torn"
        _app_fault(partition, what, faults, notes)


def _app_fault(partition: Partition, fault: str, faults: list[str], notes: list[str]) -> None:
    """An update slot may hold a broken download: that is common, and every byte of it is scanned all the same."""
    (notes if partition.subtype_name.startswith("ota_") else faults).append(fault)


def _judge_apps(
    images: dict[str, app_image.AppImage], partitions: tuple[Partition, ...], faults: list[str], notes: list[str]
) -> None:
    is_bootable = any(image.checksum_ok and image.hash_ok for image in images.values())
    if not is_bootable and not faults:
        names = ", ".join(partition.name for partition in partitions if partition.is_app) or "none"
        detail = f"; {notes[0]}" if notes else ""
        faults.append(f"no app partition holds a sound app image (app partitions: {names}){detail}")


def _judge_size(dump: bytes, faults: list[str]) -> None:
    if len(dump) % SECTOR_SIZE:
        faults.append(f"truncated: {len(dump)} bytes are not whole sectors of 4 KB")
    announced = next(filter(None, (_announced_size(dump, offset) for offset in BOOT_LOADER_OFFSETS)), None)
    if announced is not None and len(dump) < announced and not faults:
        faults.append(
            f"truncated: the boot loader announces {announced:#x} bytes of flash, the dump has {len(dump):#x}"
        )


def _announced_size(dump: bytes, offset: int) -> int | None:
    if dump[offset : offset + 1] != bytes([app_image.IMAGE_MAGIC]) or offset + 4 > len(dump):
        return None
    return 0x100000 << (dump[offset + 3] >> 4) if dump[offset + 3] >> 4 <= 7 else None


def _judge_nvs(partition: Partition, data: bytes, faults: list[str]) -> None:
    content = nvs.parse(data)
    if not content.is_nvs and bits_per_byte(data) > _NOISE_BITS:
        faults.append(f"partition {partition.name!r}: noise where NVS pages should be (looks encrypted)")
    if content.damaged > len(content.entries) and content.damaged > 4:
        faults.append(f"partition {partition.name!r}: most NVS entries fail their CRC (encrypted NVS?)")


def bits_per_byte(data: bytes) -> float:
    """Return the entropy of the byte frequencies, 0 to 8, without erased and zero bytes."""
    counts = Counter(data)
    counts.pop(0xFF, None)
    counts.pop(0, None)
    total = sum(counts.values())
    if total < SECTOR_SIZE:
        return 0.0
    return -sum(count / total * math.log2(count / total) for count in counts.values())
