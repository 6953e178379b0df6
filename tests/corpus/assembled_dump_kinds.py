"""Dumps put together of pieces, each of which is in order: an app that never starts, another's table, a key beside."""

import hashlib
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from grading.judgement import Outcome
from kitbench.flash_format import partition_table
from kitbench.flash_format.partition_table import Partition
from tests.corpus.desk import Desk, desk
from tests.corpus.dump_kinds import OWN_PROJECT, Forge, build_at, fixed, submission
from tests.corpus.kind import Family, Kind

_TABLE: Final = 0x8000
_APP: Final = 0x10000
_MOST: Final = 0x100000
_SLOT: Final = 0x200000
_OTA_DATA: Final = 0x3F0000
_FREE_PARTITION: Final = 0x190000
_TEXTS: Final = b"".join(b"greenhouse %c is open\n\0" % name for name in b"abcdefghijkl")

#: Changes a flash that was built of an own project.
Change = Callable[[Desk, bytearray], bytes]


def _put(flash: bytearray, at: int, data: bytes) -> bytearray:
    flash[at : at + len(data)] = data
    return flash


def _with_partitions(flash: bytearray, *more: Partition) -> bytearray:
    table = partition_table.parse(bytes(flash[_TABLE : _TABLE + partition_table.TABLE_SIZE]))
    return _put(flash, _TABLE, partition_table.serialize([*table.partitions, *more]))


def _others(desk_: Desk) -> bytearray:
    """Return the flash of another student with the unchanged sample."""
    other = desk(desk_.folder / "other", name="k02")
    other.folder.mkdir()
    return bytearray(build_at(other))


def _own(change: Change) -> Forge:
    """Return what makes a dump of a build of the own project; the key is where it stands at the end."""

    def forge(desk_: Desk) -> tuple[bytes, int]:
        flash = change(desk_, bytearray(build_at(desk_, OWN_PROJECT)))
        return flash, max(0, flash.find(desk_.private_key_pem))

    return forge


def _in_a_slot(desk_: Desk, flash: bytearray) -> bytearray:
    """Return another's flash with the own app in an OTA slot."""
    slots = (Partition("otadata", 1, 0x00, _OTA_DATA, 0x2000), Partition("ota_0", 0, 0x10, _SLOT, 0x180000))
    return _put(_with_partitions(_others(desk_), *slots), _SLOT, bytes(flash[_APP : _APP + _MOST]))


def _in_an_unselected_slot(desk_: Desk, flash: bytearray) -> bytes:
    return bytes(_in_a_slot(desk_, flash))


def _in_the_selected_slot(desk_: Desk, flash: bytearray) -> bytes:
    number = struct.pack("<I", 1)
    entry = number + b"\xff" * 24 + struct.pack("<I", zlib.crc32(number, 0xFFFFFFFF))
    return bytes(_put(_in_a_slot(desk_, flash), _OTA_DATA, entry))


def _for_another_chip(_desk: Desk, flash: bytearray) -> bytes:
    return fixed(bytes(_put(flash, _APP + 12, struct.pack("<H", 9))))  # ESP_CHIP_ID_ESP32S3


def _overlapping(_desk: Desk, flash: bytearray) -> bytes:
    return bytes(_with_partitions(flash, Partition("more", 1, 0x06, _APP + 0x1000, 0x1000)))


def _without_a_loader(_desk: Desk, flash: bytearray) -> bytes:
    return bytes(_put(flash, 0x1000, hashlib.sha512(b"loader").digest() * 400))


def _wrong_digest(_desk: Desk, flash: bytearray) -> bytes:
    flash[flash.find(b"\xeb\xeb" + b"\xff" * 14, _TABLE) + 20] ^= 0x55
    return bytes(flash)


def _key_moved_behind(desk_: Desk, flash: bytearray) -> bytes:
    key = desk_.private_key_pem
    emptied = bytearray(fixed(bytes(_put(flash, flash.find(key), b"\n" * len(key)))))
    return bytes(_put(emptied, 0x160000, key))


