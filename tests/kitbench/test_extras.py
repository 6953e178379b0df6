"""A bench without an extra: each way to what it brings ends with one line that has the command; the rest just works."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, cast

import pytest

from kitbench.bench.kits.kit_choice import kits_meant
from kitbench.command_line import cli, run
from kitbench.doctor.check import State
from kitbench.doctor.installation import extras
from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus
from kitbench.extras import PACKAGES, Extra, missing, require

ROOT = Path(__file__).parents[2]
MODULES = [(extra, module) for extra, packages in PACKAGES.items() for module in packages]
COMMANDS = {
    Extra.VIRTUAL: (
        ["virtual-kit", "--count", "2"],
        ["build", "--warm"],
        ["build", str(ROOT / "firmware" / "subscribe_publish"), "-o", "/nowhere/build"],
        ["grade", str(ROOT / "grading" / "example_class"), "--output", "/nowhere/grades", "--cloud", "aws"],
    ),
    Extra.LOCAL: (
        ["local-iot-core", "--json"],
        ["grade", str(ROOT / "grading" / "example_class"), "--output", "/nowhere/grades", "--kit", "auto"],
    ),
    Extra.QEMU: (),
}
#: The virtual kit reads YAML, and so does esptool: no bench lacks it.
BROUGHT_BY_THE_CORE = {"pyyaml"}
BLOCK_ALL = f"import sys\nfor name in {[module for _, module in MODULES]}:\n    sys.modules[name] = None\n"
IMPORT_ALL = """
import importlib, pkgutil
import kitbench, grading
for package in (kitbench, grading):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        is_library = "-" in module.name  # pkgutil takes the window kernel for a module
        if not is_library and not module.name.startswith(("kitbench.virtual_kit.", "kitbench.local_iot_core.")):
            importlib.import_module(module.name)
print("all are there")
"""


def block(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Let a module be one that is not installed."""
    monkeypatch.setitem(cast("dict[str, Any]", sys.modules), module, None)


@pytest.mark.parametrize(("extra", "module"), MODULES)
def test_each_package_that_is_missing_is_named_with_the_command(
    extra: Extra, module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block(monkeypatch, module)

    for arguments in COMMANDS[extra]:
        assert run(cli, arguments) == ExitStatus.USAGE
        [line] = capsys.readouterr().err.splitlines()
        assert f"needs {PACKAGES[extra][module]} — pip install 'kitbench[{extra}]'" in line
    with pytest.raises(UsageError, match=rf"pip install 'kitbench\[{extra}\]'"):
        require(extra)
    assert [other for other in Extra if missing(other)] == [extra]


@pytest.mark.parametrize("arguments", [[*line[:1], "--help"] for lines in COMMANDS.values() for line in lines])
def test_help_needs_no_extra(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for _, module in MODULES:
        block(monkeypatch, module)

    assert run(cli, arguments) == ExitStatus.GOOD
    assert "Usage:" in capsys.readouterr().out


def test_pyproject_declares_what_the_messages_name() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]

    for extra, packages in PACKAGES.items():
        names = {line.split(">")[0].split("[")[0] for line in declared[extra]}
        assert names - BROUGHT_BY_THE_CORE == set(packages.values())
    assert declared["all"] == [f"kitbench[{','.join(PACKAGES)}]"]


@pytest.mark.parametrize("module", PACKAGES[Extra.VIRTUAL])
def test_virtual_kit_among_kits_is_asked_for_its_packages(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kits_meant("virtual", {})
    block(monkeypatch, module)

    with pytest.raises(UsageError, match=PACKAGES[Extra.VIRTUAL][module]):
        kits_meant("virtual", {})


def test_doctor_fails_only_where_the_run_needs_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    block(monkeypatch, "moto")

    assert (extras(Extra.VIRTUAL).state, extras(Extra.VIRTUAL).detail) == (State.OK, "virtual, qemu")
    assert extras(Extra.VIRTUAL, Extra.LOCAL).state is State.FAIL
    assert extras(Extra.LOCAL).fix == "pip install 'kitbench[local]'"


def session(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one on-kit test in a session without any extra."""
    (folder / "conftest.py").write_text(BLOCK_ALL)
    (folder / "test_it.py").write_text("import pytest\n@pytest.mark.hardware\ndef test_it(): pass\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "-m", "hardware"]
    return subprocess.run(
        [*command, "--rootdir", str(folder), *arguments, str(folder)],
        cwd=folder,
        env=os.environ | {"XDG_RUNTIME_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("kit", "extra"), [("virtual", Extra.VIRTUAL), ("rfc2217://127.0.0.1:9", Extra.LOCAL)], ids=["virtual", "local"]
)
def test_on_kit_run_without_the_extra_is_exit_4_and_one_line(tmp_path: Path, kit: str, extra: Extra) -> None:
    done = session(tmp_path, "--kit", kit, "--cloud", "local")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    [line] = [line for line in done.stderr.splitlines() if line.strip()]
    assert f"pip install 'kitbench[{extra}]'" in line


def test_real_kit_and_aws_need_no_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "not used", "SECRET_ACCESS_KEY": "not used", "REGION": "eu-west-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)

    done = session(tmp_path, "--kit", "rfc2217://127.0.0.1:9", "--cloud", "aws")

    assert done.returncode == pytest.ExitCode.OK, done.stdout + done.stderr


def test_all_but_the_stand_ins_can_be_imported_without_an_extra() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCK_ALL + IMPORT_ALL],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.stdout == "all are there\n", done.stderr
