"""Weaknesses burnt into virtual kits, read by Espressif's espefuse and judged by `kitbench audit`; and dumps alone.

The kits are read over their port; where the serial loader is closed for ever, by what stock espefuse says of their
file.
"""

import functools
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from kitbench.flash_format.partition_table import Partition
from tests.conformance.burnt_kit import GOOD, OLD_CHIP, audited, burnt_kit, efuse_file, failed, summary_of
from tests.conformance.esp_tools import bench
from tests.kitbench.forensics.flash_sample import rsa_key
from tests.kitbench.hardening.hardened_device import BUILD, noise, open_flash, with_core_dump_partition, with_partition
from tests.kitbench.hardening.test_planted_weaknesses import pem
from tests.kitbench.virtual_kit.chip_rig import make_flash

#: What a port shows of itself: eFuses are read by the loader, and a closed one answers nobody.
OPEN: Final = {"download-mode"}
CLOSED: Final[Mapping[str, int]] = {**GOOD, "UART_DOWNLOAD_DIS": 1}


def without(fuses: Mapping[str, int], *bits: int) -> dict[str, int]:
    """Return eFuses with bits of WR_DIS not burnt."""
    return {**fuses, "WR_DIS": fuses["WR_DIS"] & ~sum(1 << bit for bit in bits)}


ON_A_PORT: Final = {
    "flash encryption off": ({**GOOD, "FLASH_CRYPT_CNT": 0}, "flash-encryption"),
    "turned off again": ({**GOOD, "FLASH_CRYPT_CNT": 3}, "flash-encryption"),
    "key can be read": ({**GOOD, "RD_DIS": 0}, "flash-encryption-key"),
    "key can be overwritten": (without(GOOD, 7), "flash-encryption-key"),
    "loader decrypts": ({**GOOD, "DISABLE_DL_DECRYPT": 0}, "flash-encryption-mode"),
    "loader encrypts": ({**GOOD, "DISABLE_DL_ENCRYPT": 0}, "flash-encryption-mode"),
    "counter can be written": ({**without(GOOD, 2), "FLASH_CRYPT_CNT": 7}, "flash-encryption-counter"),
    "no secure boot": ({**GOOD, "ABS_DONE_1": 0}, "secure-boot"),
    "digest of V2 can be hidden": (without(GOOD, 0), "secure-boot-key"),
    "digest of V2 can be written": (without(GOOD, 8), "secure-boot-key"),
    "key of V1 can be read": ({**OLD_CHIP, "RD_DIS": 1}, "secure-boot-key"),
    "JTAG": ({**GOOD, "JTAG_DISABLE": 0}, "jtag"),
    "BASIC": ({**GOOD, "CONSOLE_DEBUG_DISABLE": 0}, "rom-console"),
    "serial loader": (GOOD, "download-mode"),
}
#: Chips whose loader cannot be closed.
HARDENED_ON_A_PORT: Final = {
    "V1": OLD_CHIP,
    "counter locked at one bit": {**OLD_CHIP, "FLASH_CRYPT_CNT": 1},
    "counter locked at three more": {**OLD_CHIP, "FLASH_CRYPT_CNT": 0x3D},
    "everything locked": {**OLD_CHIP, "WR_DIS": 0xFFFF},
    "both secure boots": {**OLD_CHIP, "ABS_DONE_1": 1, "RD_DIS": 1},
    "key of BLOCK3 closed, too": {**OLD_CHIP, "RD_DIS": 0xF},
}
HARDENED_AND_CLOSED: Final = {
    "V2": CLOSED,
    "counter at one bit": {**CLOSED, "FLASH_CRYPT_CNT": 1},
    "everything locked": {**CLOSED, "WR_DIS": 0xFFFF},
    "loader closed in place of limited": {
        **CLOSED,
        "DISABLE_DL_ENCRYPT": 0,
        "DISABLE_DL_DECRYPT": 0,
        "DISABLE_DL_CACHE": 0,
    },
    "V1 on a new chip": {**CLOSED, "ABS_DONE_1": 0, "ABS_DONE_0": 1, "RD_DIS": 3},
    "another configuration of the cipher": {**CLOSED, "FLASH_CRYPT_CONFIG": 0xA},
}


