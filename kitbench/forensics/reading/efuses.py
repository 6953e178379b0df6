"""eFuses that decide what a thief with the kit in hand can do: read from a kit, or from a file, and explained."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kitbench.errors import UsageError

#: Base of ESP32's block 0 as registers (ESP32 TRM, "eFuse Controller", EFUSE_BLK0_RDATA0_REG).
_ESP32_BLOCK0: Final = 0x3FF5A000
_ESP32_WORDS: Final = 7


@dataclass(frozen=True, slots=True)
class _Field:
    """Bits of block 0: word, lowest bit, width (ESP32 TRM, table of eFuse parameters)."""

    word: int
    shift: int
    width: int = 1


_ESP32_FIELDS: Final[Mapping[str, _Field]] = {
    "WR_DIS": _Field(0, 0, 16),
    "RD_DIS": _Field(0, 16, 4),
    "FLASH_CRYPT_CNT": _Field(0, 20, 7),
    "UART_DOWNLOAD_DIS": _Field(0, 27),
    "FLASH_CRYPT_CONFIG": _Field(5, 28, 4),
    "CONSOLE_DEBUG_DISABLE": _Field(6, 2),
    "ABS_DONE_0": _Field(6, 4),
    "ABS_DONE_1": _Field(6, 5),
    "JTAG_DISABLE": _Field(6, 6),
    "DISABLE_DL_ENCRYPT": _Field(6, 7),
    "DISABLE_DL_DECRYPT": _Field(6, 8),
    "DISABLE_DL_CACHE": _Field(6, 9),
}


def read_esp32(read_register: Callable[[int], int]) -> dict[str, int]:
    """Return the hardening fields of an ESP32 by name."""
    words = [read_register(_ESP32_BLOCK0 + 4 * index) for index in range(_ESP32_WORDS)]
    return {name: words[at.word] >> at.shift & ((1 << at.width) - 1) for name, at in _ESP32_FIELDS.items()}


def parse(text: bytes) -> dict[str, int]:
    """Return the fields in a JSON file: ours, or that of `espefuse summary --format json`.

    Raises:
        UsageError: no JSON object, or none of the fields is in it.
    """
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"eFuses: not JSON: {error}", stage="audit") from error
    if isinstance(document, dict) and isinstance(document.get("efuses"), dict):
        document = document["efuses"]
    if not isinstance(document, dict):
        raise UsageError("eFuses: expected a JSON object of fields", stage="audit")
    fields = {name: _number(document[name]) for name in _ESP32_FIELDS if name in document}
    known = {name: number for name, number in fields.items() if number is not None}
    if not known:
        raise UsageError(f"eFuses: none of {', '.join(_ESP32_FIELDS)} in the file", stage="audit")
    return known


def _number(value: object) -> int | None:
    """Return a field's number: 0, true, "0x1", or espefuse's {"value": …}."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, str):
        try:
            return int(value.split()[0], 0) if value.split() else None
        except ValueError:
            return None
    return None


def is_flash_encrypted(fields: Mapping[str, int]) -> bool:
    """Whether flash encryption is on: an odd number of bits of FLASH_CRYPT_CNT is set."""
    return fields.get("FLASH_CRYPT_CNT", 0).bit_count() % 2 == 1


def hardening(fields: Mapping[str, int]) -> tuple[dict[str, str], ...]:
    """Return what the fields mean for a thief: name, state, meaning, and the ISTG identifier concerned."""
    if not fields:
        return ()
    encrypted = is_flash_encrypted(fields)
    download_off = bool(fields.get("UART_DOWNLOAD_DIS", 0))
    secure_boot = bool(fields.get("ABS_DONE_0", 0) or fields.get("ABS_DONE_1", 0))
    jtag_off = bool(fields.get("JTAG_DISABLE", 0))
    rows = (
        ("flash encryption", "on" if encrypted else "off", encrypted),
        ("secure boot", "on" if secure_boot else "off", secure_boot),
        ("JTAG", "disabled" if jtag_off else "open", jtag_off),
        ("download mode", "disabled" if download_off else "open", download_off),
    )
    return tuple(
        {"name": name, "state": state, "meaning": _MEANINGS[name][0 if good else 1], "istg": _MEANINGS[name][2]}
        for name, state, good in rows
    )


#: What is true when it is in force, what when it is not, and the identifier of the ISTG.
_MEANINGS: Final = {
    "flash encryption": (
        "a dump of the flash is ciphertext",
        "whoever holds the kit for a minute reads the whole flash in the clear",
        "ISTG-MEM-SCRT-001",
    ),
    "secure boot": (
        "only signed firmware starts",
        "any firmware can be flashed: one, too, that lets the secure element sign for a thief",
        "ISTG-FW[INST]-CRYPT-001",
    ),
    "JTAG": (
        "the debug port is closed",
        "RAM and flash can be read and changed through the debug pins",
        "ISTG-INT-AUTHZ-001",
    ),
    "download mode": (
        "the serial loader is closed",
        "esptool reads and writes the flash over USB",
        "ISTG-PHY-AUTHZ-001",
    ),
}
