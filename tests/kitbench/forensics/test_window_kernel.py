"""The compiled kernel: made once, and clear when it cannot be made."""

from pathlib import Path

import pytest

from kitbench.errors import BenchError
from kitbench.forensics import window_kernel


@pytest.fixture(name="cache")
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.slow
def test_load_compiles_into_an_empty_cache_and_leaves_one_file(cache: Path) -> None:
    window_kernel.load.__wrapped__()

    assert len(list((cache / "kitbench").iterdir())) == 1


def test_compiler_that_fails_is_the_benchs_fault(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")

    with pytest.raises(BenchError, match="cannot compile the window scan"):
        window_kernel.load.__wrapped__()
    assert list((cache / "kitbench").iterdir()) == []


def test_cache_that_cannot_be_written_is_the_benchs_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    with pytest.raises(BenchError, match="cache folder"):
        window_kernel.load.__wrapped__()


def test_scan_that_ran_out_of_memory_is_the_benchs_fault() -> None:
    with pytest.raises(BenchError, match="out of memory in the scan"):
        window_kernel.pairs(window_kernel.hit_buffer(), -1, what="scan")


def test_to_limbs_is_little_endian() -> None:
    assert list(window_kernel.to_limbs([1 << 64, 5], limbs=2)) == [0, 1, 5, 0]