def few(cases: Mapping[str, Any], *usual: str) -> list[Any]:
    """Return the cases as parameters; all but the usual ones are slow."""
    return [pytest.param(name, marks=() if name in usual else pytest.mark.slow) for name in cases]


@pytest.mark.parametrize("name", few(ON_A_PORT, "key can be read"))
def test_weakness_in_a_kit_is_found_over_its_port(name: str, tmp_path: Path) -> None:
    fuses, expected = ON_A_PORT[name]
    with burnt_kit(efuse_file(tmp_path / "kit.efuses", fuses)) as port:
        status, items = audited("--port", port, report=tmp_path / "items.json")
    assert status == 1
    assert expected in failed(items)
    assert failed(items) <= {expected} | OPEN
    assert items[expected]["seen"]
    assert items[expected]["fix"]


@pytest.mark.parametrize("name", few(HARDENED_ON_A_PORT, "V1"))
def test_hardened_kit_is_not_accused_over_its_port(name: str, tmp_path: Path) -> None:
    with burnt_kit(efuse_file(tmp_path / "kit.efuses", HARDENED_ON_A_PORT[name])) as port:
        status, items = audited("--port", port, report=tmp_path / "items.json")
    assert failed(items) == set()
    assert items["flash-encryption"]["result"] == items["secure-boot-key"]["result"] == "pass"
    assert items["download-mode"]["result"] == "inconclusive"
    assert status == 2


@pytest.mark.parametrize("name", few(HARDENED_AND_CLOSED, "V2"))
def test_hardened_kit_whose_loader_is_closed_is_not_accused_by_its_fuses(name: str, tmp_path: Path) -> None:
    fuses = efuse_file(tmp_path / "kit.efuses", HARDENED_AND_CLOSED[name])
    build, dump = tmp_path / "sdkconfig", tmp_path / "flash.bin"
    build.write_text(BUILD, encoding="utf-8")
    dump.write_bytes(noise(0x20000))

    summary = summary_of(fuses, tmp_path / "summary.json")
    _, items = audited(str(dump), "--efuses", str(summary), "--build", str(build), report=tmp_path / "items.json")

    assert failed(items) == set()
    assert {name for name, item in items.items() if item["result"] == "inconclusive"} <= {"anti-rollback"}


@pytest.mark.slow
def test_kit_whose_loader_is_closed_is_judged_by_the_rest(tmp_path: Path) -> None:
    build = tmp_path / "sdkconfig"
    build.write_text(BUILD.replace("NVS_ENCRYPTION=y", "NVS_ENCRYPTION=n"), encoding="utf-8")
    with burnt_kit(efuse_file(tmp_path / "kit.efuses", CLOSED)) as port:
        status, items = audited("--port", port, "--build", str(build), report=tmp_path / "items.json")
    assert status == 1
    assert failed(items) == {"nvs-encryption"}
    assert items["jtag"]["result"] == "inconclusive"
    assert items["log-level"]["result"] == "pass"


@pytest.mark.slow
def test_what_stock_espefuse_burns_is_what_is_judged(tmp_path: Path) -> None:
    key = tmp_path / "key.bin"
    key.write_bytes(bytes(range(32)))
    with bench(make_flash(), efuse_file=tmp_path / "kit.efuses") as running:
        _, before = audited("--port", running.kit.url, report=tmp_path / "before.json")
        for command in (
            ("burn-key", "flash_encryption", str(key)),
            ("burn-efuse", "FLASH_CRYPT_CNT", "0x7F", "FLASH_CRYPT_CONFIG", "0xF", "JTAG_DISABLE", "1"),
            ("burn-efuse", "DISABLE_DL_ENCRYPT", "1", "DISABLE_DL_DECRYPT", "1", "DISABLE_DL_CACHE", "1"),
        ):
            assert running.espefuse(*command).status == 0
        _, after = audited("--port", running.kit.url, report=tmp_path / "after.json")
    mended = {"flash-encryption", "jtag"}
    assert failed(before) == {*mended, "secure-boot", "download-mode", "rom-console"}
    assert failed(after) == {"secure-boot", "download-mode", "rom-console"}
    for name in ("flash-encryption-key", "flash-encryption-mode", "flash-encryption-counter", *mended):
        assert after[name]["result"] == "pass", name


