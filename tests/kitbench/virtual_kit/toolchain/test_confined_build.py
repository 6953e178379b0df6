"""A project is built in a process of its own: what it makes is the same, and what it may reach is little."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kitbench.confinement.confined_call import ConfinedCall
from kitbench.errors import BenchError, GapError, KitError, UsageError
from kitbench.firmware.overlay import Overlay
from kitbench.virtual_kit.toolchain import BuildLimits, build_confined, build_project
from kitbench.virtual_kit.toolchain.confined_build import _box
from tests.kitbench.confinement import callees
from tests.kitbench.confinement.landlock_refused import LandlockRefused
from tests.kitbench.virtual_kit.toolchain.project_maker import make_project
from tests.optional_part import LINUX

APP = "void app_main(void) {}\n"


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project", {"main/small.c": APP})


@pytest.mark.parametrize("kernel", ["as it is", pytest.param("without Landlock", marks=LINUX.needed)])
def test_app_is_the_one_that_is_built_without_a_process_of_its_own(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernel: str
) -> None:
    overlay = Overlay({"main/x.txt": b"x"}, {"LOG_DEFAULT_LEVEL_WARN": "y"})
    plain = build_project(project, tmp_path / "plain", overlay=overlay)
    if kernel == "without Landlock":
        monkeypatch.setattr(sys, "executable", str(LandlockRefused(tmp_path).python))
    told: list[str] = []

    build = build_confined(project, tmp_path / "build", overlay=overlay, progress=lambda what, *_: told.append(what))

    assert build.app_bin.read_bytes() == plain.app_bin.read_bytes()
    assert build.elf.read_bytes() == plain.elf.read_bytes()
    assert build.flasher_args.is_file()
    assert set(told) <= {"compiling ESP-IDF's stand-in", "compiling the project", "linking"}
    assert build_confined(project, tmp_path / "build", overlay=overlay).compiled == ()


@pytest.mark.parametrize(
    ("source", "kind"), [("int x = ;\n", KitError), ("#include <driver/twai.h>\n" + APP, GapError)]
)
def test_refusal_is_what_it_was(project: Path, tmp_path: Path, source: str, kind: type[Exception]) -> None:
    (project / "main" / "small.c").write_text(source, encoding="utf-8")

    with pytest.raises(kind, match=re.escape("main/small.c:1")) as told:
        build_confined(project, tmp_path / "build")

    assert type(told.value) is kind


def test_no_such_project_is_the_callers_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        build_confined(tmp_path / "nowhere", tmp_path / "build")


@LINUX.needed
def test_project_that_takes_too_much_is_told_so(project: Path, tmp_path: Path) -> None:
    with pytest.raises(KitError, match=r"the project takes too much memory to read \(more than 16 MB\)"):
        build_confined(project, tmp_path / "build", limits=replace(BuildLimits(), memory=16 << 20))


@LINUX.needed
@pytest.mark.parametrize("kernel", ["as it is", "without Landlock"])
def test_its_process_reads_no_file_of_somebody_else(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernel: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("kitbench-secret", encoding="utf-8")
    if kernel == "without Landlock":
        monkeypatch.setattr(sys, "executable", str(LandlockRefused(tmp_path).python))

    with _box(BuildLimits(), [project], tmp_path / "build") as box:
        call = ConfinedCall("the project", "build", box)
        assert call(callees.read_text, project / "main" / "small.c") == APP
        with pytest.raises(BenchError, match="Permission"):
            call(callees.read_text, secret)
