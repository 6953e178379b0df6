"""Forged dumps of the ATECC608A variant: a key that was in no chip, hidden in a flash or put beside another's.

What is judged here is the dump alone: that the bench's own firmware does not find such a key in the chip stands in
`tests/corpus/test_software_keys.py`.
"""

import base64
import codecs
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from grading.judgement import Outcome
from kitbench.bench.kits.enrolment import devcert_image
from tests.corpus.desk import Desk, chip_certificate, desk
from tests.corpus.dump_kinds import OWN_PROJECT, fixed
from tests.corpus.kind import Family, Kind, Make

_FLASH_SIZE: Final = 4 << 20
_DEVCERT: Final = 0x190000
#: Behind the certificate, in the same partition.
_HIDING_PLACE: Final = _DEVCERT + 0x1000
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_PROJECT: Final = "project_atecc608a"

#: Makes a flash for a desk.
Forge = Callable[[Desk], bytes]
Hide = Callable[[ec.EllipticCurvePrivateKey], bytes]


def _submission(forge: Forge, *, is_own_project: bool = False) -> Make:
    """Return what hands in a project of the ATECC608A variant, and a dump that somebody made."""

    def make(desk_: Desk) -> Path:
        desk_.project(*([OWN_PROJECT] if is_own_project else []), name=_PROJECT)
        (desk_.submission / "flash_atecc608a.bin").write_bytes(forge(desk_))
        desk_.write_answers()
        return desk_.submission

    return make


def _built(desk_: Desk, name: str = "home", variant: str = "atecc608a") -> bytearray:
    """Return the flash that a build of the unchanged sample gives."""
    home = replace(desk_, folder=desk_.folder / name)
    home.folder.mkdir()
    return bytearray(home.build(home.project(), variant=variant).flash_image(_FLASH_SIZE))


def _put(flash: bytearray, at: int, data: bytes) -> bytearray:
    flash[at : at + len(data)] = data
    return flash


def _with_certificate(desk_: Desk) -> bytearray:
    """Return a sound dump of the chip's variant: no key, and the registered certificate in its partition."""
    return _put(_built(desk_), _DEVCERT, devcert_image(desk_.chip_certificate_pem))


def _hidden(hide: Hide) -> Forge:
    """Return what puts the private key of the registered certificate beside it."""
    return lambda desk_: bytes(_put(_with_certificate(desk_), _HIDING_PLACE, hide(desk_.chip_key)))


