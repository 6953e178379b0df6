"""The eFuses of an ESP32 with their protections, from what espefuse or the bench wrote. Pure.

Sources: ESP32 Technical Reference Manual, "eFuse Controller"; esptool, espefuse's `summary --format json`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from kitbench.errors import UsageError
from kitbench.hardening.efuse_text import decoded, fields_in_table

#: Bit of RD_DIS that closes a key block (TRM, "EFUSE_RD_DISABLE").
_READ_BITS: Final = {"BLOCK1": 0, "BLOCK2": 1, "BLOCK3": 2}
#: Bit of WR_DIS that closes a field or block (TRM, table of eFuse parameters, "Write-protected by").
_WRITE_BITS: Final = {
    "RD_DIS": 0,
    "FLASH_CRYPT_CNT": 2,
    "UART_DOWNLOAD_DIS": 2,
    "BLOCK1": 7,
    "BLOCK2": 8,
    "BLOCK3": 9,
    "ABS_DONE_0": 12,
    "ABS_DONE_1": 13,
    "JTAG_DISABLE": 14,
    "CONSOLE_DEBUG_DISABLE": 15,
    "DISABLE_DL_ENCRYPT": 15,
    "DISABLE_DL_DECRYPT": 15,
    "DISABLE_DL_CACHE": 15,
}
_WORDS: Final = {"True": 1, "true": 1, "False": 0, "false": 0}
#: One of these at least makes a file one of an ESP32's eFuses.
TELLING: Final = ("FLASH_CRYPT_CNT", "ABS_DONE_0", "ABS_DONE_1", "JTAG_DISABLE", "UART_DOWNLOAD_DIS")


@dataclass(frozen=True, slots=True)
class EfuseTable:
    """What is known of a chip's eFuses; a field that is not in the file is not known, and is not 0.

    Attributes:
        values: of fields that are numbers.
        readable, writeable: by field or block, where the file says so.
    """

    values: Mapping[str, int]
    readable: Mapping[str, bool] = field(default_factory=dict)
    writeable: Mapping[str, bool] = field(default_factory=dict)

    def is_set(self, name: str) -> bool | None:
        """Whether a field is not 0; None where it is not known."""
        value = self.values.get(name)
        return None if value is None else value != 0

    def is_readable(self, block: str) -> bool | None:
        """Whether software can read a key block; None where it is not known."""
        if block in self.readable:
            return self.readable[block]
        return _bit(self.values.get("RD_DIS"), _READ_BITS.get(block))

    def is_writeable(self, name: str) -> bool | None:
        """Whether a field can still be changed; None where it is not known."""
        if name in self.writeable:
            return self.writeable[name]
        return _bit(self.values.get("WR_DIS"), _WRITE_BITS.get(name))

    @property
    def is_flash_encrypted(self) -> bool | None:
        """Whether flash encryption is on: an odd number of bits of FLASH_CRYPT_CNT is set; None for not known."""
        count = self.values.get("FLASH_CRYPT_CNT")
        return None if count is None else count.bit_count() % 2 == 1


def _bit(mask: int | None, bit: int | None) -> bool | None:
    """Return whether something is open by the mask that closes it."""
    return None if mask is None or bit is None else not mask >> bit & 1


def parse(text: bytes) -> EfuseTable:
    """Return the eFuses in a file: espefuse's summary as JSON or as a table, or what `dump` and `collect` wrote.

    Raises:
        UsageError: it is none of these, or of a chip whose eFuses have other names.
    """
    words = decoded(text)
    fields = fields_in_table(words) or _fields(_json_in(words))
    table = EfuseTable(
        {name: number for name, value in fields.items() if (number := _number(value)) is not None},
        _flags(fields, "readable"),
        _flags(fields, "writeable"),
    )
    if not any(name in table.values for name in TELLING):
        raise UsageError(
            f"eFuses: none of {', '.join(TELLING)} in the file",
            stage="hardening",
            fix="espefuse --port PORT summary --format json > efuses.json; other chips than the ESP32 are not judged",
        )
    return table


def _json_in(text: str) -> Any:
    """Return the first JSON object; espefuse prints lines about the connection before it, and some after it.

    Raises:
        UsageError: there is none.
    """
    try:
        return json.JSONDecoder().raw_decode(text, max(text.find("{"), 0))[0]
    except (ValueError, RecursionError) as error:
        fix = "espefuse --port PORT summary --format json > efuses.json"
        raise UsageError(
            f"eFuses: neither JSON nor a summary: {str(error)[:100]}", stage="hardening", fix=fix
        ) from error


def _fields(document: Any) -> dict[str, Any]:
    """Return the object that holds the fields, wherever ours or a bundle's witness has it."""
    for path in ((), ("efuses",), ("kit", "efuses"), ("witness", "kit", "efuses")):
        found = document
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, dict) and any(name in found for name in TELLING):
            return found
    return {}


def _flags(fields: Mapping[str, Any], key: str) -> dict[str, bool]:
    return {
        name: value[key]
        for name, value in fields.items()
        if isinstance(value, dict) and isinstance(value.get(key), bool)
    }


def _number(value: Any) -> int | None:
    """Return a field's number: 0, true, "True", "0x1", or espefuse's {"value": …}."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, bool | int):
        return int(value)
    word = value.split()[0] if isinstance(value, str) and value.split() else None
    if word in _WORDS:
        return _WORDS[word]
    try:
        return None if word is None else int(word, 0)
    except ValueError:
        return None
