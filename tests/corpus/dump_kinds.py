"""Forged dumps: none of them came out of a kit that runs the student's project."""

import hashlib
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from grading.judgement import Outcome
from tests.corpus.desk import Desk, Edit, desk
from tests.corpus.kind import Family, Kind, Make

_FLASH_SIZE: Final = 4 << 20
#: What students write of their own: as many texts as it takes to know a project by.
_OWN_TEXTS: Final = "\n".join(f'    printf("greenhouse {name} is open\\n");' for name in "abcdefghijkl")
_SAMPLE: Final = "main/subscribe_publish_sample.c"
_STARTS: Final = "    ESP_ERROR_CHECK(mqtt_session_start(&credentials));\n"
OWN_PROJECT: Final = Edit(_SAMPLE, _STARTS, _OWN_TEXTS + "\n" + _STARTS)

#: Makes a flash for a desk, and says where the key is stated to be.
Forge = Callable[[Desk], tuple[bytes, int]]


def submission(forge: Forge, *edits: Edit) -> Make:
    """Return what hands in a project, answers, certificate, and a flash.bin that somebody made."""

    def make(desk_: Desk) -> Path:
        desk_.project(*edits)
        flash, offset = forge(desk_)
        (desk_.submission / "flash.bin").write_bytes(flash)
        desk_.write_certificate()
        desk_.write_answers(offset)
        return desk_.submission

    return make


def build_at(desk_: Desk, *edits: Edit) -> bytes:
    """Return the flash that a build of the project with these edits would give."""
    home = replace(desk_, folder=desk_.folder / "home")
    home.folder.mkdir()
    return home.build(home.project(*edits)).flash_image(_FLASH_SIZE)


def _blank(desk_: Desk) -> tuple[bytes, int]:
    return _around(desk_, bytearray(b"\xff" * _FLASH_SIZE))


def _noise(desk_: Desk) -> tuple[bytes, int]:
    return _around(desk_, bytearray(random.Random(7).randbytes(_FLASH_SIZE)))


def _around(desk_: Desk, flash: bytearray, at: int = 0x30000) -> tuple[bytes, int]:
    """Return a flash into which key and endpoint were written."""
    for offset, data in ((at, desk_.private_key_pem), (at + 0x1000, desk_.student.endpoint.encode() + b"\0")):
        flash[offset : offset + len(data)] = data
    return bytes(flash), at


def _others(desk_: Desk) -> tuple[Desk, bytearray]:
    other = desk(desk_.folder / "other", name="k02")
    other.folder.mkdir()
    return other, bytearray(build_at(other))


def _others_patched(desk_: Desk) -> tuple[bytes, int]:
    other, flash = _others(desk_)
    own = _own_for(other, desk_)
    for old, new in own:
        while (at := flash.find(old)) >= 0:
            flash[at : at + len(old)] = new
    return bytes(flash), flash.find(own[0][1])


def _own_for(other: Desk, desk_: Desk) -> list[tuple[bytes, bytes]]:
    pairs = [
        (other.private_key_pem, desk_.private_key_pem),
        (other.certificate_pem, desk_.certificate_pem),
        (other.student.endpoint.encode(), desk_.student.endpoint.encode()),
    ]
    return [(old, new.ljust(len(old), b"\n")[: len(old)]) for old, new in pairs]


def _others_fixed(desk_: Desk) -> tuple[bytes, int]:
    flash, offset = _others_patched(desk_)
    return fixed(flash), offset


def fixed(flash: bytes, app_offset: int = 0x10000) -> bytes:
    """Return a flash whose app has the checksum and the SHA-256 of what now stands in it."""
    image = bytearray(flash)
    position = app_offset + 24
    checksum = 0xEF
    for _ in range(image[app_offset + 1]):
        size = int.from_bytes(image[position + 4 : position + 8], "little")
        for byte in image[position + 8 : position + 8 + size]:
            checksum ^= byte
        position += 8 + size
    end = app_offset + ((position - app_offset) | 15)
    image[end] = checksum
    image[end + 1 : end + 33] = hashlib.sha256(image[app_offset : end + 1]).digest()
    return bytes(image)


