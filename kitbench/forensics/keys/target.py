"""The public keys whose private keys are searched for, and how a match is proven."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kitbench.forensics.keys.key_formats import StructuredKey
from kitbench.forensics.window_scan import window_scan_ec, window_scan_rsa

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
AnyPublicKey = PublicKey | ed25519.Ed25519PublicKey
#: More keys than this of one kind are left out of the exhaustive scans; given certificates come first.
MAX_TARGETS: Final = 32
#: Targets that the dump itself brings, times bytes to scan, per kind: a dump must not make its own audit endless.
_MAX_TARGET_BYTES: Final = 128 << 20
GIVEN: Final = "given"


def fingerprint(key: AnyPublicKey) -> str:
    """Return the SHA-256 of the key's SubjectPublicKeyInfo, in hex."""
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def certificate_sha256(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the certificate's DER, in hex: what AWS IoT calls its id."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def describe(key: AnyPublicKey) -> str:
    """Return type and size, such as ``RSA-2048`` or ``EC secp256r1``."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "Ed25519"
    return f"RSA-{key.key_size}" if isinstance(key, rsa.RSAPublicKey) else f"EC {key.curve.name}"


@dataclass(frozen=True, slots=True)
class Target:
    """A public key and whence it came: ``given``, ``certificate in dump`` or ``point in dump``."""

    key: PublicKey
    source: str

    @property
    def is_scannable(self) -> bool:
        """Whether the exhaustive window scans cover this type and size."""
        if isinstance(self.key, rsa.RSAPublicKey):
            return window_scan_rsa.is_scannable(self.key)
        return window_scan_ec.curve_of(self.key) is not None

    def to_json(self) -> dict[str, str]:
        """Return type, fingerprint and source."""
        return {"key_type": describe(self.key), "public_key_sha256": fingerprint(self.key), "source": self.source}


@dataclass
class TargetSet:
    """Targets without repetition, those given first; `left_out` counts those beyond the limit or of other types."""

    targets: list[Target] = field(default_factory=list)
    left_out: int = 0
    _seen: set[str] = field(default_factory=set)

    def add(self, key: object, source: str) -> None:
        """Add a public key unless it is there already; ones that cannot be scanned for are counted."""
        if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            self.left_out += 1
            return
        print_ = fingerprint(key)
        if print_ in self._seen:
            return
        self._seen.add(print_)
        target = Target(key, source)
        kind = describe(key)
        if target.is_scannable and sum(describe(other.key) == kind for other in self.targets) < MAX_TARGETS:
            self.targets.append(target)
        else:
            self.left_out += 1

    def add_point(self, point: tuple[int, int], source: str) -> None:
        """Add the P-256 public key at a point."""
        self.add(ec.EllipticCurvePublicNumbers(*point, ec.SECP256R1()).public_key(), source)

    def fit(self, size: int) -> None:
        """Leave out what the dump brought beyond what can be scanned for in so many bytes; given keys stay."""
        room = Counter(describe(target.key) for target in self.targets if target.source == GIVEN)
        allowed = max(1, _MAX_TARGET_BYTES // max(1, size))
        kept = []
        for target in sorted(self.targets, key=lambda target: target.source != GIVEN):
            kind = describe(target.key)
            room[kind] += target.source != GIVEN
            if target.source == GIVEN or room[kind] <= allowed:
                kept.append(target)
        self.left_out += len(self.targets) - len(kept)
        self.targets = kept

    def of_curve(self, name: str) -> list[ec.EllipticCurvePublicKey]:
        """Return the targets on a curve."""
        keys = (target.key for target in self.targets)
        return [key for key in keys if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == name]

    def of_rsa(self, bits: int) -> list[rsa.RSAPublicKey]:
        """Return the RSA targets of a size."""
        keys = (target.key for target in self.targets)
        return [key for key in keys if isinstance(key, rsa.RSAPublicKey) and key.key_size == bits]


def is_pair(private: StructuredKey, public: AnyPublicKey) -> bool:
    """Whether a signature by the private key verifies with the public key."""
    message = b"kitbench: does this key sign for that certificate?"
    try:
        if isinstance(private, rsa.RSAPrivateKey) and isinstance(public, rsa.RSAPublicKey):
            signature = private.sign(message, padding.PKCS1v15(), hashes.SHA256())
            public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
            return True
        if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(public, ec.EllipticCurvePublicKey):
            algorithm = ec.ECDSA(hashes.SHA256())
            public.verify(private.sign(message, algorithm), message, algorithm)
            return True
        if isinstance(private, ed25519.Ed25519PrivateKey) and isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(private.sign(message), message)
            return True
    except InvalidSignature:
        return False
    return False


def needles(targets: Iterable[Target]) -> list[bytes]:
    """Return bytes that stand beside a private key in DER: the beginning of its modulus or of its public point."""
    result = []
    for target in targets:
        if isinstance(target.key, rsa.RSAPublicKey):
            result.append(target.key.public_numbers().n.to_bytes(target.key.key_size // 8)[:24])
        else:
            result.append(window_scan_ec.point_of(target.key)[0].to_bytes((target.key.curve.key_size + 7) // 8)[:24])
    return result
