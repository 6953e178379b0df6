"""The library of the compiled kernel: taken only where it is of these sources and of this machine."""

import shutil
from pathlib import Path

import pytest

from kitbench.errors import BenchError
from kitbench.forensics.window_scan import compiled_kernel
from kitbench.forensics.window_scan.kernel_file import SOURCES, library_name

FOLDER = Path(compiled_kernel.__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sources, and the library that was made of them."""
    for name in (*SOURCES, library_name(FOLDER)):
        shutil.copy(FOLDER / name, tmp_path)
    return tmp_path


def test_library_of_these_sources_is_taken(folder: Path) -> None:
    kernel = compiled_kernel.load(folder)

    assert kernel is not None
    assert kernel.is_compiled


@pytest.mark.parametrize("name", SOURCES)
def test_library_of_other_sources_is_left(folder: Path, name: str) -> None:
    with (folder / name).open("a") as source:
        source.write("// changed since\n")

    assert compiled_kernel.load(folder) is None


def test_library_of_another_machine_is_left(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")

    assert compiled_kernel.load(folder) is None


def test_library_that_is_none_is_the_benchs_fault_in_one_line(folder: Path) -> None:
    (folder / library_name(folder)).write_bytes(b"no library")

    with pytest.raises(BenchError, match=r"cannot load .*window_kernel") as caught:
        compiled_kernel.load(folder)
    assert "\n" not in str(caught.value)


def test_scan_that_ran_out_of_memory_is_the_benchs_fault() -> None:
    with pytest.raises(BenchError, match="out of memory in the scan"):
        compiled_kernel._pairs(compiled_kernel._hit_buffer(), -1, what="scan")


def test_to_limbs_is_little_endian() -> None:
    assert list(compiled_kernel.to_limbs([1 << 64, 5], limbs=2)) == [0, 1, 5, 0]
