"""Weaknesses planted one at a time in a device that does all right: each is found, and nothing else is accused."""

from typing import Any

import pytest

from kitbench.hardening.item import Result
from tests.kitbench.forensics.flash_sample import rsa_key
from tests.kitbench.hardening.hardened_device import (
    BUILD,
    Device,
    efuses_json,
    open_flash,
    with_core_dump_partition,
)

OPEN = (False, True, True)


def fuses(**changed: tuple[Any, bool, bool] | None) -> Device:
    return Device().but(efuses=efuses_json(**changed))


def built(*lines: str, without: str = "") -> Device:
    kept = [line for line in BUILD.splitlines() if not without or without not in line]
    return Device().but(build="\n".join([*kept, *lines]))


def dumped(rodata: bytes = b"", **parts: Any) -> Device:
    """A dump in the clear, without eFuses: those of the good device would not be its own."""
    return Device(efuses=None, build=None, dump=open_flash(rodata, **parts))


def pem(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat  # noqa: PLC0415

    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


PLANTED = {
    "flash encryption off": (fuses(FLASH_CRYPT_CNT=(0, True, True)), "flash-encryption"),
    "turned off again": (fuses(FLASH_CRYPT_CNT=(3, True, True)), "flash-encryption"),
    "development mode": (
        fuses(UART_DOWNLOAD_DIS=None, DISABLE_DL_DECRYPT=OPEN),
        "flash-encryption-mode",
    ),
    "key can be read": (fuses(BLOCK1=("7a 01", True, False)), "flash-encryption-key"),
    "counter can be written": (fuses(FLASH_CRYPT_CNT=(1, True, True)), "flash-encryption-counter"),
    "no secure boot": (fuses(ABS_DONE_1=OPEN), "secure-boot"),
    "secure boot V1 with an open key": (
        fuses(ABS_DONE_0=(True, True, False), ABS_DONE_1=OPEN, BLOCK2=("11", True, False)),
        "secure-boot-key",
    ),
    "digest of V2 can be hidden": (fuses(RD_DIS=(1, True, True)), "secure-boot-key"),
    "download mode": (fuses(UART_DOWNLOAD_DIS=OPEN), "download-mode"),
    "JTAG": (fuses(JTAG_DISABLE=OPEN), "jtag"),
    "BASIC": (fuses(CONSOLE_DEBUG_DISABLE=OPEN), "rom-console"),
    "UART console": (built("CONFIG_ESP_CONSOLE_UART_DEFAULT=y", without="CONSOLE"), "uart-console"),
    "NVS in the clear by the build": (built(without="NVS_ENCRYPTION"), "nvs-encryption"),
    "NVS in the clear": (dumped(nvs={"app": {"colour": "blue"}}), "nvs-encryption"),
    "Wi-Fi password in NVS": (dumped(nvs={"nvs.net80211": {"sta.pswd": "correct horse"}}), "plaintext-secrets"),
    "no anti-rollback": (built(without="ROLLBACK"), "anti-rollback"),
    "debug build": (built("CONFIG_COMPILER_OPTIMIZATION_DEBUG=y", without="OPTIMIZATION"), "debug-build"),
    "gdb stub": (built("CONFIG_ESP_SYSTEM_PANIC_GDBSTUB=y"), "debug-build"),
    "source paths": (dumped(b"\0/home/ann/thermostat/main/door_lock.c\0"), "debug-build"),
    "loud log": (built("CONFIG_LOG_DEFAULT_LEVEL_DEBUG=y", without="LOG_"), "log-level"),
    "loud boot loader": (built("CONFIG_BOOTLOADER_LOG_LEVEL=3", without="BOOTLOADER_LOG"), "log-level"),
    "core dumps to the serial line": (built("CONFIG_ESP_COREDUMP_ENABLE_TO_UART=y", without="COREDUMP"), "core-dump"),
    "core dump partition": (Device(None, None, with_core_dump_partition()), "core-dump"),
    "somebody's key": (dumped(pem(rsa_key())), "plaintext-secrets"),
    "web token": (
        dumped(b"\0eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJraXQtNyJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg\0"),
        "plaintext-secrets",
    ),
    "password in an address": (dumped(b"\0mqtt://sensor:hunter2hunter2@broker.example.org\0"), "plaintext-secrets"),
    "key of AWS": (dumped(b"\0AKIAQ3EXAMPLE2KEY4BX\0"), "plaintext-secrets"),
    "bot's token": (dumped(b"\x00123456789:AAF" + b"k" * 32 + b"\0"), "plaintext-secrets"),
    "loader that decrypts": (fuses(UART_DOWNLOAD_DIS=None, DISABLE_DL_ENCRYPT=OPEN), "flash-encryption-mode"),
    "key that can be overwritten": (fuses(BLOCK1=("??", False, True)), "flash-encryption-key"),
    "old name of the debug build": (built("CONFIG_OPTIMIZATION_LEVEL_DEBUG=y", without="OPTIMIZATION"), "debug-build"),
    "interactive console": (dumped(b"\0Type 'help' to get the list of commands.\0"), "uart-console"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_weakness_is_found_and_nothing_else_is_accused(name: str) -> None:
    device, expected = PLANTED[name]
    failed = device.failed()
    assert expected in failed
    accused_with_it = {"flash-encryption", "nvs-encryption"} if device.efuses is None else set()
    if expected == "flash-encryption":
        accused_with_it = {"nvs-encryption"}  # the keys of NVS are in that flash
    assert failed - {expected} <= accused_with_it


@pytest.mark.parametrize("name", PLANTED)
def test_whoever_fails_is_told_what_was_seen_and_what_to_do(name: str) -> None:
    device, expected = PLANTED[name]
    item = device.items()[expected]
    assert item.seen
    assert item.fix
    assert "hunter2" not in item.seen
    assert "correct horse" not in item.seen


def test_the_device_without_a_weakness_passes_everything() -> None:
    assert {item.result for item in Device().items().values()} == {Result.PASS}
