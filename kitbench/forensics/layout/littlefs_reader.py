"""Reads LittleFS in a process of its own: the C library behind it may abort or loop on an image made to harm.

Run as ``python -m kitbench.forensics.layout.littlefs_reader``: the partition on standard input; on standard output,
file by file, a line of JSON with name and size, then the content.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from kitbench.confinement.confined_process import Box, Limits

_BLOCK_SIZE: Final = 4096
#: The superblock's name stands behind a revision count and a tag, in block 0 or in its twin.
_MAGIC: Final = b"littlefs"
_MAGIC_OFFSETS: Final = (8, _BLOCK_SIZE + 8)
#: Seconds of processor time that reading may take, and of waiting where the system does not count them.
_MAX_CPU_S: Final = 20
_TIMEOUT_S: Final = 300
_MAX_FILES: Final = 2000
#: Bytes of all lines with names and sizes.
_LARGEST_HEADS: Final = 16 << 20
#: Larger files never stand within a metadata block (littlefs, `lfs.h`, LFS_ATTR_MAX).
_MAX_INLINE: Final = 0x3FE
#: Bytes looked through for files within metadata blocks, all files together; beyond that, their places stay unnamed.
_MAX_SEARCHED: Final = 2 << 30
#: What the process may take beside its interpreter; LittleFS itself gets by with a few kilobytes.
_MAX_MEMORY: Final = 512 << 20


class LittleFsError(Exception):
    """A partition that calls itself LittleFS holds more than there is room for, or cannot be read."""


@dataclass(frozen=True, slots=True)
class LittleFsFile:
    """A file and where its content is in the partition, as (offset, size) in order; what is not found is left out."""

    name: str
    pieces: tuple[tuple[int, int], ...]


def is_littlefs(partition: bytes) -> bool:
    """Whether a superblock stands where LittleFS has one."""
    return any(partition[at : at + len(_MAGIC)] == _MAGIC for at in _MAGIC_OFFSETS)


def files(partition: bytes) -> Iterator[LittleFsFile]:
    """Yield the files of a LittleFS partition, none where there is no superblock.

    Raises:
        LittleFsError: it does not end, is damaged, or its files claim more than its size.
    """
    if not is_littlefs(partition):
        return
    largest = len(partition) + _LARGEST_HEADS
    limits = Limits(_TIMEOUT_S, _MAX_CPU_S, _MAX_MEMORY, file_size=largest, output=largest)
    ended = Box(limits).run_module("kitbench.forensics.layout.littlefs_reader", stdin=partition)
    if ended.status != 0:
        raise LittleFsError("LittleFS is damaged, or without an end")
    places = _BlockPlaces(partition)
    view = memoryview(ended.output)
    at = 0
    while at < len(view):
        line_end = ended.output.index(b"\n", at)
        head = json.loads(bytes(view[at:line_end]))
        if head["error"]:
            raise LittleFsError(head["error"])
        at = line_end + 1 + head["size"]
        yield LittleFsFile(head["name"], places.pieces(view[line_end + 1 : at]))


class _BlockPlaces:
    """Finds blocks of files in a partition.

    Block n of a file begins with a pointer list of 4·(number of trailing zeros of n, plus 1) bytes, block 0 with none
    (littlefs, SPEC.md, "CTZ skip-lists"); small files stand whole within a metadata block.
    """

    def __init__(self, partition: bytes) -> None:
        self._partition = partition
        self._blocks = range(0, len(partition) - _BLOCK_SIZE + 1, _BLOCK_SIZE)
        self._searches = _MAX_SEARCHED // len(partition)
        self._by_content: dict[int, dict[int, int]] = {}

    def pieces(self, data: memoryview) -> tuple[tuple[int, int], ...]:
        """Return where a file's data are."""
        result = []
        position = index = 0
        while position < len(data):
            pointers = 4 * ((index & -index).bit_length()) if index else 0
            chunk = data[position : position + _BLOCK_SIZE - pointers]
            whole = len(chunk) == _BLOCK_SIZE - pointers
            offset = self._full(chunk, pointers) if whole else self._partial(chunk, pointers)
            if offset is not None:
                result.append((offset, len(chunk)))
            position += len(chunk)
            index += 1
        return tuple(result)

    def _full(self, chunk: memoryview, pointers: int) -> int | None:
        """Return where a full block's data stand, by a table of all blocks as they are behind so many pointers."""
        if pointers not in self._by_content:
            view = memoryview(self._partition)
            self._by_content[pointers] = {
                hash(bytes(view[at + pointers : at + _BLOCK_SIZE])): at + pointers for at in self._blocks
            }
        offset = self._by_content[pointers].get(hash(bytes(chunk)))
        is_there = offset is not None and self._partition[offset : offset + len(chunk)] == chunk
        return offset if is_there else None

    def _partial(self, chunk: memoryview, pointers: int) -> int | None:
        """Return where the end of a file, or a small one, stands."""
        for at in self._blocks:
            if self._partition[at + pointers : at + pointers + len(chunk)] == chunk:
                return at + pointers
        if len(chunk) > _MAX_INLINE or self._searches == 0:
            return None
        self._searches -= 1
        offset = self._partition.find(chunk)
        return offset if offset >= 0 else None


def _write_all(partition: bytes, out: BinaryIO) -> None:
    """Write the files, each once; what is wrong with them is the last line."""
    import littlefs  # noqa: PLC0415 - only this process may load the C library

    context = littlefs.UserContext(len(partition))
    context.buffer[:] = partition
    # Of 0 blocks: as many as the superblock says, which may be fewer than the partition has.
    file_system: Any = littlefs.LittleFS(context=context, block_size=_BLOCK_SIZE, block_count=0, mount=True)
    room = len(partition)
    count = 0
    for folder, _, names in file_system.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            size = file_system.stat(path).size
            room -= size
            count += 1
            if room < 0 or count > _MAX_FILES:
                _write_head(out, error=f"more than {len(partition):,} bytes or {_MAX_FILES:,} files in LittleFS")
                return
            with file_system.open(path, "rb") as file:
                data = file.read()
            _write_head(out, name=path, size=len(data))
            out.write(data)


def _write_head(out: BinaryIO, *, name: str = "", size: int = 0, error: str = "") -> None:
    out.write(json.dumps({"name": name, "size": size, "error": error}).encode() + b"\n")


if __name__ == "__main__":
    _write_all(sys.stdin.buffer.read(), sys.stdout.buffer)