def _in_free_flash(desk_: Desk) -> tuple[bytes, int]:
    _, flash = _others(desk_)
    return _around(desk_, flash, at=0x300000)


def _behind_the_app(desk_: Desk) -> tuple[bytes, int]:
    _, flash = _others(desk_)
    return _around(desk_, flash, at=0x150000)


def _cut(desk_: Desk) -> tuple[bytes, int]:
    flash = build_at(desk_)
    return flash[: 1 << 20], flash.find(desk_.private_key_pem)


def _every_16_kilobytes(desk_: Desk) -> tuple[bytes, int]:
    flash = bytearray(b"\xff" * _FLASH_SIZE)
    for at in range(0, _FLASH_SIZE, 0x4000):
        flash[at : at + len(desk_.private_key_pem)] = desk_.private_key_pem
    flash[0x3000 : 0x3000 + len(desk_.student.endpoint)] = desk_.student.endpoint.encode()
    return bytes(flash), 0x14000


def _of_the_template(desk_: Desk) -> tuple[bytes, int]:
    flash = build_at(desk_)
    return flash, flash.find(desk_.private_key_pem)


def _own_build(desk_: Desk) -> tuple[bytes, int]:
    flash = build_at(desk_, OWN_PROJECT)
    return flash, flash.find(desk_.private_key_pem)


_LOST: Final = {"security_analysis": Outcome.FAILED}
_KEPT: Final = {"security_analysis": Outcome.PASSED, "endpoint": Outcome.PASSED}


def _forged(name: str, why: str, forge: Forge, *edits: Edit, reason: str, is_quick: bool = False) -> Kind:
    make = submission(forge, *edits)
    return Kind(name, Family.FORGED_DUMP, why, make, _LOST, {"security_analysis": reason}, is_quick=is_quick)


FORGED_DUMP: Final[tuple[Kind, ...]] = (
    _forged("blank flash with key and endpoint", "no firmware runs from it", _blank, reason="partition table"),
    _forged("noise with key and endpoint", "no firmware runs from it", _noise, reason="partition table"),
    _forged("the key every 16 KB", "whatever offset is stated is right", _every_16_kilobytes, reason="partition table"),
    _forged("a dump that was cut", "what is missing cannot be judged", _cut, reason="truncated"),
    _forged("another's dump, patched", "its app fails its check", _others_patched, reason="checksum or SHA-256"),
    _forged("key in another's free flash", "no build puts it there", _in_free_flash, reason="where no build puts one"),
    _forged("key behind another's app", "no build puts it there", _behind_the_app, reason="where no build puts one"),
    _forged(
        "a build of the template beside an own project",
        "the app lacks all that is the project's own",
        _of_the_template,
        OWN_PROJECT,
        reason="built from something else",
        is_quick=True,
    ),
    _forged(
        "another's dump, patched and repaired, beside an own project",
        "the app lacks all that is the project's own",
        _others_fixed,
        OWN_PROJECT,
        reason="built from something else",
    ),
    Kind(
        "another's dump, patched and repaired, of the unchanged sample",
        Family.FORGED_DUMP,
        "it never was in a kit of this student",
        submission(_others_fixed),
        _LOST,
        undecidable="the sample, built with this key and endpoint, gives the same bytes on everybody's desk",
    ),
    Kind(
        "a flash put together from an own build",
        Family.FORGED_DUMP,
        "no kit ever ran it",
        submission(_own_build, OWN_PROJECT),
        _LOST,
        undecidable="flashing a build and dumping it gives the same bytes as putting them together",
    ),
)

#: Dumps as honest students hand them in.
HONEST_DUMP: Final[tuple[Kind, ...]] = (
    Kind(
        "dump of the unchanged sample",
        Family.HONEST,
        "nobody has to change the sample",
        submission(_of_the_template),
        _KEPT,
        {"security_analysis": "not decided from the file"},
    ),
    Kind(
        "dump of an own project",
        Family.HONEST,
        "it was built from what was handed in",
        submission(_own_build, OWN_PROJECT),
        _KEPT,
        {"security_analysis": "12 of the 12 texts"},
    ),
)
