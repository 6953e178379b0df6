"""What an audit searched for and what it cannot see: the words of every absence, which say no more than was done.

`disguise.py` and `storage_disguise.py` make keys in the forms named here; the canary of each audit plants them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kitbench.forensics.keys.target import Target, TargetSet, describe
from kitbench.forensics.window_scan.curve import P256

#: Of any key: what needs no public key, for the structure shows it.
_STRUCTURE: Final = (
    "PEM and DER (SEC 1, PKCS#1, PKCS#8) of RSA, EC and Ed25519 keys",
    "PEM in C strings, JSON, HTML, quoted mails and URLs, and OpenSSH's PEM",
    "these encoded up to four times: base64, hex (also of openssl -text), C arrays, UTF-16, gzip, zlib",
    "these in base32, base45, base58, base85 in their dialects, uuencode, one decimal number, Intel HEX, S-records",
    "these in lists of numbers of 8 to 64 bits, dumps of xxd, hexdump and od, or a byte to each 16 or 32 bits",
    "these under escapes of C, JSON, Python, URLs, HTML and mails, or parted by line numbers, tags, quotes, comments",
    "PEM and DER backwards, PEM under rot13",
    "these under an XOR mask of 1 to 8 bytes",
    "all of it also in NVS, SPIFFS, FAT and LittleFS, erased entries too",
)
_DISGUISES: Final = (
    "under an XOR mask of one byte, or words of 16, 32 or 64 bits or halves swapped or turned in themselves, halves "
    "interleaved, or even before odd bytes"
)
_NEVER: Final = (
    "keys wrapped, masked or split by software, and XOR masks longer than 8 bytes",
    "keys under more than four layers of encoding, or with base32, base85 or fillers within what is no text",
    "raw numbers (no PEM or DER around them) under an XOR mask of more than one byte",
    "raw numbers in an order that is not named here, or under a mask or in another order and encoded as well",
    "raw numbers of RSA and P-384 under an XOR mask other than 0xff, or with their bytes in another order",
    "raw numbers of keys whose public key is not among those searched for",
    "a CRT exponent dP, dQ or qInv that stands alone, without p, q or d",
    "RSA primes of unequal size",
    "an RSA exponent d that stands alone, when p-1 and q-1 share a prime factor beyond 1021 (one key in 5000)",
    "keys in RAM, in eFuses, in the secure element, or in flash of another chip",
    "what the firmware would derive, download or generate at run time",
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The forms of keys that were searched for, and those that no static scan excludes.

    Attributes:
        public_keys: how many public keys the raw numbers were searched by.
    """

    searched: tuple[str, ...] = _STRUCTURE
    not_covered: tuple[str, ...] = _NEVER
    public_keys: int = 0

    @property
    def sentence(self) -> str:
        """The reason of an absence: what was not found, in which forms, and what remains possible."""
        keys = "1 public key" if self.public_keys == 1 else f"{self.public_keys} public keys"
        return (
            "no private key was found; proven absent: PEM and DER, plain, encoded or under a short XOR mask, and raw "
            f"numbers of {keys}; not covered: keys split, wrapped, made at run time or kept outside this flash"
        )


def coverage(targets: TargetSet, disguises: tuple[int, int] | None = None) -> Coverage:
    """Return what a scan with these targets covers.

    Args:
        targets: public keys that were searched for.
        disguises: at how many places their numbers were tried in disguise, and at how many that look random not.
    """
    raw = [f"the raw number of {names}" for names in _raw_forms(targets.targets)]
    tried, left = disguises or (0, 0)
    if disguises and (keys := len(targets.of_curve(P256.name))):
        chosen = "all that look random" if not left else "those that look random amid the least that does"
        raw.append(f"the raw number of {keys} EC {P256.name}: {_DISGUISES}, as bytes, at {tried:,} places, {chosen}")
    return Coverage((*_STRUCTURE, *raw), (*_NEVER, *_left_out(left)), len(targets.targets))


def _left_out(left: int) -> Iterator[str]:
    """Yield what a dump that looks random in too many places leaves open."""
    if left:
        yield f"raw numbers under a mask or in another order at {left:,} more places, amid code or what looks random"


def _raw_forms(targets: Iterable[Target]) -> list[str]:
    """Return for each type of key, with how many public keys of it, which of its numbers were searched for."""
    kinds: dict[str, list[Target]] = {}
    for target in targets:
        kinds.setdefault(describe(target.key), []).append(target)
    return [f"{len(group)} {kind}: {_numbers(group[0].key)}" for kind, group in kinds.items()]


def _numbers(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> str:
    order = "big and little endian, at every byte, encoded as above too"
    if isinstance(key, rsa.RSAPublicKey):
        return f"p, q or d, {order}"
    return f"d, its negative, its complement, d + 1 or d - 1, {order}"
