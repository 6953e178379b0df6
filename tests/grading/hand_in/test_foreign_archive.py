"""What is a real archive of a kind that is not read, and what only has its name or its first letters."""

from pathlib import Path

import pytest

from grading.hand_in.foreign_archive import foreign_kind
from tests.grading.hand_in.foreign_archives import rar4, rar5, seven_zip

REAL = {
    "s.7z": (seven_zip(), "7z"),
    "s.rar": (rar5(), "rar"),
    "old.rar": (rar4(), "rar"),
    "named.zip": (rar5(), "rar"),
    "long.rar": (rar5(header=b"\x01\x05" + b"my name of it" * 30), "rar"),
    "part.7z.001": (seven_zip()[:-30], "7z"),
    "s.iso": (bytes(0x8001) + b"CD001" + bytes(100), "iso"),
    "s.dmg": (bytes(1000) + b"koly" + bytes(508), "dmg"),
    "s.lzh": (b"\x20\x00-lh5-" + bytes(100), "lzh"),
}


@pytest.mark.parametrize("name", REAL)
def test_real_one_is_known_by_what_it_holds(tmp_path: Path, name: str) -> None:
    content, kind = REAL[name]
    (tmp_path / name).write_bytes(content)

    assert foreign_kind(tmp_path / name) == kind


SEVEN_ZIP = seven_zip()


@pytest.mark.parametrize("suffix", ["7z", "rar"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a\x07\x01\x00",
        b"7z\xbc\xaf\x27\x1c" + bytes(200),
        b"Rar!\x1a\x07\x01\x00" + bytes(200),
        b"Rar!\x1a\x07\x00" + bytes(200),
        b"Rar!\x1a\x07\x01\x00" + b"\xff" * 200,
        b"my dump is in here" * 10,
        SEVEN_ZIP[:-30],
        SEVEN_ZIP[:20] + b"\xff" + SEVEN_ZIP[21:],
    ],
)
def test_what_is_only_called_so_is_none(tmp_path: Path, suffix: str, content: bytes) -> None:
    file = tmp_path / f"dumps.{suffix}"
    file.write_bytes(content)

    assert foreign_kind(file) == ""
