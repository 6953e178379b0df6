"""The toolchain's caches are filled before a class, and that is seen."""

import threading
from pathlib import Path

import pytest

from grading import warm_up as module
from grading.warm_up import NAME, warm_up


class Shown:
    """Remembers what was shown."""

    def __init__(self) -> None:
        self.stages: list[str] = []

    def show(self, name: str, stage: str, share: float) -> None:
        assert name == NAME
        assert 0 <= share <= 1
        self.stages.append(stage)

    def finish(self, result: object) -> None:
        raise AssertionError(result)


def test_steps_are_shown() -> None:
    shown = Shown()

    warm_up(shown, threading.Event())

    assert "compiling ESP-IDF's stand-in" in shown.stages
    assert shown.stages[-1].startswith("ready in ")


@pytest.mark.slow
def test_empty_cache_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shims = next(path for path in _cache().rglob("shims") if path.is_dir())
    (tmp_path / "kitbench").mkdir()
    for item in _cache().iterdir():  # the C library as it is, no shim
        if item != shims:
            (tmp_path / "kitbench" / item.name).symlink_to(item)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    shown = Shown()

    warm_up(shown, threading.Event())

    assert len(list((tmp_path / "kitbench/shims").rglob("*.o"))) > 20


def _cache() -> Path:
    from kitbench.virtual_kit.toolchain.compilation.cache_folder import cache_folder  # noqa: PLC0415 - what the child uses

    return cache_folder()


def test_toolchain_that_fails_is_told_of_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "python", lambda *_: ["/bin/sh", "-c", "echo no compiler here; exit 2"])
    shown = Shown()

    warm_up(shown, threading.Event())

    assert shown.stages[-1] == "no compiler here"