def _all_in_a_partition(desk_: Desk, _flash: bytearray) -> bytes:
    held = _TEXTS + desk_.private_key_pem + desk_.student.endpoint.encode() + b"\0" + desk_.certificate_pem
    return bytes(_put(_others(desk_), _FREE_PARTITION, held))


def _key_in_a_partition(desk_: Desk, _flash: bytearray) -> bytes:
    other = replace(desk(desk_.folder / "other", name="k02"), student=desk_.student)
    other.folder.mkdir()
    return bytes(_put(bytearray(build_at(other, OWN_PROJECT)), _FREE_PARTITION, desk_.private_key_pem))


def _texts_over_the_samples(desk_: Desk, _flash: bytearray) -> bytes:
    sample = replace(desk_, folder=desk_.folder / "sample")
    sample.folder.mkdir()
    flash = bytearray(build_at(sample))
    return fixed(bytes(_put(flash, flash.find(desk_.certificate_pem), _TEXTS)))


def _swapped_certificate(desk_: Desk) -> tuple[bytes, int]:
    other = desk(desk_.folder / "other", name="k02")
    other.folder.mkdir()
    size = len(other.certificate_pem)
    own = desk_.certificate_pem.ljust(size, b"\n")[:size]
    flash = build_at(other).replace(other.certificate_pem, own)
    endpoints = (other.student.endpoint.encode(), desk_.student.endpoint.encode())
    return fixed(flash.replace(*endpoints)), flash.find(other.private_key_pem)


_LOST: Final = {"security_analysis": Outcome.FAILED}
_NOT_ITS_APP: Final = "app that it starts was built from something else"


def _forged(name: str, why: str, change: Change, reason: str) -> Kind:
    make = submission(_own(change), OWN_PROJECT)
    return Kind(name, Family.FORGED_DUMP, why, make, _LOST, {"security_analysis": reason})


def _not_told(name: str, argument: str, change: Change) -> Kind:
    make = submission(_own(change), OWN_PROJECT)
    return Kind(name, Family.FORGED_DUMP, "no kit ever ran it", make, _LOST, undecidable=argument)


ASSEMBLED_DUMP: Final[tuple[Kind, ...]] = (
    _forged("own app in a slot that never starts", "the kit runs another's", _in_an_unselected_slot, _NOT_ITS_APP),
    _forged("app for another chip", "no boot loader of this kit starts it", _for_another_chip, "another chip"),
    _forged("overlapping partitions", "no build makes such a table", _overlapping, "overlap"),
    _forged("noise for a boot loader", "nothing boots", _without_a_loader, "no boot loader"),
    _forged("partition table with a wrong digest", "nothing boots", _wrong_digest, "fails its MD5"),
    _forged("own key, moved behind its app", "no build puts it there", _key_moved_behind, "where no build puts one"),
    _forged("texts and key in a data partition", "the app is another's", _all_in_a_partition, _NOT_ITS_APP),
    Kind(
        "another's dump of the sample, its certificate swapped",
        Family.FORGED_DUMP,
        "the key in it is another's",
        submission(_swapped_certificate),
        _LOST,
        {"security_analysis": "is another key"},
    ),
    _not_told(
        "another's key in the own app, the own one in a data partition",
        "a project may well read its key from a partition of its own",
        _key_in_a_partition,
    ),
    _not_told(
        "the project's texts written over a build of the sample",
        "they stand where a build puts them; what an app does is not told by its texts",
        _texts_over_the_samples,
    ),
)

#: As honest students may hand them in.
HONEST_ASSEMBLED_DUMP: Final[tuple[Kind, ...]] = tuple(
    Kind(name, Family.HONEST, why, submission(_own(change), OWN_PROJECT), {"security_analysis": Outcome.PASSED})
    for name, why, change in (
        ("own app in the selected slot", "it is what the kit runs", _in_the_selected_slot),
        ("dump read twice around", "of a 4 MB flash 8 MB were read", lambda _desk, flash: bytes(flash * 2)),
    )
)
