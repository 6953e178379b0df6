"""Builds with ESP-IDF, proven with a stand-in `idf.py` that checks its arguments and leaves a build folder."""

import stat
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from kitbench.errors import BenchError, KitError
from kitbench.firmware.esp_aws_iot import FILES, PARTS
from kitbench.firmware.overlay import Overlay
from kitbench.kit.build_sandbox import Box, BuildSandbox, choose_box
from kitbench.kit.esp_idf import EspIdf, find_esp_idf, first_error, installation, kconfig_lines

# As idf.py of ESP-IDF 5.1.4 and 5.5.4 was seen to do: it looks for its constraints file before it makes the build
# folder, CMake writes flasher_args.json before anything is compiled, and only the exit status tells of failure.
IDF_PY = f"""#!{sys.executable}
import os, pathlib, sys
arguments = sys.argv[1:]
project = pathlib.Path(arguments[arguments.index("-C") + 1])
folder = pathlib.Path(arguments[arguments.index("-B") + 1])
assert arguments[-1] == "build", arguments
assert "AWS_SECRET_ACCESS_KEY" not in os.environ
defaults = next(a for a in arguments if a.startswith("-DSDKCONFIG_DEFAULTS=")).partition("=")[2].split(";")
settings = "".join((project / name).read_text() for name in defaults)
tools = pathlib.Path(os.environ.get("IDF_TOOLS_PATH") or pathlib.Path.home() / ".espressif")
if "UNINSTALLED" in settings or not (tools / "espidf.constraints.v5.1.txt").is_file():
    print("ERROR: espidf.constraints.v5.1.txt doesn't exist. Perhaps you've forgotten to run the install scripts.")
    print("ESP-IDF v5.1.4", file=sys.stderr)
    sys.exit(1)
if not (project / "CMakeLists.txt").is_file():
    print(f"CMakeLists.txt not found in project directory {{project}}", file=sys.stderr)
    sys.exit(2)
folder.mkdir()
(folder / "flasher_args.json").write_text("{{}}")
if "BROKEN" in settings:
    print("-- git rev-parse returned 'fatal: not a git repository (or any of the parent directories): .git'")
    print("\x1b[01m\x1b[Kmain/x.c:3:1:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: \x1b[m\x1b[Kexpected ';'")
    sys.exit(2)
(folder / "seen").write_text(settings + (project / "main/certs/private.pem.key").read_text())
"""

KEY = Overlay({"main/certs/private.pem.key": b"k"})


