"""`--kit qemu` with pytest-embedded's own service `qemu` as the client, and stand-ins of QEMU and `idf.py` on PATH.

What this shows: the flow, the arguments, the monitor, the network's names, the flash file. What it cannot show: that
the firmware runs in the real QEMU.
"""

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from kitbench.kit.qemu import factory_efuses
from kitbench.pytest_plugin.suite import suite_path
from kitbench.virtual_kit.toolchain.cache_folder import cache_folder
from tests.conformance import qemu_system_xtensa

ROOT: Final = Path(__file__).parents[2]
TIMEOUT_S: Final = 500
PROGRAM: Final = """#!{python}
import os, runpy, sys
sys.path[:0] = [{root!r}]
os.environ.setdefault("XDG_CACHE_HOME", {cache!r})
runpy.run_module("tests.conformance.{module}", run_name="__main__", alter_sys=False)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the suite."""

    status: int
    output: str
    report: dict[str, Any]
    evidence: Path

    @property
    def outcomes(self) -> dict[str, str]:
        """Outcome by check; one that was parametrised counts as its worst."""
        return {check["name"]: check["outcome"] for check in self.report["checks"]}


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    """A folder with the stand-ins."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, module in (("qemu-system-xtensa", "qemu_system_xtensa"), ("idf.py", "idf_py")):
        program = folder / name
        text = PROGRAM.format(python=sys.executable, root=str(ROOT), cache=str(cache_folder().parent), module=module)
        program.write_text(text, encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return folder


def run_suite(path: Path, tmp_path: Path, *arguments: str, kit: str = "qemu") -> Run:
    """Run the on-kit suite with stand-ins in `path`, and nothing else of PATH but the system's own."""
    report, evidence = tmp_path / "report.json", tmp_path / "evidence"
    command = [sys.executable, "-m", "pytest", str(suite_path()), "-m", "hardware", "--kit", kit, "--cloud", "local"]
    command += ["--run-report", str(report), "--evidence", str(evidence), "-p", "no:cacheprovider", *arguments]
    environment = os.environ | {"PATH": f"{path}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    content = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
    return Run(done.returncode, done.stdout + done.stderr, content, evidence)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_suite_runs_in_qemu_end_to_end(path: Path, tmp_path: Path) -> None:
    chosen = "boots or deactivated or found_in_the_dump or honest or wrong_name or cannot_be_read"

    run = run_suite(path, tmp_path, "-k", chosen)

    assert run.status == pytest.ExitCode.OK, run.output[-3000:]
    assert set(run.outcomes.values()) == {"passed"}
    assert "private_key_is_found_in_the_dump" in run.outcomes
    assert "deactivated_certificate_is_refused" in run.outcomes
    assert "private_key_cannot_be_read_from_the_chip" not in run.outcomes
    assert "deselected: QEMU has no ATECC608A" in run.output
    assert run.report["kit"]["kind"] == "qemu"
    assert run.report["kit"]["version"] == "9.0.0 (esp_stand_in_of_kitbench)"
    assert "Connected with IP Address:10.0.2.15" in (run.evidence / "serial.log").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_qemu_that_does_not_start_is_the_benchs_fault(path: Path, tmp_path: Path) -> None:
    program = path / "qemu-system-xtensa"
    text = program.read_text(encoding="utf-8")
    program.write_text(
        text.replace("runpy.run", "sys.argv[2:] and sys.argv.append('-bad'); runpy.run"), encoding="utf-8"
    )

    run = run_suite(path, tmp_path, "-k", "boots or mutual")

    assert run.status == pytest.ExitCode.TESTS_FAILED
    assert {(check["outcome"], check["fault"]) for check in run.report["checks"]} == {("not_graded", "bench")}
    assert "-bad: invalid option" in run.output


@pytest.mark.slow
def test_secure_element_in_qemu_is_a_mistake(path: Path, tmp_path: Path) -> None:
    run = run_suite(path, tmp_path, "--variant", "atecc608a")

    assert run.status == pytest.ExitCode.USAGE_ERROR
    assert "--variant atecc608a: QEMU has no ATECC608A" in run.output


@pytest.mark.slow
def test_missing_qemu_is_one_line_that_says_what_to_install(tmp_path: Path) -> None:
    run = run_suite(tmp_path, tmp_path)

    assert run.status == pytest.ExitCode.USAGE_ERROR
    assert "idf_tools.py install qemu-xtensa" in run.output
    assert "Traceback" not in run.output


GOOD: Final = "-nographic -machine esp32 -nic user,model=open_eth -qmp tcp:127.0.0.1:0,server,wait=off"
EFUSES: Final = (
    "-drive file={efuses},if=none,format=raw,id=efuse -global driver=nvram.esp32.efuse,property=drive,value=efuse"
)
FLASH: Final = "-drive file={flash},if=mtd,format=raw"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (f"{GOOD} {FLASH}".replace("esp32", "lx60", 1), "unsupported machine"),
        (f"{GOOD} {FLASH} -icount 3", "-icount: invalid option"),
        (f"{GOOD} {FLASH}".replace("open_eth", "e1000"), "open_eth only"),
        (f"{GOOD} {FLASH}".replace(",format=raw", ""), "format=raw"),
        (GOOD, "no flash image"),
        (f"{GOOD} {FLASH}".replace("{flash}", "{efuses}"), "only 2, 4, 8, 16 MB"),
        (f"{GOOD} {FLASH} {EFUSES}".replace("value=efuse", "value=other"), "does not support if=none"),
        (f"{GOOD} {FLASH} {EFUSES}".replace("{efuses}", "{flash}"), "not the size of an ESP32's eFuses"),
        (f"{GOOD} {FLASH} -global driver=esp32.gpio,property=strap_mode,value=0x0f", "do not boot from flash"),
        (f"{GOOD} {FLASH}".replace(",server,wait=off", ",server"), "starts at once"),
    ],
)
def test_stand_in_refuses_what_qemu_would_refuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: str, complaint: str
) -> None:
    (tmp_path / "flash.bin").write_bytes(b"\xff" * (2 << 20))
    (tmp_path / "efuse.bin").write_bytes(factory_efuses())
    words = arguments.format(flash=tmp_path / "flash.bin", efuses=tmp_path / "efuse.bin").split()

    with pytest.raises(SystemExit):
        qemu_system_xtensa.main(words)

    assert complaint in capsys.readouterr().err
