"""`--kit qemu` with pytest-embedded's own service `qemu` as the client, and stand-ins of QEMU and `idf.py` on PATH.

What this shows: the flow, the arguments, the monitor, the network's names, the flash file. What it cannot show: that
the firmware runs in the real QEMU.
"""

from pathlib import Path
from typing import Final

import pytest

from kitbench.kit.qemu import factory_efuses
from tests.conformance import qemu_system_xtensa
from tests.conformance.qemu_suite import install_stand_ins, run_suite


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    """A folder with the stand-ins."""
    return install_stand_ins(tmp_path / "bin")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_suite_runs_in_qemu_end_to_end(path: Path, tmp_path: Path) -> None:
    chosen = "boots or deactivated or found_in_the_dump or hostile_endpoints or cannot_be_read"

    run = run_suite(path, tmp_path, "-k", chosen)

    assert run.status == pytest.ExitCode.OK, run.output[-3000:]
    names = {
        "kit_boots_the_app_that_was_built",
        "deactivated_certificate_is_refused",
        "private_key_is_found_in_the_dump",
        "kit_refuses_hostile_endpoints",
    }
    assert run.outcomes == {(name, "passed") for name in names}  # and none of those for the secure element
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
