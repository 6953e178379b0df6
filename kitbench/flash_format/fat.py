"""FAT12 and FAT16 as ESP-IDF uses them, with or without its wear levelling: files, deleted ones too.

Wear levelling (ESP-IDF, `components/wear_levelling/WL_Flash.cpp`): one dummy sector wanders through the partition, and
each time it has gone round, everything has moved on by one sector. Its state stands in the last sectors.

Source: Microsoft, "FAT: General Overview of On-Disk Format", 1.03; ESP-IDF, `components/fatfs/wl_fatfsgen.py`.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SECTOR_SIZE: Final = 0x1000
_STATE_HEADER_SIZE: Final = 64
_STATE_RECORD_SIZE: Final = 16
_STATE_COPIES: Final = 2
#: Boot sector from +11: bytes per sector, sectors per cluster, reserved sectors, FATs, root entries, sectors, media,
#: sectors per FAT; the 32-bit number of sectors stands at +32.
_BOOT: Final = struct.Struct("<HBHBHHBH")
_ENTRY_SIZE: Final = 32
_ATTRIBUTE_VOLUME: Final = 0x08
_ATTRIBUTE_FOLDER: Final = 0x10
_DELETED: Final = 0xE5
_MAX_FILES: Final = 4096


class FatLimitError(Exception):
    """A volume has more files than are read, or its folders claim more clusters than there are."""


_MAX_DEPTH: Final = 8
#: Volumes with fewer clusters have 12-bit entries.
_FAT12_CLUSTERS: Final = 4085


@dataclass(frozen=True, slots=True)
class FatFile:
    """A file; `pieces` are (partition offset, size) in order. A deleted one is taken to have been in one piece."""

    name: str
    is_deleted: bool
    pieces: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Volume:
    """A FAT volume; `sectors[i]` is where its i-th 4 KB stand in the partition."""

    partition: bytes
    sectors: tuple[int, ...]
    sector_size: int
    cluster_size: int
    fat_offset: int
    root_offset: int
    root_entries: int
    data_offset: int
    clusters: int

    def read(self, offset: int, size: int) -> bytes:
        return b"".join(self.partition[begin : begin + length] for begin, length in self.pieces(offset, size))

    def pieces(self, offset: int, size: int) -> Iterator[tuple[int, int]]:
        """Yield where a stretch of the volume stands in the partition."""
        end = min(offset + size, len(self.sectors) * SECTOR_SIZE)
        while offset < end:
            inner = offset % SECTOR_SIZE
            length = min(SECTOR_SIZE - inner, end - offset)
            yield self.sectors[offset // SECTOR_SIZE] + inner, length
            offset += length

    def next_cluster(self, cluster: int) -> int:
        """Return the FAT's entry; 0 where there is none."""
        if self.clusters < _FAT12_CLUSTERS:
            pair = self.read(self.fat_offset + cluster * 3 // 2, 2).ljust(2, b"\0")
            word = int.from_bytes(pair, "little")
            return word >> 4 if cluster % 2 else word & 0xFFF
        return int.from_bytes(self.read(self.fat_offset + 2 * cluster, 2), "little")

    def chain(self, first: int, size: int, *, is_deleted: bool) -> list[int]:
        """Return the clusters of a file; a cyclic or endless chain ends where the size is reached."""
        result: list[int] = []
        cluster = first
        limit = min(-(-size // self.cluster_size), self.clusters)
        while 2 <= cluster < self.clusters + 2 and len(result) < limit:
            result.append(cluster)
            cluster = cluster + 1 if is_deleted else self.next_cluster(cluster)
        return result

    def cluster_offset(self, cluster: int) -> int:
        return self.data_offset + (cluster - 2) * self.cluster_size


def files(partition: bytes) -> Iterator[FatFile]:
    """Yield the files of the volume in a partition; nothing where there is none.

    Raises:
        FatLimitError: more of them, or larger folders, than any honest volume has.
    """
    # A wear-levelled volume may look like a plain one whose sectors are in disorder: its state decides.
    for sectors in (_levelled(partition), _plain(partition)):
        volume = _mount(partition, sectors)
        if volume is not None:
            root = volume.read(volume.root_offset, volume.root_entries * _ENTRY_SIZE)
            budget = [_MAX_FILES + volume.clusters]
            yield from _folder(volume, root, "", 0, budget)
            return


def _plain(partition: bytes) -> tuple[int, ...]:
    return tuple(range(0, len(partition) - SECTOR_SIZE + 1, SECTOR_SIZE))


def _levelled(partition: bytes) -> tuple[int, ...]:
    """Return where the sectors of a wear-levelled volume stand, in its own order; nothing without a state."""
    total = len(partition) // SECTOR_SIZE
    state_sectors = -(-(_STATE_HEADER_SIZE + _STATE_RECORD_SIZE * total) // SECTOR_SIZE)
    physical = total - _STATE_COPIES * state_sectors - 1
    if physical < 2:
        return ()
    state = partition[physical * SECTOR_SIZE : (physical + state_sectors) * SECTOR_SIZE]
    if int.from_bytes(state[4:8], "little") != physical:  # max_pos: the sectors, dummy included
        return ()
    move_count = int.from_bytes(state[8:12], "little")
    erased = b"\xff" * _STATE_RECORD_SIZE
    dummy = 0
    for at in range(_STATE_HEADER_SIZE, len(state) - _STATE_RECORD_SIZE + 1, _STATE_RECORD_SIZE):
        if state[at : at + _STATE_RECORD_SIZE] == erased:
            break
        dummy += 1
    order = [sector for sector in range(physical) if sector != dummy % physical]
    turn = move_count % len(order)
    return tuple(sector * SECTOR_SIZE for sector in order[len(order) - turn :] + order[: len(order) - turn])


def _mount(partition: bytes, sectors: tuple[int, ...]) -> _Volume | None:
    """Return the volume whose boot sector stands first, if it is one."""
    if not sectors:
        return None
    boot = partition[sectors[0] : sectors[0] + 512]
    if len(boot) < 512 or boot[510:512] != b"\x55\xaa":
        return None
    sector_size, per_cluster, reserved, fats, root_entries, small_count, _, fat_size = _BOOT.unpack_from(boot, 11)
    if sector_size not in {512, 1024, 2048, 4096} or not per_cluster or not fats or not fat_size:
        return None
    count = small_count or int.from_bytes(boot[32:36], "little")
    root_offset = (reserved + fats * fat_size) * sector_size
    data_offset = root_offset + -(-root_entries * _ENTRY_SIZE // sector_size) * sector_size
    size = min(count * sector_size, len(sectors) * SECTOR_SIZE)
    clusters = max(0, size - data_offset) // (per_cluster * sector_size)
    return _Volume(
        partition, sectors, sector_size, per_cluster * sector_size, reserved * sector_size, root_offset, root_entries,
        data_offset, clusters,
    )  # fmt: skip


def _folder(volume: _Volume, table: bytes, path: str, depth: int, budget: list[int]) -> Iterator[FatFile]:
    for at in range(0, len(table) - _ENTRY_SIZE + 1, _ENTRY_SIZE):
        entry = table[at : at + _ENTRY_SIZE]
        attributes = entry[11]
        if entry[0] == 0:
            return
        if attributes & _ATTRIBUTE_VOLUME or entry[0] == ord("."):
            continue
        _claim(budget, 1)
        is_deleted = entry[0] == _DELETED
        first, size = struct.unpack_from("<HI", entry, 26)
        name = f"{path}/{_name(entry)}"
        if not attributes & _ATTRIBUTE_FOLDER:
            yield FatFile(name, is_deleted, _file_pieces(volume, first, size, is_deleted=is_deleted))
        elif depth < _MAX_DEPTH:
            chain = volume.chain(first, 1 << 20, is_deleted=is_deleted)
            _claim(budget, len(chain))
            inner = b"".join(volume.read(volume.cluster_offset(cluster), volume.cluster_size) for cluster in chain)
            yield from _folder(volume, inner, name, depth + 1, budget)


def _claim(budget: list[int], count: int) -> None:
    budget[0] -= count
    if budget[0] < 0:
        raise FatLimitError("more files and folders than the volume has room for")


def _file_pieces(volume: _Volume, first: int, size: int, *, is_deleted: bool) -> tuple[tuple[int, int], ...]:
    pieces: list[tuple[int, int]] = []
    for cluster in volume.chain(first, size, is_deleted=is_deleted):
        length = min(volume.cluster_size, size)
        pieces += volume.pieces(volume.cluster_offset(cluster), length)
        size -= length
    return tuple(pieces)


def _name(entry: bytes) -> str:
    stem = entry[:8].decode("ascii", "backslashreplace").rstrip()
    extension = entry[8:11].decode("ascii", "backslashreplace").rstrip()
    return f"{stem}.{extension}" if extension else stem
