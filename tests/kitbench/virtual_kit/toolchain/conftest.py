"""Fixtures of the toolchain's tests: the C library from the user's cache, and a confinement to try."""

from pathlib import Path

import pytest

from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.toolchain import zig
from kitbench.virtual_kit.toolchain.compilation.c_library import CLibrary, c_library
from kitbench.virtual_kit.toolchain.confinement import Confinement
from kitbench.virtual_kit.toolchain.limits import BuildLimits


@pytest.fixture(scope="session", name="library")
def _library() -> CLibrary:
    """The C library; the first run of all builds it."""
    return c_library()


@pytest.fixture(name="confinement")
def _confinement(tmp_path: Path) -> Confinement:
    """A confinement as a build has it, around `tmp_path`/project."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (tmp_path / "project").mkdir()
    readable = (tmp_path / "project", esp_idf.include_dir().parent, zig.folder())
    return Confinement(readable, (scratch,), scratch, BuildLimits())
