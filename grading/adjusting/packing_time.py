"""When a submission was packed, by its own metadata: the newest time that an archive states.

A student can set it, so that `submitted.csv` goes before it. Times of a folder's files are not taken: unpacking or
copying a class sets them anew. An archive is hostile input: it is read in a confined
process, as ``python -m grading.adjusting.packing_time ARCHIVE``, which prints seconds since 1970, or nothing.
"""

import contextlib
import struct
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kitbench.confinement.confined_process import Box, Limits

_LIMITS: Final = Limits(seconds=20, cpu_seconds=10, memory=400 << 20, file_size=4096)
_MOST_MEMBERS: Final = 20_000
#: APPNOTE.TXT 4.5.7 and Info-ZIP's extra field 0x5455: flags, then the time of modification in UTC.
_EXTENDED_TIME: Final = 0x5455
_NO_ZONE: Final = "local"
#: Of a local time before UTC's, in seconds.
_MOST_AHEAD_S: Final = 14 * 3600


def packing_time(source: Path) -> datetime | None:
    """Return the newest time that an archive states, or None when it states none that can be.

    Args:
        source: an archive; a folder states none.

    Returns:
        With a time zone, but for zips that say none, as those of Windows: their time is the packer's local one.
    """
    if source.is_dir():
        return None
    box = Box(_LIMITS, readable=(source.resolve(),))
    words = box.run_module(__spec__.name, arguments=[str(source.resolve())]).output.decode("ascii", "replace").split()
    if len(words) != 2 or words[0] not in {"utc", _NO_ZONE}:
        return None
    try:
        newest = datetime.fromtimestamp(int(words[1]), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return newest.replace(tzinfo=None) if words[0] == _NO_ZONE else newest


def _tar_times(archive: Path) -> Iterator[tuple[str, int]]:
    with tarfile.open(archive) as tar:
        for _ in range(_MOST_MEMBERS):
            member = tar.next()
            if member is None:
                return
            yield "utc", int(member.mtime)


def _zip_times(archive: Path) -> Iterator[tuple[str, int]]:
    with zipfile.ZipFile(archive) as packed:
        for member in packed.infolist()[:_MOST_MEMBERS]:
            known = _extended_time(member.extra)
            if known is not None:
                yield "utc", known
            else:
                with contextlib.suppress(ValueError):  # day and month may be 0, as some packers write them
                    yield _NO_ZONE, int(datetime(*member.date_time, tzinfo=UTC).timestamp())


def _extended_time(extra: bytes) -> int | None:
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _EXTENDED_TIME and len(field) >= 5 and field[0] & 1:
            return int.from_bytes(field[1:5], "little", signed=True)
    return None


def main() -> None:
    """Print the newest time of the archive that is named, and whether it is in UTC."""
    archive = Path(sys.argv[1])
    times = _zip_times(archive) if zipfile.is_zipfile(archive) else _tar_times(archive)
    # A clock that ran ahead is no lateness. Local times are up to 14 hours ahead of UTC.
    latest = time.time() + _MOST_AHEAD_S
    possible = [one for one in times if 0 < one[1] <= latest]
    if possible:
        zone, newest = max(possible, key=lambda one: one[1])
        sys.stdout.write(f"{zone} {newest}\n")


if __name__ == "__main__":
    main()
