"""The flash that a project needs, by its files."""

from pathlib import Path

import pytest

from kitbench.firmware.flash_size import flash_size_name, kit_flash_size


@pytest.mark.parametrize(
    ("files", "size"),
    [
        ({}, "4MB"),
        ({"sdkconfig": "CONFIG_ESPTOOLPY_FLASHSIZE_2MB=y\n"}, "4MB"),
        ({"sdkconfig.defaults": "CONFIG_ESPTOOLPY_FLASHSIZE_16MB=y\n"}, "16MB"),
        ({"sdkconfig": "# CONFIG_ESPTOOLPY_FLASHSIZE_16MB is not set\nCONFIG_ESPTOOLPY_FLASHSIZE_8MB=y\r\n"}, "8MB"),
        (
            {
                "sdkconfig": "CONFIG_ESPTOOLPY_FLASHSIZE_2MB=y\n",
                "sdkconfig.defaults": "CONFIG_ESPTOOLPY_FLASHSIZE_8MB=y\n",
            },
            "4MB",
        ),
        ({"sdkconfig": "CONFIG_ESPTOOLPY_FLASHSIZE_64MB=y\n"}, "4MB"),
    ],
)
def test_flash_is_what_the_winning_file_says(tmp_path: Path, files: dict[str, str], size: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_bytes(text.encode())

    assert kit_flash_size(tmp_path) == size


def test_build_of_a_size_has_its_name() -> None:
    assert [flash_size_name(megabytes << 20) for megabytes in (2, 4, 8, 16)] == ["4MB", "4MB", "8MB", "16MB"]
