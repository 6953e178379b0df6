"""The arguments that a build leaves for esptool."""

import json
from pathlib import Path

import esptool
import pytest

from kitbench.virtual_kit.toolchain.flash_arguments import FlashArguments

ARGUMENTS = FlashArguments(
    {"flash_mode": "dio", "flash_freq": "40m", "flash_size": "8MB"},
    {0x20000: "app.bin", 0x9000: "partition_table/partition-table.bin", 0x1000: "bootloader/bootloader.bin"},
    {"bootloader": 0x1000, "app": 0x20000, "partition-table": 0x9000},
)


def test_flash_args_are_esp_idfs_lines() -> None:
    assert ARGUMENTS.argument_files()["flash_args"].decode().splitlines() == [
        "--flash_mode dio --flash_freq 40m --flash_size 8MB",
        "0x1000 bootloader/bootloader.bin",
        "0x9000 partition_table/partition-table.bin",
        "0x20000 app.bin",
    ]


def test_app_and_boot_loader_have_files_of_their_own() -> None:
    files = ARGUMENTS.argument_files()

    assert files["flash_app_args"].decode().splitlines()[1:] == ["0x20000 app.bin"]
    assert files["flash_bootloader_args"].decode().splitlines()[1:] == ["0x1000 bootloader/bootloader.bin"]
    assert files["flash_project_args"] == files["flash_args"]


def test_json_and_text_say_the_same() -> None:
    files = ARGUMENTS.argument_files()
    flash_files = json.loads(files["flasher_args.json"])["flash_files"]

    assert [f"{offset} {name}" for offset, name in flash_files.items()] == files["flash_args"].decode().splitlines()[1:]


def test_esptool_reads_a_name_with_a_blank_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd = FlashArguments({"flash_size": "2MB"}, {0x1000: "b o.bin"}, {"bootloader": 0x1000, "app": 0x1000})
    Path("flash_args").write_bytes(odd.argument_files()["flash_args"])

    assert esptool.expand_file_arguments(["write-flash", "@flash_args"])[-2:] == ["0x1000", "b o.bin"]
