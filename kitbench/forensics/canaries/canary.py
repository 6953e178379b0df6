"""Plants throw-away keys in a copy of the dump and looks for them: an audit that misses one proves nothing."""

import math
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kitbench.forensics.canaries.disguise import canary_forms, pem
from kitbench.forensics.canaries.storage_disguise import STORAGE_FORMS, partition_of
from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.keys.examination import Examination, Stored, examine
from kitbench.forensics.keys.key_formats import PrivateKey
from kitbench.forensics.keys.target import Target, fingerprint
from kitbench.forensics.layout.storage import stored_values
from kitbench.forensics.proof.verdict import CanaryRecord
from kitbench.forensics.scrambled.lone_windows import lone_windows

#: Bytes of the dump around a plant that are searched along with it.
_SURROUNDINGS: Final = 192
_LARGEST_COMMON_FACTOR: Final = 30
#: Before a stored key: lets pages and chunks end in its midst.
_PREFACE: Final = b"#" * 100
#: A decoded run may take a few characters of its neighbours along.
_SLACK: Final = 16


@dataclass(frozen=True, slots=True)
class Plant:
    """A key in a form; it stands at [begin, end) of the canary image.

    Attributes:
        layer: the decoder that must have seen it, where a part of the key shows without one; "" for any.
    """

    form: str
    begin: int
    end: int
    public_key_sha256: str
    layer: str = ""


def plant(dump: bytes, keys: Sequence[PrivateKey]) -> tuple[bytes, list[Plant]]:
    """Return the surroundings of random offsets of the dump, one behind the other, with a key in one form in each."""
    image = bytearray()
    plants = []
    for key in keys:
        public = fingerprint(key.public_key())
        for form, body in canary_forms(key).items():
            at = secrets.randbelow(max(1, len(dump)))
            image += dump[max(0, at - _SURROUNDINGS) : at]
            plants.append(Plant(form, len(image), len(image) + len(body), public))
            image += body + dump[at : at + _SURROUNDINGS]
    return bytes(image), plants


def plant_stored(image: bytes, keys: Sequence[PrivateKey]) -> tuple[bytes, list[Plant], list[Stored]]:
    """Return the image with partitions behind it that hold each key in pieces, and what their readers say of them."""
    grown = bytearray(image)
    plants = []
    stored = []
    for key in keys:
        for form in STORAGE_FORMS:
            partition, data = partition_of(form, _PREFACE + pem(key), len(grown))
            grown += data
            public = fingerprint(key.public_key())
            plants.append(Plant(form, partition.offset, partition.end, public, form.split("_", 1)[0] + "/"))
            stored += [(value.storage, value.pieces) for value in stored_values(partition, data)]
    return bytes(grown), plants, stored


def throw_away_keys() -> tuple[PrivateKey, ...]:
    """Return new keys of the types that every audit must be able to find.

    Of RSA keys, one in 5000 cannot be known by its exponent alone (window_scan_rsa), of EC keys, one in 28,000 does not
    look random (lone_windows): they would make no canaries.
    """
    return next(filter(_looks_random, _ec_keys())), next(filter(_is_known_by_exponent, _rsa_keys()))


def _ec_keys() -> Iterator[ec.EllipticCurvePrivateKey]:
    while True:
        yield ec.generate_private_key(ec.SECP256R1())


def _rsa_keys() -> Iterator[rsa.RSAPrivateKey]:
    while True:
        yield rsa.generate_private_key(65537, 2048)


def _looks_random(key: ec.EllipticCurvePrivateKey) -> bool:
    return bool(lone_windows([Layer(key.private_numbers().private_value.to_bytes(32))], 0).places)


def _is_known_by_exponent(key: rsa.RSAPrivateKey) -> bool:
    numbers = key.private_numbers()
    return math.gcd(numbers.p - 1, numbers.q - 1) < _LARGEST_COMMON_FACTOR


def check(dump: bytes) -> CanaryRecord:
    """Plant a canary in each form and return which of them the examination misses."""
    count = 0
    missed: list[str] = []
    # Key by key: a window costs as much as a key type has targets.
    for key in throw_away_keys():
        image, plants = plant(dump, [key])
        image, stored_plants, stored = plant_stored(image, [key])
        seen = examine(image, [Target(key.public_key(), "canary")], stored=stored)
        plants += stored_plants
        count += len(plants)
        missed += [planted.form for planted in plants if not is_seen(planted, seen)]
    return CanaryRecord(planted=count, found=count - len(missed), missed=tuple(missed))


def is_seen(planted: Plant, seen: Examination) -> bool:
    """Whether the key was sighted where it was planted, and not in a neighbour that merely reaches there."""
    return any(
        sighting.key is not None
        and planted.begin - _SLACK <= sighting.hull[0]
        and sighting.hull[1] <= planted.end + _SLACK
        and sighting.form.startswith(planted.layer)
        and fingerprint(sighting.key.public_key()) == planted.public_key_sha256
        for sighting in seen.sightings
    )
