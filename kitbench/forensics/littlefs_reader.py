"""Reads LittleFS in a process of its own: the C library behind it may abort or loop on an image made to harm.

Run as ``python -m kitbench.forensics.littlefs_reader``: the partition on standard input, JSON on standard output.
"""

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

_BLOCK_SIZE: Final = 4096
_TIMEOUT_S: Final = 20
_MAX_FILES: Final = 2000
_MAX_OUTPUT: Final = 64 << 20


class LittleFsTimeoutError(Exception):
    """A partition takes longer to read than any honest one."""


@dataclass(frozen=True, slots=True)
class LittleFsFile:
    """A file and its content."""

    name: str
    data: bytes


def files(partition: bytes) -> list[LittleFsFile] | None:
    """Return the files of a LittleFS partition; None where it cannot be mounted.

    Raises:
        LittleFsTimeoutError: the library does not come to an end.
    """
    command = [sys.executable, "-m", "kitbench.forensics.littlefs_reader"]
    try:
        answer = subprocess.run(command, input=partition, capture_output=True, timeout=_TIMEOUT_S, check=True)
        document = json.loads(answer.stdout)
        return [LittleFsFile(name, base64.b64decode(data)) for name, data in document]
    except subprocess.TimeoutExpired:
        raise LittleFsTimeoutError(f"LittleFS not read in {_TIMEOUT_S} s") from None
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def pieces(partition: bytes, data: bytes) -> tuple[tuple[int, int], ...]:
    """Return where a file's data lie in the partition, as (offset, size) in order; what is not found is left out.

    Block n of a file begins with a pointer list of 4·(number of trailing zeros of n, plus 1) bytes, block 0 with none
    (littlefs, SPEC.md, "CTZ skip-lists"); small files stand whole within a metadata block.
    """
    result: list[tuple[int, int]] = []
    position = index = 0
    while position < len(data):
        pointers = 4 * ((index & -index).bit_length()) if index else 0
        chunk = data[position : position + _BLOCK_SIZE - pointers]
        offset = partition.find(chunk)
        if offset >= 0:
            result.append((offset, len(chunk)))
        position += len(chunk)
        index += 1
    return tuple(result)


def _read_all(partition: bytes) -> list[tuple[str, str]]:
    import littlefs  # noqa: PLC0415 - only this process may load the C library

    context = littlefs.UserContext(len(partition))
    context.buffer[:] = partition
    file_system = littlefs.LittleFS(
        context=context, block_size=_BLOCK_SIZE, block_count=len(partition) // _BLOCK_SIZE, mount=True
    )
    result: list[tuple[str, str]] = []
    total = 0
    for folder, _, names in file_system.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            with file_system.open(path, "rb") as file:
                data = file.read()
            total += len(data)
            if len(result) >= _MAX_FILES or total > _MAX_OUTPUT:
                return result
            result.append((path, base64.b64encode(data).decode()))
    return result


if __name__ == "__main__":
    json.dump(_read_all(sys.stdin.buffer.read()), sys.stdout)
