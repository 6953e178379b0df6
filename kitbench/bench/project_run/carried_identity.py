"""What a built image carries of an identity: certificates, private keys, names of endpoints, wherever they are in it.

Embedded files, C arrays and literals, NVS and `esp_secure_cert` look alike here: the image is what the chip gets.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kitbench.bench.builds.firmware_build import FirmwareBuild
from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.work_budget import WorkBudget, WorkExhaustedError
from kitbench.forensics.keys.key_formats import certificates, private_keys
from kitbench.forensics.layout.flash_layout import read_layout
from kitbench.virtual_kit.tls.amazon_roots import AMAZON_ROOTS

#: An account's endpoint; `-ats` is missing in those of the old certificates. Source: AWS IoT Core developer guide,
#: "AWS IoT device data and service endpoints".
ENDPOINT: Final = re.compile(
    rb"(?<![a-z0-9.-])[a-z0-9-]{1,60}\.iot\.[a-z0-9-]{4,30}\.amazonaws\.com(?:\.cn)?(?!-|\.?[a-z0-9])", re.IGNORECASE
)
_MOST_ENDPOINTS: Final = 16
_ERASED: Final = b"\xff"
#: How an app image or boot loader begins, and a partition table. Source: ESP-IDF, "App image format".
_KNOWN: Final = (b"\xe9", b"\xaa\x50")

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class CarriedIdentity:
    """What was found; nothing of a key shows in its `repr`.

    Attributes:
        devices: certificates that are no authority's, in the order of the image.
        authorities: the others.
        keys: private keys that can be read.
        has_closed_key: there is a key under a password, which the chip cannot open without it.
        endpoints: names of AWS IoT endpoints, in lower case.
    """

    devices: tuple[x509.Certificate, ...]
    authorities: tuple[x509.Certificate, ...]
    keys: tuple[PrivateKey, ...] = field(repr=False)
    has_closed_key: bool
    endpoints: tuple[str, ...]

    @property
    def own(self) -> tuple[x509.Certificate, ...]:
        """The certificates whose private key is there, too."""
        public = {_spki(key.public_key()) for key in self.keys}
        # A self-signed one of openssl's makes an authority of its device.
        return tuple(one for one in (*self.devices, *self.authorities) if _spki(one.public_key()) in public)

    @property
    def candidates(self) -> tuple[x509.Certificate, ...]:
        """The certificates that may be meant for the device: all but Amazon's roots."""
        everything = (*self.devices, *self.authorities)
        return tuple(one for one in everything if one.fingerprint(hashes.SHA256()).hex() not in AMAZON_ROOTS)


def carried_by(build: FirmwareBuild) -> CarriedIdentity:
    """Return what a build carries; its flash is read as a whole only where it has more than apps and tables."""
    files = build.flash_files()
    has_data = any(content.strip(_ERASED) and not content.startswith(_KNOWN) for _, content in files)
    if has_data:
        return carried_in(build.flash_image(build.flash_size))
    return _carried([content for _, content in files])


def carried_in(image: bytes) -> CarriedIdentity:
    """Return what a flash image carries, NVS values and files that are in pieces included."""
    values = read_layout(image).values
    return _carried([image, *(b"".join(image[at : at + size] for at, size in value.pieces) for value in values)])


def _carried(contents: Sequence[bytes]) -> CarriedIdentity:
    layers, work = [Layer(content) for content in contents], WorkBudget(sum(map(len, contents)))
    found: dict[bytes, x509.Certificate] = {}
    keys: dict[bytes, PrivateKey] = {}
    has_closed_key = False
    with suppress(WorkExhaustedError):
        for layer in layers:
            for seen in certificates(layer, work):
                found.setdefault(seen.certificate.public_bytes(Encoding.DER), seen.certificate)
            for key in private_keys(layer, work):
                if isinstance(key.key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
                    keys.setdefault(_spki(key.key.public_key()), key.key)
                has_closed_key |= key.key is None
    return CarriedIdentity(
        devices=tuple(one for one in found.values() if not _is_authority(one)),
        authorities=tuple(one for one in found.values() if _is_authority(one)),
        keys=tuple(keys.values()),
        has_closed_key=has_closed_key,
        endpoints=tuple(
            dict.fromkeys(match[0].decode().lower() for content in contents for match in ENDPOINT.finditer(content))
        )[:_MOST_ENDPOINTS],
    )


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except Exception:  # noqa: BLE001 - the library has errors of its own; what it cannot read is no authority's
        return False


def _spki(key: Any) -> bytes:
    try:
        encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except Exception:  # noqa: BLE001 - a key of a kind that nobody knows is nobody's
        return b""
    return encoded
