"""Flash dumps made to keep an audit busy, or to take its memory."""

import random
import zlib
from collections.abc import Callable

from kitbench.flash_format import partition_table
from kitbench.flash_format.partition_table import Partition
from kitbench.forensics.canaries.disguise import c_array, decimal_array, der, disguises, xor
from kitbench.forensics.decoding.work_budget import Work
from tests.kitbench.forensics.flash_sample import PARTITIONS, flash, rsa_key
from tests.kitbench.forensics.hostile_storage import HOSTILE_STORAGE

HOSTILE_OFFSET = 0x80000
MEGABYTE = 1 << 20


def repeated(unit: bytes) -> Callable[[int], bytes]:
    return lambda size: unit * (size // len(unit))


def noise(size: int) -> bytes:
    return random.Random(1).randbytes(size)


#: Name → maker of so many bytes, and the work that it exhausts.
HOSTILE: dict[str, tuple[Callable[[int], bytes], Work]] = {
    "one letter": (repeated(b"A"), Work.DECODED),
    "hex": (lambda size: noise(size // 2).hex().encode(), Work.DECODED),
    "words": (lambda size: b"A" * 24 + b" A" * (size // 2 - 12), Work.DECODED),
    "many runs": (repeated(b"0123456789abcdef" * 4 + b"!"), Work.LAYERS),
    "compressed zeros": (repeated(zlib.compress(bytes(3 * MEGABYTE), 9)), Work.STREAMED),
    "compressed bombs": (repeated(zlib.compress(bytes(5 * MEGABYTE), 9)), Work.INFLATED),
    "zlib headers": (repeated(b"\x78\x9c"), Work.STREAMED),
    "streams in streams": (repeated(b"\0\x02\0\xfd\xff\x78\x01"), Work.STREAMED),
    "DER key heads": (repeated(b"\x30\x82\xff\xff\x02\x01\x00\x02"), Work.STRUCTURES),
    "DER certificate heads": (repeated(b"\x30\x82\xff\xff\x30\x82\xff\xff\x02"), Work.STRUCTURES),
    "points": (repeated(b"\x04"), Work.POINTS),
    "masked needles": (repeated(xor(b"IBAAKCAQEA~~", b"\x5a")), Work.MASKS),
    "needles backwards": (repeated(b"-----YEK ETAVIRP "), Work.DECODED),
    "one key": (lambda size: der(rsa_key()) * (size // len(der(rsa_key()))), Work.KEYS),
    "one scalar": (lambda size: disguises(rsa_key())["p_big_endian"] * (size // 128), Work.HITS),
}
#: Costly only in their multitude, and never beyond what their size allows.
HARMLESS: dict[str, Callable[[int], bytes]] = {
    "BEGIN lines": repeated(b"-----BEGIN CERTIFICATE-----"),
    "small letters": repeated(b"a"),
    "nearly hex": repeated(b"ab" * 31 + b"z"),
    "hex pairs": lambda size: noise(size // 3).hex(" ").encode(),
    "C array": lambda size: c_array(noise(size // 7)),
    "decimal array": lambda size: decimal_array(noise(size // 5)),
    "decimals": repeated(b"7,"),
    "nearly decimals": repeated(b"7," * 31 + b"z"),
    "UTF-16": repeated(b"A\0"),
    "short runs": repeated(bytes(97) + b"\xff" * 97),
    "noise": noise,
}


def hostile_flash(made: bytes, rodata: bytes = b"", size: int = MEGABYTE) -> bytes:
    return flash(rodata, size=size, extra={HOSTILE_OFFSET: made[: size - HOSTILE_OFFSET]})


def hostile_storage_flash(name: str, size: int) -> bytes:
    """Return a flash whose last partition is made to harm its reader."""
    subtype, make = HOSTILE_STORAGE[name]
    partition = Partition("storage", 1, subtype, HOSTILE_OFFSET, size - HOSTILE_OFFSET)
    table = partition_table.serialize((*PARTITIONS[:3], partition))
    return flash(size=size, extra={0x8000: table, HOSTILE_OFFSET: make(partition.size)[: partition.size]})
