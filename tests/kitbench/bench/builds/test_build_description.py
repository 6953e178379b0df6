"""A build folder's app is the one that it names, whatever other images are beside it."""

import json
from pathlib import Path

import pytest

from kitbench.bench.builds.build_description import describe_build
from kitbench.bench.builds.firmware_build import build_in
from kitbench.errors import BenchError

DESCRIPTION = {"app_bin": "sensor.bin", "app_elf": "sensor.elf", "target": "esp32c3"}
ARGUMENTS = {"app": {"offset": "0x10000", "file": "sensor.bin"}, "extra_esptool_args": {"chip": "esp32s3"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build whose alphabetically first image is not its app."""
    for name in ("ota_data_initial.bin", "sensor.bin", "sensor.elf", "bootloader.elf"):
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def write(folder: Path, name: str, values: object) -> None:
    (folder / name).write_text(json.dumps(values), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "values", "chip"),
    [("project_description.json", DESCRIPTION, "esp32c3"), ("flasher_args.json", ARGUMENTS, "esp32s3")],
)
def test_app_is_the_one_that_is_named(folder: Path, file: str, values: object, chip: str) -> None:
    write(folder, file, values)

    build = build_in(folder)

    assert (build.app.name, build.elf.name) == ("sensor.bin", "sensor.elf")
    assert describe_build(folder).chip == chip


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({}, "does not say which file is its app"),
        ({"app_bin": 7}, "does not say which file is its app"),
        ([], "is no JSON object"),
        ({"app_bin": "../other/app.bin"}, "outside of it"),
        ({"app_bin": "/etc/passwd"}, "outside of it"),
        ({"app_bin": "sensor.bin", "app_elf": "missing.elf"}, "has no missing.elf"),
    ],
)
def test_folder_that_does_not_name_a_file_of_its_own_is_no_build(folder: Path, values: object, complaint: str) -> None:
    write(folder, "project_description.json", values)

    with pytest.raises(BenchError, match=complaint):
        build_in(folder)


def test_broken_description_is_told_with_its_name(folder: Path) -> None:
    (folder / "flasher_args.json").write_text("{", encoding="utf-8")

    with pytest.raises(BenchError, match=r"flasher_args\.json cannot be read"):
        build_in(folder)