@pytest.mark.slow
def test_doctor_reads_the_same_fuses_and_its_bench_stays_fit(tmp_path: Path) -> None:
    fuses = efuse_file(tmp_path / "kit.efuses", {**GOOD, "JTAG_DISABLE": 0})
    with burnt_kit(fuses) as port:
        command = [sys.executable, "-m", "kitbench", "doctor", "--kit", port, "--cloud", "local", "--hardening"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False, cwd=tmp_path)
    assert "JTAG_DISABLE is 0" in " ".join(done.stdout.split())


def dumped(rodata: bytes = b"", **parts: Any) -> bytes:
    """Return a flash in the clear with something in it."""
    return open_flash(b"\0" + rodata + b"\0", **parts)


DUMPS: Final[Mapping[str, tuple[Callable[[], bytes], str]]] = {
    "in the clear": (open_flash, "flash-encryption"),
    "NVS in the clear": (lambda: open_flash(nvs={"app": {"unit": "celsius"}}), "nvs-encryption"),
    "Wi-Fi password": (lambda: open_flash(nvs={"nvs.net80211": {"sta.pswd": "blue kettle 9"}}), "plaintext-secrets"),
    "source paths": (lambda: dumped(b"/Users/kim/pump/main/valve.c"), "debug-build"),
    "core dump partition": (with_core_dump_partition, "core-dump"),
    "another's key": (lambda: dumped(pem(rsa_key())), "plaintext-secrets"),
    "web token": (lambda: dumped(f"eyJ{'a' * 20}.eyJ{'b' * 30}.{'c' * 43}".encode()), "plaintext-secrets"),
    "password in an address": (lambda: dumped(b"https://pump:s3same-open@api.example.net/v1"), "plaintext-secrets"),
    "token of GitHub": (lambda: dumped(b"ghp_" + b"Zq3" * 12), "plaintext-secrets"),
    "password in JSON": (lambda: dumped(b'{"ssid": "Home", "password": "blue kettle 9"}'), "plaintext-secrets"),
    "header of an API": (lambda: dumped(b"Authorization: Bearer 0123456789abcdef0123"), "plaintext-secrets"),
    "interactive console": (lambda: dumped(b"Type 'help' to get the list of commands."), "uart-console"),
}
HARDENED_DUMPS: Final[Mapping[str, Callable[[], bytes]]] = {
    **{f"ciphertext {seed}": functools.partial(noise, 0x20000, seed) for seed in range(1, 7)},
    "ciphertext and erased flash": lambda: noise(0x10000, 11) + b"\xff" * 0x10000,
    "erased flash and ciphertext": lambda: b"\xff" * 0x1000 + noise(0x1F000, 12),
    "erased sectors between": lambda: b"".join(noise(0x1000, 20 + n) + b"\xff" * 0x1000 for n in range(16)),
    "ciphertext of 4 MB": lambda: noise(0x400000, 13),
    "ciphertext and zeros": lambda: noise(0x1F000, 14) + bytes(0x1000),
    "ciphertext twice": lambda: noise(0x10000, 15) * 2,
}


@pytest.mark.parametrize("name", few(DUMPS, "Wi-Fi password"))
def test_weakness_is_found_in_a_dump_alone(name: str, tmp_path: Path) -> None:
    make, expected = DUMPS[name]
    (tmp_path / "flash.bin").write_bytes(make())
    status, items = audited(str(tmp_path / "flash.bin"), report=tmp_path / "items.json")
    assert status == 1
    assert expected in failed(items)
    assert failed(items) <= {expected, "flash-encryption", "nvs-encryption"}
    assert "blue kettle" not in json.dumps(items)


@pytest.mark.parametrize("name", few(HARDENED_DUMPS, "erased sectors between"))
def test_hardened_device_is_not_accused_by_its_dump_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / "flash.bin").write_bytes(HARDENED_DUMPS[name]())
    status, items = audited(str(tmp_path / "flash.bin"), report=tmp_path / "items.json")
    assert failed(items) == set()
    assert status == 2


@pytest.mark.slow
def test_keys_of_nvs_in_a_readable_flash_are_told(tmp_path: Path) -> None:
    (tmp_path / "flash.bin").write_bytes(with_partition(Partition("keys", 1, 0x04, 0x80000, 0x1000, 0)))
    _, items = audited(str(tmp_path / "flash.bin"), report=tmp_path / "items.json")
    assert items["nvs-encryption"]["result"] != "pass"
