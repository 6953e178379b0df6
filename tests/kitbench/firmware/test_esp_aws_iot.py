"""What is copied of a checkout of esp-aws-iot, and what is none."""

from pathlib import Path

import pytest

from kitbench.errors import UsageError
from kitbench.firmware.esp_aws_iot import FILES, PARTS, copy_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that has all that an app is built from, and more."""
    folder = tmp_path / "checkout"
    for name in (*FILES, *(f"{part}/a.c" for part in PARTS), "examples/x/CMakeLists.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def test_component_is_copied_and_nothing_else(checkout: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"

    copy_checkout(checkout, copy)

    copied = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert copied == {*FILES, *(f"{part}/a.c" for part in PARTS)}
    assert all((copy / name).read_text(encoding="utf-8") == name for name in copied)


@pytest.mark.parametrize("name", FILES)
def test_checkout_without_its_files_is_refused(checkout: Path, tmp_path: Path, name: str) -> None:
    (checkout / name).unlink()

    with pytest.raises(UsageError, match=f"no recursive checkout of esp-aws-iot: no file '{name}'"):
        copy_checkout(checkout, tmp_path / "copy")


def test_checkout_without_its_submodules_is_refused(tmp_path: Path) -> None:
    (tmp_path / "port").mkdir()

    with pytest.raises(UsageError, match=r"no folder 'aws-iot-device-sdk-embedded-C/src'.*--recursive"):
        copy_checkout(tmp_path, tmp_path / "copy")

    assert not (tmp_path / "copy").exists()


def test_libraries_of_the_lts_edition_are_copied_without_their_tests(tmp_path: Path) -> None:
    checkout, copy = tmp_path / "checkout", tmp_path / "copy"
    wanted = (
        "libraries/coreX/CMakeLists.txt",
        "libraries/coreX/coreX/xFilePaths.cmake",
        "libraries/coreX/coreX/source/x.c",
    )
    for name in (*wanted, "libraries/coreX/coreX/test/y.c", "libraries/coreX/coreX/docs/y.h", "examples/z.c"):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(name, encoding="utf-8")

    copy_checkout(checkout, copy)

    assert {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()} == set(wanted)


def test_libraries_without_their_submodules_are_refused(tmp_path: Path) -> None:
    (tmp_path / "libraries/coreX/coreX").mkdir(parents=True)

    with pytest.raises(UsageError, match=r"no submodule below 'libraries'.*--recursive -b release/202210.01-LTS"):
        copy_checkout(tmp_path, tmp_path / "copy")
