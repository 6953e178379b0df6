"""When a submission says that it was packed: folders, tars, zips with and without a zone, damaged ones."""

import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from grading.adjusting.packing_time import packing_time

ZONE = timezone(timedelta(hours=1))
OLD = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
NEW = datetime(2026, 11, 20, 21, 10, 30, tzinfo=UTC)


def test_folder_is_as_new_as_its_newest_file(tmp_path: Path) -> None:
    for name, time in (("a", OLD), ("b", NEW)):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (time.timestamp(), time.timestamp()))

    assert packing_time(tmp_path, ZONE) == NEW


@pytest.mark.parametrize("compression", ["", "gz", "xz"])
def test_tar_states_its_times_in_utc(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "s01.tar"
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, time in (("b", NEW), ("a", OLD)):
            member = tarfile.TarInfo(name)
            member.mtime = int(time.timestamp())
            tar.addfile(member, io.BytesIO())
    packed = plain.getvalue()
    path.write_bytes({"": packed, "gz": gzip.compress(packed), "xz": lzma.compress(packed)}[compression])

    assert packing_time(path, ZONE) == NEW


def test_zip_of_unix_states_its_times_in_utc(tmp_path: Path) -> None:
    path = tmp_path / "s01.zip"
    with zipfile.ZipFile(path, "w") as packed:
        member = zipfile.ZipInfo("a", (2026, 11, 20, 22, 10, 30))
        member.extra = struct.pack("<HHBi", 0x5455, 5, 1, int(NEW.timestamp()))
        packed.writestr(member, b"")

    assert packing_time(path, UTC) == NEW


def test_zip_without_a_zone_is_read_in_the_courses(tmp_path: Path) -> None:
    path = tmp_path / "s01.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(zipfile.ZipInfo("a", (2026, 11, 20, 22, 10, 30)), b"")

    assert packing_time(path, ZONE) == NEW


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\3\4" + bytes(100)])
def test_what_cannot_be_read_states_no_time(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s01.zip"
    path.write_bytes(content)

    assert packing_time(path, ZONE) is None


def test_empty_folder_states_no_time(tmp_path: Path) -> None:
    assert packing_time(tmp_path, ZONE) is None
