"""When a submission says that it was packed: folders, tars, zips with and without a zone, damaged ones."""

import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grading.adjusting.packing_time import packing_time

OLD = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
NEW = datetime(2026, 11, 20, 21, 10, 30, tzinfo=UTC)
#: As a zip without a time zone has it.
LOCAL = datetime(2026, 11, 20, 22, 10, 30)  # noqa: DTZ001 - that is the point


def test_times_of_a_folder_are_those_of_whoever_unpacked_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")

    assert packing_time(tmp_path) is None


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

    assert packing_time(path) == NEW


def test_zip_of_unix_states_its_times_in_utc(tmp_path: Path) -> None:
    path = tmp_path / "s01.zip"
    with zipfile.ZipFile(path, "w") as packed:
        member = zipfile.ZipInfo("a", (2026, 11, 20, 22, 10, 30))
        member.extra = struct.pack("<HHBi", 0x5455, 5, 1, int(NEW.timestamp()))
        packed.writestr(member, b"")

    assert packing_time(path) == NEW


def test_zip_without_a_zone_states_its_local_time(tmp_path: Path) -> None:
    path = tmp_path / "s01.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(zipfile.ZipInfo("a", (2026, 11, 20, 22, 10, 30)), b"")

    assert packing_time(path) == LOCAL


def zip_of(path: Path, *times: tuple[int, int, int, int, int, int]) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for number, time in enumerate(times):
            member = zipfile.ZipInfo(f"{number}")
            member.date_time = time
            packed.writestr(member, b"")
    return path


def test_impossible_dates_and_clocks_that_run_ahead_are_passed_over(tmp_path: Path) -> None:
    possible = (2026, 11, 20, 22, 10, 30)

    assert packing_time(zip_of(tmp_path / "a.zip", (1980, 0, 0, 0, 0, 0), possible)) == LOCAL
    assert packing_time(zip_of(tmp_path / "b.zip", (2098, 1, 1, 0, 0, 0), possible)) == LOCAL
    assert packing_time(zip_of(tmp_path / "c.zip", (2098, 1, 1, 0, 0, 0))) is None


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\3\4" + bytes(100)])
def test_what_cannot_be_read_states_no_time(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s01.zip"
    path.write_bytes(content)

    assert packing_time(path) is None


def test_empty_folder_states_no_time(tmp_path: Path) -> None:
    assert packing_time(tmp_path) is None
