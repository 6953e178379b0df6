"""Flash and eFuses in files."""

import stat
from pathlib import Path

import pytest

from kitbench.errors import BenchError
from kitbench.virtual_kit.hardware.flash_file import FlashFile, open_efuses

MAC = bytes.fromhex("240ac4010203")


def test_missing_flash_file_is_made_erased(tmp_path: Path) -> None:
    FlashFile(tmp_path / "flash.bin").close()

    assert (tmp_path / "flash.bin").read_bytes() == b"\xff" * 0x400000


def test_files_that_are_made_are_their_users_alone(tmp_path: Path) -> None:
    FlashFile(tmp_path / "flash.bin").close()
    open_efuses(tmp_path / "efuses.bin", MAC)

    for name in ("flash.bin", "efuses.bin"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_changes_are_in_the_file_at_once(tmp_path: Path) -> None:
    flash = FlashFile(tmp_path / "flash.bin")

    flash.image.program(0x1234, b"hello")

    assert (tmp_path / "flash.bin").read_bytes()[0x1234:0x1239] == b"hello"
    flash.close()


def test_flash_comes_back(tmp_path: Path) -> None:
    first = FlashFile(tmp_path / "flash.bin")
    first.image.program(0, b"kept")
    first.close()

    second = FlashFile(tmp_path / "flash.bin")

    assert second.image.read(0, 5) == b"kept\xff"
    second.close()


def test_closed_file_is_not_written(tmp_path: Path) -> None:
    flash = FlashFile(tmp_path / "flash.bin")
    flash.close()
    flash.close()

    flash.image.program(0, b"late")

    assert (tmp_path / "flash.bin").read_bytes()[:4] == b"\xff" * 4


@pytest.mark.parametrize("size", [0, 100, 0x3FFFFF])
def test_file_of_wrong_size_is_refused_in_one_line(tmp_path: Path, size: int) -> None:
    (tmp_path / "flash.bin").write_bytes(bytes(size))

    with pytest.raises(BenchError, match=rf"flash\.bin has {size} bytes, expected the size of a flash chip"):
        FlashFile(tmp_path / "flash.bin")


def test_folder_is_no_flash_file(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="cannot be used"):
        FlashFile(tmp_path)


def test_burnt_fuses_come_back(tmp_path: Path) -> None:
    path = tmp_path / "efuses.bin"
    efuses = open_efuses(path, MAC)
    efuses.write(0xD8, 0x55)
    efuses.write(0xFC, 0x5A5A)
    efuses.write(0x104, 2)

    assert open_efuses(path, bytes(6)).read(0x78) == 0x55
    assert open_efuses(path, bytes(6)).mac == MAC


def test_wrong_efuse_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "efuses.bin").write_bytes(b"short")

    with pytest.raises(BenchError, match=r"efuses\.bin has 5 bytes, expected 288"):
        open_efuses(tmp_path / "efuses.bin", MAC)


def test_efuses_without_a_file() -> None:
    assert open_efuses(None, MAC).mac == MAC