def _scalar(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_numbers().private_value.to_bytes(32)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def _xor(data: bytes, mask: bytes) -> bytes:
    return bytes(byte ^ mask[at % len(mask)] for at, byte in enumerate(data))


def _another_order(size: int) -> Hide:
    """Return what turns the bytes within each word of so many."""
    return lambda key: b"".join(_scalar(key)[at : at + size][::-1] for at in range(0, 32, size))


def _encrypted(key: ec.EllipticCurvePrivateKey) -> bytes:
    """AES, with the key of the cipher beside."""
    secret = hashlib.sha256(b"kitchen").digest()
    encryptor = Cipher(algorithms.AES(secret), modes.ECB()).encryptor()
    return secret + encryptor.update(_scalar(key)) + encryptor.finalize()


def _pkcs12(key: ec.EllipticCurvePrivateKey) -> bytes:
    return serialize_key_and_certificates(b"device", key, None, None, BestAvailableEncryption(b"device"))


def _others_patched(desk_: Desk) -> bytes:
    """Return the dump of another student's kit with this one's endpoint."""
    other = desk(desk_.folder / "other", name="k02")
    other.folder.mkdir()
    flash = bytes(_with_certificate(other))
    return fixed(flash.replace(other.student.endpoint.encode(), desk_.student.endpoint.encode()))


def _own_certificate(desk_: Desk) -> bytes:
    """Return a blank flash with any certificate of an EC key."""
    certificate = chip_certificate("k01", ec.generate_private_key(ec.SECP256R1()))
    flash = _put(bytearray(b"\xff" * _FLASH_SIZE), _DEVCERT, devcert_image(certificate))
    return bytes(_put(flash, 0x3000, desk_.student.endpoint.encode() + b"\0"))


def _blank_with_the_certificate(desk_: Desk) -> bytes:
    flash = _put(bytearray(b"\xff" * _FLASH_SIZE), _DEVCERT, devcert_image(desk_.chip_certificate_pem))
    return bytes(_put(flash, 0x3000, desk_.student.endpoint.encode() + b"\0"))


def _emptied(desk_: Desk) -> bytearray:
    """Return the embedded-key app with its key overwritten."""
    flash = _built(desk_, variant="embedded_key")
    at = flash.find(desk_.private_key_pem)
    return _put(flash, at, b"\n" * len(desk_.private_key_pem))


def _emptied_alone(desk_: Desk) -> bytes:
    return fixed(bytes(_emptied(desk_)))


def _emptied_with_the_certificate(desk_: Desk) -> bytes:
    return fixed(bytes(_put(_emptied(desk_), _DEVCERT, devcert_image(desk_.chip_certificate_pem))))


_LOST: Final = {"secure_element": Outcome.FAILED}
_KEY: Final = "holds a private key"


def _forged(name: str, why: str, forge: Forge, reason: str = "", *, is_own_project: bool = False) -> Kind:
    make = _submission(forge, is_own_project=is_own_project)
    return Kind(
        f"chip: {name}", Family.FORGED_DUMP, why, make, _LOST, {"secure_element": reason}, is_of_the_dump_alone=True
    )


def _not_told(name: str, argument: str, forge: Forge) -> Kind:
    return Kind(
        f"chip: {name}",
        Family.FORGED_DUMP,
        "the key was never in a chip",
        _submission(forge),
        _LOST,
        undecidable=argument,
        is_of_the_dump_alone=True,
    )


_HIDDEN: Final[dict[str, tuple[Hide, str]]] = {
    "raw key under one byte of XOR": (lambda key: _xor(_scalar(key), b"\x5c"), _KEY),
    "raw key in words of 32 bits": (_another_order(4), _KEY),
    "raw key, its halves swapped": (lambda key: _scalar(key)[16:] + _scalar(key)[:16], _KEY),
    "raw key, even bytes first": (lambda key: _scalar(key)[::2] + _scalar(key)[1::2], _KEY),
    "raw key between 0xFF": (lambda key: b"".join(bytes([byte, 0xFF]) for byte in _scalar(key)), _KEY),
    "n - d": (lambda key: (_ORDER - key.private_numbers().private_value).to_bytes(32), _KEY),
    "d + 1": (lambda key: (key.private_numbers().private_value + 1).to_bytes(32), _KEY),
    "base32": (lambda key: base64.b32encode(_scalar(key)), _KEY),
    "base85": (lambda key: base64.b85encode(_scalar(key)), _KEY),
    "rot13": (lambda key: codecs.encode(_pem(key).decode(), "rot13").encode(), _KEY),
    "PKCS#12": (_pkcs12, ""),
}
_NO_SCAN: Final = "no static scan tells such bytes from noise; the bench's own firmware finds another key in the chip"
_ANY_FLASH: Final = "whoever has the chip's certificate, which is public, can put any flash together around it"

FORGED_CHIP_DUMP: Final[tuple[Kind, ...]] = (
    *(_forged(name, "anybody can read the key", _hidden(hide), reason) for name, (hide, reason) in _HIDDEN.items()),
    _forged("another's dump, patched", "it is another chip's", _others_patched, "registered for the chip of k01"),
    _forged("a certificate of one's own in a blank flash", "no firmware runs from it", _own_certificate),
    _forged("the certificate in a blank flash", "no firmware runs from it", _blank_with_the_certificate),
    _forged(
        "the embedded key overwritten", "it has no certificate of a chip", _emptied_alone, "registered for the chip"
    ),
    _forged(
        "a build of the sample beside an own project",
        "the app lacks all that is the project's own",
        lambda desk_: bytes(_with_certificate(desk_)),
        "built from something else",
        is_own_project=True,
    ),
    _not_told("the embedded key overwritten, a certificate added", _ANY_FLASH, _emptied_with_the_certificate),
    _not_told("a dump that was put together", _ANY_FLASH, lambda desk_: bytes(_with_certificate(desk_))),
    _not_told("AES with its key beside", _NO_SCAN, _hidden(_encrypted)),
    _not_told("raw key under the MAC", _NO_SCAN, _hidden(lambda key: _xor(_scalar(key), b"\x24\x0a\xc4\xa1\xb2\xc3"))),
    _not_told("halves apart", _NO_SCAN, _hidden(lambda key: _scalar(key)[:16] + b"\xff" * 200 + _scalar(key)[16:])),
)

#: The same flash, handed in by somebody whose kit it came out of.
HONEST_CHIP_DUMP: Final[tuple[Kind, ...]] = (
    Kind(
        "chip: dump of the unchanged sample",
        Family.HONEST,
        "no key is in it, and the registered certificate is",
        _submission(lambda desk_: bytes(_with_certificate(desk_))),
        {"secure_element": Outcome.PASSED},
        {"secure_element": "no private key was found"},
        is_of_the_dump_alone=True,
    ),
)
