"""From a flash dump, and what the audit found in it, to facts. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from kitbench.flash_format import app_image
from kitbench.flash_format.partition_table import Partition
from kitbench.forensics.layout.finding import Finding, FindingKind, Owner
from kitbench.forensics.layout.flash_layout import BOOT_LOADER_OFFSETS, FlashLayout, bits_per_byte
from kitbench.hardening.facts import DumpFacts
from kitbench.hardening.secret_patterns import secrets_in

_NOTHING: Final[Mapping[str, bytes]] = MappingProxyType({})
_LARGEST_BOOT_LOADER: Final = 0x10000
#: A stretch that is looked at for noise; shorter ones never look random.
_STRETCH: Final = 0x2000
_NOISE_BITS: Final = 7.9
_SOURCE_PATH: Final = re.compile(
    rb"(?:/[\w .+-]{1,40}){3,12}\.(?:c|cc|cpp|h)\b|[A-Z]:[\\/][\w \\/.+-]{5,200}\.(?:c|cpp)\b"
)
#: The toolchain's and ESP-IDF's own files say nothing of the product's build.
_FOREIGN_PATH: Final = re.compile(rb"/(?:esp-idf|crosstool|builds/idf|IDF)/")
_REPL: Final = re.compile(rb"esp_console_new_repl|Type 'help' to get the list of commands|linenoise")


def read_dump(
    dump: bytes, layout: FlashLayout, findings: Sequence[Finding] = (), configured: Mapping[str, bytes] = _NOTHING
) -> DumpFacts:
    """Return what a dump shows.

    Args:
        dump: the flash.
        layout: of it.
        findings: the audit's.
        configured: secrets that the build was configured with, by the name of their setting.
    """
    readable = bool(layout.partitions) or any(_is_image(dump, at) for at in BOOT_LOADER_OFFSETS)
    apps = [dump[part.offset : part.end] for part in layout.partitions if part.is_app]
    return DumpFacts(
        is_readable=readable,
        is_ciphertext=not readable and _is_noise(dump),
        partitions=tuple((part.name, part.subtype_name) for part in layout.partitions),
        encrypted_partitions=tuple(part.name for part in layout.partitions if part.is_encrypted),
        nvs_values=sum(1 for value in layout.values if value.storage == "nvs" and value.pieces),
        nvs_is_noise=any(_is_noise(_content(dump, part)) for part in layout.partitions if part.subtype_name == "nvs"),
        secrets=tuple(dict.fromkeys(_secrets(dump, layout, findings, configured))) if readable else (),
        source_path=next((path for app in apps if (path := _source_path(app))), ""),
        has_repl=any(_REPL.search(app) for app in apps),
    )


def _is_image(dump: bytes, offset: int) -> bool:
    try:
        return app_image.parse(dump[offset : offset + _LARGEST_BOOT_LOADER]).checksum_ok
    except app_image.AppImageError:
        return False


def _content(dump: bytes, partition: Partition) -> bytes:
    return dump[partition.offset : partition.end]


def _is_noise(data: bytes) -> bool:
    """Say whether every stretch that is not erased looks random, and there is one."""
    stretches = (data[at : at + _STRETCH] for at in range(0, len(data), _STRETCH))
    written = [one for one in stretches if one.strip(b"\xff") and len(one) == _STRETCH]
    return bool(written) and all(bits_per_byte(one) > _NOISE_BITS for one in written)


def _secrets(
    dump: bytes, layout: FlashLayout, findings: Sequence[Finding], configured: Mapping[str, bytes]
) -> Iterator[str]:
    """Yield what gives access: the audit's own findings, and the kinds that it does not look for."""
    for finding in findings:
        if finding.is_leaked_key:
            whose = "the device's own" if finding.owner is Owner.DEVICE else "somebody's"
            yield f"{whose} private key at {finding.place.offset:#x}"
        elif finding.kind is FindingKind.SECRET:
            yield f"{finding.detail or 'a secret'} at {finding.place.offset:#x}"
    placed = [(dump.find(value), f"CONFIG_{name}'s value") for name, value in configured.items() if value in dump]
    for offset, what in (*placed, *secrets_in(dump)):
        place = layout.place(offset)
        yield f"{what} at {offset:#x}" + (f", partition {place.partition!r}" if place.partition else "")


def _source_path(app: bytes) -> str:
    for match in _SOURCE_PATH.finditer(app):
        if not _FOREIGN_PATH.search(match[0]):
            return match[0].decode("ascii", "replace")[-80:]
    return ""