@pytest.fixture
def idf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EspIdf:
    """An ESP-IDF whose idf.py is the stand-in, installed where ESP-IDF is by default."""
    home = tmp_path / "home"
    (home / ".espressif").mkdir(parents=True)
    (home / ".espressif" / "espidf.constraints.v5.1.txt").touch()
    monkeypatch.setenv("HOME", str(home))
    for name in ("IDF_TOOLS_PATH", "IDF_PYTHON_ENV_PATH"):
        monkeypatch.delenv(name, raising=False)
    program = tmp_path / "idf.py"
    program.write_text(IDF_PY, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return EspIdf(str(program), BuildSandbox(Box.NONE))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A student's project with settings of its own."""
    folder = tmp_path / "student"
    (folder / "main" / "certs").mkdir(parents=True)
    (folder / "CMakeLists.txt").touch()
    (folder / "sdkconfig.defaults").write_text("CONFIG_A=1\n", encoding="utf-8")
    (folder / "sdkconfig").write_text('CONFIG_AWS_IOT_MQTT_HOST="theirs"\n', encoding="utf-8")
    return folder


def test_run_settings_come_last_and_win(
    idf: EspIdf, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "never for a student's CMake")
    overlay = Overlay({"main/certs/private.pem.key": b"run's key"}, {"AWS_IOT_MQTT_HOST": "ours", "PORT": "8883"})

    folder = idf.build(project, tmp_path / "work" / "build", "embedded_key", overlay)

    seen = (folder / "seen").read_text(encoding="utf-8")
    assert seen.index('"theirs"') < seen.index('CONFIG_AWS_IOT_MQTT_HOST="ours"')
    assert "CONFIG_PORT=8883" in seen
    assert seen.endswith("run's key")


def test_students_tree_is_left_as_it_was(idf: EspIdf, project: Path, tmp_path: Path) -> None:
    before = sorted(project.rglob("*"))

    idf.build(project, tmp_path / "work" / "build", "embedded_key", KEY)

    assert sorted(project.rglob("*")) == before
    assert (project / "sdkconfig").exists()


def test_example_of_esp_aws_iot_finds_the_component_two_folders_up(
    idf: EspIdf, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "checkout"
    for name in (*FILES, *(f"{part}/a.c" for part in PARTS)):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(name, encoding="utf-8")
    commands: list[list[str]] = []
    run = BuildSandbox.command

    def note(self: BuildSandbox, arguments: list[str], work: Path, environment: Mapping[str, str]) -> list[str]:
        commands.append(arguments)
        return run(self, arguments, work, environment)

    monkeypatch.setattr(BuildSandbox, "command", note)

    idf.build(project, tmp_path / "work" / "build", "embedded_key", KEY, esp_aws_iot=checkout)
    idf.build(project, tmp_path / "other" / "build", "embedded_key", KEY)

    built = [Path(arguments[arguments.index("-C") + 1]) for arguments in commands]
    assert (built[0] / "../.." / "port" / "a.c").read_text(encoding="utf-8") == "port/a.c"
    assert built[0].parents[1].name == "esp-aws-iot", "CMake names a component after its folder"
    assert built[1] == tmp_path / "other" / "project"


def test_project_that_does_not_build_is_the_students_fault(idf: EspIdf, project: Path, tmp_path: Path) -> None:
    with pytest.raises(KitError, match=r"main/x\.c:3:1: error: expected ';'"):
        idf.build(project, tmp_path / "work" / "build", "embedded_key", Overlay(kconfig={"X": "BROKEN"}))


def test_project_without_cmake_lists_is_the_students_fault(idf: EspIdf, project: Path, tmp_path: Path) -> None:
    (project / "CMakeLists.txt").unlink()

    with pytest.raises(KitError, match=r"CMakeLists\.txt not found"):
        idf.build(project, tmp_path / "work" / "build", "embedded_key", KEY)


def test_esp_idf_that_is_not_whole_is_the_benchs_fault(idf: EspIdf, project: Path, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="cannot build here: ERROR: espidf"):
        idf.build(project, tmp_path / "work" / "build", "embedded_key", Overlay(kconfig={"X": "UNINSTALLED"}))


# Words of ESP-IDF v5.1.4 with idf-component-manager 1.5.3 and CMake 3.25.
@pytest.mark.parametrize(
    "said",
    [
        "  ERROR: Cannot establish a connection to the component registry.  Are you\n  connected to the internet?\n",
        "  The CMAKE_C_COMPILER:\n\n    xtensa-esp32-elf-gcc\n\n  is not a full path and was not found in the PATH.\n",
    ],
)
def test_build_that_fails_for_want_of_network_or_toolchain_is_the_benchs_fault(
    said: str, project: Path, tmp_path: Path
) -> None:
    program = tmp_path / "idf.py"
    program.write_text(f"#!/bin/sh\nmkdir '{tmp_path}/work/build'\ncat '{tmp_path}/said'\nexit 2\n", encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "said").write_text(
        f"CMake Error at idf/tools/cmake/build.cmake:540 (message):\n{said}", encoding="utf-8"
    )

    with pytest.raises(BenchError, match=r"registry|CMAKE_C_COMPILER"):
        EspIdf(str(program), BuildSandbox(Box.NONE)).build(project, tmp_path / "work" / "build", "x", Overlay())


def test_idf_py_is_run_by_the_python_it_was_installed_for(
    idf: EspIdf, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python_env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\ntouch "{tmp_path}/ran"\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setenv("IDF_PYTHON_ENV_PATH", str(python.parents[1]))

    idf.build(project, tmp_path / "work" / "build", "embedded_key", KEY)

    assert (tmp_path / "ran").exists()


def test_missing_idf_py_is_the_benchs_fault(project: Path, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="cannot run"):
        EspIdf(str(tmp_path / "nowhere"), BuildSandbox(Box.NONE)).build(project, tmp_path / "w" / "b", "x", Overlay())


def test_no_esp_idf_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(BenchError, match="--kit virtual"):
        find_esp_idf()


def test_installation_holds_the_python_that_the_environment_links_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment, versions = tmp_path / "env" / "bin", tmp_path / "versions" / "3.11" / "bin"
    for folder in (environment, versions):
        folder.mkdir(parents=True)
    (versions / "python3.11").touch()
    (environment / "python").symlink_to(versions / "python3.11")
    monkeypatch.setenv("IDF_PYTHON_ENV_PATH", str(environment.parent))

    assert versions.parent in installation()

    monkeypatch.setenv("HOME", str(versions.parent / "me"))
    assert versions.parent not in installation()


def test_bubblewrap_lets_the_build_write_in_one_folder_only() -> None:
    sandbox = BuildSandbox(Box.BUBBLEWRAP, tools=(Path("/opt/idf"),))

    command = sandbox.command(["idf.py", "build"], Path("/w"), {"PATH": "/usr/bin"})

    assert command[-2:] == ["idf.py", "build"]
    binds = [command[i + 1] for i, word in enumerate(command) if word == "--bind"]
    assert binds == ["/w"]
    assert "--clearenv" in command


def test_container_gets_no_host_folder_but_the_work() -> None:
    command = BuildSandbox(Box.DOCKER, idf_version="v5.1.4").command(
        ["idf.py"], Path("/w"), {"PATH": "/x", "LANG": "C"}
    )

    assert [command[i + 1] for i, word in enumerate(command) if word == "--volume"] == ["/w:/w"]
    assert "PATH=/x" not in command
    assert command[-2:] == ["espressif/idf:v5.1.4", "idf.py"]


@pytest.mark.parametrize(
    ("installed", "box"), [("bwrap", Box.BUBBLEWRAP), ("docker", Box.DOCKER), ("podman", Box.PODMAN), ("", Box.NONE)]
)
def test_first_box_that_is_there_is_chosen(installed: str, box: Box) -> None:
    assert choose_box(lambda program: program == installed) is box


def test_strings_are_quoted() -> None:
    assert kconfig_lines("S", 'a"b') == ('CONFIG_S="a\\"b"\n',)


# A Wi-Fi password may be all digits: Kconfig ignores the form that is not of the symbol's type.
@pytest.mark.parametrize("value", ["y", "8883", "0x1F", "12345678"])
def test_values_of_any_type_are_written_in_both_forms(value: str) -> None:
    assert kconfig_lines("S", value) == (f"CONFIG_S={value}\n", f'CONFIG_S="{value}"\n')


def test_first_error_of_a_log_is_the_compilers() -> None:
    assert first_error("a\nmain.c:1: error: x\nninja: failed\n") == "main.c:1: error: x"
    assert first_error("") == "it printed nothing"


def test_cmakes_error_is_given_with_its_reason() -> None:
    log = (
        "-- git says 'fatal: no repository'\nCMake Error at c.cmake:4 (add):\n  Cannot find:\n\n    x.c\n\n  Tried .c\n"
    )

    assert first_error(log) == "CMake Error at c.cmake:4 (add): Cannot find: x.c"
