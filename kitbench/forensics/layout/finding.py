"""What an audit found: the records that reports, marks and the JSON are made of. They hold fingerprints, never keys."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class FindingKind(StrEnum):
    """What kind of secret or trace a finding is."""

    PRIVATE_KEY = "private_key"
    ENCRYPTED_PRIVATE_KEY = "encrypted_private_key"
    UNREADABLE_PRIVATE_KEY = "unreadable_private_key"
    SECRET = "secret"  # noqa: S105 - a name, not a secret
    IDENTIFIER = "identifier"


class Owner(StrEnum):
    """Whose key it is; `IN_DUMP` is a certificate in the dump itself, where none was given."""

    DEVICE = "device"
    IN_DUMP = "in_dump"
    OTHER = "other"
    TEST_KEY = "test_key"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the flash something stands, in everybody's terms; None where a term does not apply.

    Attributes:
        offset: of the flash.
        partition_offset: of the partition.
        address: virtual address at which the app sees the byte.
        segment: index of the app image's segment.
        symbols: the ELF's symbols that cover the address, all those that begin together.
        storage: name inside the partition: ``nvs:namespace/key``, or the path of a file.
    """

    offset: int
    partition: str | None = None
    partition_offset: int | None = None
    segment: int | None = None
    address: int | None = None
    symbols: tuple[str, ...] = ()
    storage: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def symbol(self) -> str | None:
        """The first of the symbols, for people."""
        return next(iter(self.symbols), None)


@dataclass(frozen=True, slots=True)
class Finding:
    """One leak.

    Attributes:
        form: how it is stored, such as ``pem``, ``der_sec1``, ``base64/der_pkcs8``, ``raw_big_endian``.
        size: bytes of flash it takes.
        public_key_sha256: SHA-256 of the SubjectPublicKeyInfo that belongs to a private key.
        certificate_sha256: of the certificate that holds this public key.
        is_verified: a signature by the found key was checked with the public key.
        confirmed_by: other forms in which the same key stands within this finding.
        istg: identifiers of the OWASP IoT Security Testing Guide.
        detail: for other leaks, what it is, without the secret.
        is_placed: it is where a build or its firmware puts things, not in erased or unpartitioned space.
        preview: a hexdump with the secret masked.
    """

    kind: FindingKind
    form: str
    place: Place
    size: int
    key_type: str | None = None
    public_key_sha256: str | None = None
    owner: Owner | None = None
    certificate_sha256: str | None = None
    is_verified: bool = False
    confirmed_by: tuple[str, ...] = ()
    istg: tuple[str, ...] = ()
    detail: str = ""
    is_placed: bool = False
    preview: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_leaked_key(self) -> bool:
        """Whether it gives away a private key that is not public anyway."""
        return self.kind is FindingKind.PRIVATE_KEY and self.owner is not Owner.TEST_KEY

    @property
    def is_closed_key(self) -> bool:
        """Whether it says that it is a private key, and nobody here can read which one."""
        return self.kind in {FindingKind.ENCRYPTED_PRIVATE_KEY, FindingKind.UNREADABLE_PRIVATE_KEY}

    def to_json(self) -> dict[str, Any]:
        """Return the finding as JSON values, the place's terms beside the finding's own."""
        place = self.place
        return {
            "kind": self.kind.value,
            "form": self.form,
            "offset": place.offset,
            "size": self.size,
            "partition": place.partition,
            "partition_offset": place.partition_offset,
            "segment": place.segment,
            "address": place.address,
            "symbol": place.symbol,
            "storage": place.storage,
            "line": place.line,
            "column": place.column,
            "key_type": self.key_type,
            "public_key_sha256": self.public_key_sha256,
            "owner": self.owner.value if self.owner else None,
            "certificate_sha256": self.certificate_sha256,
            "verified": self.is_verified,
            "confirmed_by": list(self.confirmed_by),
            "istg": list(self.istg),
            "detail": self.detail,
            "is_placed": self.is_placed,
            "preview": list(self.preview),
        }
