"""`kitbench build`, from the checkout and from the wheel."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kitbench.command_line import cli, run
from kitbench.command_line.build import read_overlay
from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus
from kitbench.virtual_kit.toolchain.compilation.cache_folder import cache_folder
from tests.kitbench.virtual_kit.toolchain.project_maker import make_project

ROOT = Path(__file__).parents[3]


def test_build_prints_one_json_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    project = make_project(tmp_path / "project")

    status = run(cli, ["build", str(project), "-o", str(tmp_path / "build"), "--json"])

    answer = json.loads(capfd.readouterr().out)
    assert status == ExitStatus.GOOD
    assert Path(answer["app_bin"]).is_file()
    assert answer["compiled"] == ["main/small.c"]


def test_build_goes_into_the_projects_build_folder_and_says_what_is_next(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    project = make_project(tmp_path / "pro ject")

    assert run(cli, ["build", str(project)]) == ExitStatus.GOOD

    said = capfd.readouterr().out
    assert f"cd '{project}/build' && esptool" in said
    assert "write-flash @flash_args" in said
    named = [line.split()[1] for line in (project / "build/flash_args").read_text().splitlines()[1:]]
    assert len(named) == 3
    assert all((project / "build" / name).is_file() for name in named)
    assert "#define CONFIG_IDF_TARGET" in (project / "build/config/sdkconfig.h").read_text()


def test_build_of_idf_py_is_not_written_over(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    project = make_project(tmp_path / "project", {"build/CMakeCache.txt": "", "build/small.bin": "theirs"})

    assert run(cli, ["build", str(project)]) == ExitStatus.USAGE

    assert "holds a build of idf.py" in capfd.readouterr().err
    assert (project / "build/small.bin").read_text() == "theirs"


def test_build_lays_files_and_values_over_the_project(tmp_path: Path) -> None:
    source = (
        '#include "sdkconfig.h"\n#include "name.h"\nconst char *app = CONFIG_APP " " NAME;\nvoid app_main(void) {}\n'
    )
    kconfig = 'config APP\n    string "App"\n'
    project = make_project(tmp_path / "project", {"main/small.c": source, "main/Kconfig.projbuild": kconfig})
    (tmp_path / "over/main").mkdir(parents=True)
    (tmp_path / "over/main/name.h").write_text('#define NAME "overlaid"\n')
    arguments = ["build", str(project), "-o", str(tmp_path / "build"), "--overlay", str(tmp_path / "over")]

    status = run(cli, [*arguments, "--set", "CONFIG_APP=kitbench text"])

    assert status == ExitStatus.GOOD
    assert 'CONFIG_APP="kitbench text"' in (tmp_path / "build/sdkconfig").read_text()


def test_project_that_does_not_compile_ends_with_1(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    project = make_project(tmp_path / "project", {"main/small.c": "void app_main(void) { x; }\n"})

    status = run(cli, ["build", str(project), "-o", str(tmp_path / "build")])

    assert status == ExitStatus.FOUND_OR_FAILED
    assert "main/small.c:1: 'x' is declared neither" in capfd.readouterr().err


def test_what_the_virtual_kit_lacks_ends_with_2(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    project = make_project(tmp_path / "project", {"main/small.c": '#include "driver/twai.h"\n'})

    status = run(cli, ["build", str(project), "-o", str(tmp_path / "build")])

    assert status == ExitStatus.CANNOT_JUDGE
    said = capfd.readouterr().err
    assert "not graded: the virtual kit lacks header driver/twai.h (component driver) (main/small.c:1)" in said
    assert "a real kit" in said


@pytest.mark.parametrize("arguments", [[], ["nowhere", "-o", "x"], ["--set"], ["project"], ["--no-such-option"]])
def test_wrong_usage_ends_with_3(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(cli, ["build", *arguments]) == ExitStatus.USAGE


def test_help_has_an_example_and_the_exit_status(capfd: pytest.CaptureFixture[str]) -> None:
    run(cli, ["build", "--help"])

    text = capfd.readouterr().out
    assert "kitbench build firmware/subscribe_publish" in text
    assert "0 built, 1 ESP-IDF would refuse" in text


def test_setting_without_value_is_refused() -> None:
    with pytest.raises(UsageError, match="expects CONFIG_X=value"):
        read_overlay(None, ("CONFIG_X",))


def test_setting_keeps_equals_signs_and_loses_quotes() -> None:
    assert read_overlay(None, ('CONFIG_X="a=b"',)).settings == {"X": "a=b"}


@pytest.mark.slow
def test_build_works_from_the_wheel_outside_the_checkout(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "uv", "build", "--wheel", "-q", "-o", str(tmp_path / "wheel"), str(ROOT)],
        check=True,
        timeout=200,
    )
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    project = make_project(tmp_path / "project")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "XDG_CACHE_HOME": str(cache_folder().parent)}
    code = "import kitbench, sys; print(kitbench.__file__); from kitbench.command_line import main; main(sys.argv[1:])"

    done = subprocess.run(
        [sys.executable, "-c", code, "build", str(project), "-o", str(tmp_path / "build"), "--json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    where, answer = done.stdout.splitlines()
    assert where == str(tmp_path / "site/kitbench/__init__.py")
    assert Path(json.loads(answer)["app_bin"]).is_file()
