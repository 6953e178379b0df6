"""A device of a product that does everything right, to plant one weakness at a time in."""

import functools
import json
import random
from dataclasses import dataclass, field, replace
from typing import Any

from kitbench.flash_format.nvs_image import nvs_image
from kitbench.flash_format.partition_table import Partition
from kitbench.forensics.audit import audit
from kitbench.forensics.layout.flash_layout import read_layout
from kitbench.forensics.layout.other_secrets import SecretSearch
from kitbench.hardening.build_settings import parse_settings
from kitbench.hardening.dump_reading import read_dump
from kitbench.hardening.efuse_table import parse
from kitbench.hardening.facts import DumpFacts, Facts
from kitbench.hardening.item import Item, Result
from kitbench.hardening.judgement import judge
from tests.kitbench.forensics.flash_sample import PARTITIONS, certificate_of, ec_key, flash

#: Release mode with secure boot V2, every lock set: what `espefuse summary --format json` says of it.
FIELDS: dict[str, tuple[Any, bool, bool]] = {
    "FLASH_CRYPT_CNT": (0x7F, True, False),
    "FLASH_CRYPT_CONFIG": (0xF, True, False),
    "BLOCK1": ("?? ?? ??", False, False),
    "BLOCK2": ("3a 01 7c", True, False),
    "RD_DIS": (1, True, False),
    "WR_DIS": (0xFFFF, True, False),
    "ABS_DONE_0": (False, True, False),
    "ABS_DONE_1": (True, True, False),
    "JTAG_DISABLE": (True, True, False),
    "UART_DOWNLOAD_DIS": (True, True, False),
    "CONSOLE_DEBUG_DISABLE": (True, True, False),
    "DISABLE_DL_ENCRYPT": (True, True, False),
    "DISABLE_DL_DECRYPT": (True, True, False),
    "DISABLE_DL_CACHE": (True, True, False),
    "SECURE_VERSION": (1, True, True),
}
BUILD = """
CONFIG_ESP_CONSOLE_NONE=y
# CONFIG_ESP_CONSOLE_UART_DEFAULT is not set
CONFIG_NVS_ENCRYPTION=y
CONFIG_BOOTLOADER_APP_ANTI_ROLLBACK=y
CONFIG_COMPILER_OPTIMIZATION_SIZE=y
CONFIG_LOG_DEFAULT_LEVEL=1
CONFIG_BOOTLOADER_LOG_LEVEL=0
CONFIG_ESP_COREDUMP_ENABLE_TO_NONE=y
"""
PLANTED_KEY = b"-----BEGIN PRIVATE KEY-----\nMI"
#: Noise is noise.
SIZE = 0x20000
NVS_AT = PARTITIONS[0].offset


def noise(size: int, seed: int = 3) -> bytes:
    """Return what encrypted flash looks like."""
    return random.Random(seed).randbytes(size)


def efuses_json(**changed: tuple[Any, bool, bool] | None) -> bytes:
    """Return a summary of eFuses with some fields changed, or left out."""
    fields = {name: value for name, value in {**FIELDS, **changed}.items() if value is not None}
    document = {
        name: {"name": name, "value": value, "readable": readable, "writeable": writeable}
        for name, (value, readable, writeable) in fields.items()
    }
    return b"espefuse v5.6.0\n" + json.dumps(document).encode()


@dataclass(frozen=True)
class Device:
    """What is known of a device; as it stands, all of it and all of it good."""

    efuses: bytes | None = field(default_factory=efuses_json)
    build: str | None = BUILD
    dump: bytes | None = field(default_factory=lambda: noise(SIZE))

    def but(self, **changed: Any) -> "Device":
        """Return it with something changed."""
        return replace(self, **changed)

    def facts(self) -> Facts:
        """Return the facts as the command gathers them."""
        table = parse(self.efuses) if self.efuses is not None else None
        settings = parse_settings(self.build) if self.build is not None else None
        return Facts(table, None if self.dump is None else dump_facts(self.dump), settings)

    def items(self) -> dict[str, Item]:
        """Return the items by id."""
        return {item.id: item for item in judge(self.facts())}

    def failed(self) -> set[str]:
        """Return the ids of the items that failed."""
        return {name for name, item in self.items().items() if item.result is Result.FAIL}


@functools.cache
def dump_facts(dump: bytes) -> DumpFacts:
    """Return what a dump shows, the audit's findings among it; where no key was planted its cheap part is enough."""
    layout = read_layout(dump)
    if PLANTED_KEY in dump:
        return read_dump(dump, layout, audit(dump, certificates=[certificate_of(ec_key())]).findings)
    return read_dump(dump, layout, SecretSearch(dump, layout, None).findings((), ()))


def open_flash(rodata: bytes = b"", *, nvs: dict[str, dict[str, str]] | None = None, **extra: bytes) -> bytes:
    """Return a flash in the clear, with things in its app or NVS."""
    stored = {NVS_AT: nvs_image(nvs, 0x6000)} if nvs else {}
    return flash(rodata, extra=stored | {int(offset, 16): data for offset, data in extra.items()})


def with_core_dump_partition(*, flags: int = 0) -> bytes:
    """Return a flash with a partition for core dumps."""
    return with_partition(Partition("coredump", 1, 0x03, 0x80000, 0x10000, flags))


def with_partition(partition: Partition) -> bytes:
    """Return a flash in the clear with one partition more."""
    from kitbench.flash_format import partition_table  # noqa: PLC0415 - used here alone

    table = partition_table.serialize((*PARTITIONS, partition))
    dump = bytearray(flash())
    dump[partition_table.DEFAULT_OFFSET : partition_table.DEFAULT_OFFSET + len(table)] = table
    return bytes(dump)
