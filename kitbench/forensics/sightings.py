"""Turns sightings into findings: one per key and place, with its owner, its place in everybody's terms, its proof."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cryptography import x509

from kitbench.firmware.elf_symbols import SymbolTable
from kitbench.forensics.examination import Examination, Sighting
from kitbench.forensics.finding import Finding, FindingKind, Owner
from kitbench.forensics.flash_layout import FlashLayout
from kitbench.forensics.hexdump import masked_hexdump
from kitbench.forensics.leak import HARD_CODED, STORED
from kitbench.forensics.published_keys import published_keys
from kitbench.forensics.target import certificate_sha256, describe, fingerprint, is_pair
from kitbench.forensics.text_position import text_position

#: The same key seen again within this many bytes of an earlier sighting's stretch is the same leak.
_SLACK: Final = 4


@dataclass(frozen=True, slots=True)
class Context:
    """What a sighting is judged by: the dump, its structure, and the certificates by public key."""

    dump: bytes
    layout: FlashLayout
    symbols: SymbolTable | None
    device: dict[str, x509.Certificate]
    others: dict[str, x509.Certificate]

    def owner(self, public_key_sha256: str) -> tuple[Owner, str | None]:
        """Return whose key it is, and the SHA-256 of the certificate that says so."""
        if public_key_sha256 in self.device:
            return Owner.DEVICE, certificate_sha256(self.device[public_key_sha256])
        if public_key_sha256 in published_keys():
            return Owner.TEST_KEY, None
        if public_key_sha256 in self.others:
            return Owner.OTHER, certificate_sha256(self.others[public_key_sha256])
        return Owner.UNKNOWN, None


def by_public_key(certificates: Iterable[x509.Certificate]) -> dict[str, x509.Certificate]:
    """Return the certificates by the fingerprint of their public key; other key types are left out."""
    result: dict[str, x509.Certificate] = {}
    for certificate in certificates:
        try:
            result.setdefault(fingerprint(certificate.public_key()), certificate)  # type: ignore[arg-type]  # any key has public_bytes
        except (ValueError, TypeError):
            continue
    return result


def findings(seen: Examination, context: Context) -> list[Finding]:
    """Return one finding per key and place, ordered by offset."""
    groups: dict[str, list[Sighting]] = {}
    found = []
    for sighting in seen.sightings:
        if sighting.key is None:
            found.append(_encrypted(sighting, context))
        else:
            groups.setdefault(fingerprint(sighting.key.public_key()), []).append(sighting)
    for public, group in groups.items():
        found += [_finding(public, leak, context) for leak in _leaks(group)]
    return sorted(found, key=lambda finding: (finding.place.offset, finding.form))


def _leaks(group: Iterable[Sighting]) -> list[list[Sighting]]:
    """Group sightings of one key by place: the widest, least decoded one first in each."""
    leaks: list[list[Sighting]] = []
    for sighting in sorted(group, key=lambda sighting: (sighting.hull[0], -sighting.hull[1], sighting.depth)):
        home = next((leak for leak in leaks if _is_within(sighting, leak[0])), None)
        if home is None:
            leaks.append([sighting])
        else:
            home.append(sighting)
    return leaks


def _is_within(sighting: Sighting, other: Sighting) -> bool:
    return other.hull[0] - _SLACK <= sighting.hull[0] and sighting.hull[1] <= other.hull[1] + _SLACK


def _finding(public: str, leak: Sequence[Sighting], context: Context) -> Finding:
    first = leak[0]
    assert first.key is not None  # sorted out by the caller
    owner, certificate = context.owner(public)
    place = context.layout.place(first.begin, context.symbols)
    line, column = text_position(context.dump, first.begin)
    return Finding(
        kind=FindingKind.PRIVATE_KEY,
        form=first.form,
        place=replace(place, line=line, column=column),
        size=first.hull[1] - first.hull[0],
        key_type=describe(first.key.public_key()),
        public_key_sha256=public,
        owner=owner,
        certificate_sha256=certificate,
        is_verified=_is_verified(first, public, context),
        confirmed_by=tuple(dict.fromkeys(sighting.form for sighting in leak[1:])),
        istg=STORED if place.storage else HARD_CODED,
        preview=masked_hexdump(context.dump, first.begin, max(first.begin + 1, first.hull[1])),
    )


def _is_verified(sighting: Sighting, public: str, context: Context) -> bool:
    """Let the key sign; check with the certificate's public key, or with its own where there is no certificate."""
    assert sighting.key is not None  # sorted out by the caller
    certificate = context.device.get(public) or context.others.get(public)
    key = certificate.public_key() if certificate else sighting.key.public_key()
    return is_pair(sighting.key, key)  # type: ignore[arg-type]  # a pair of other types is no pair


def _encrypted(sighting: Sighting, context: Context) -> Finding:
    return Finding(
        kind=FindingKind.ENCRYPTED_PRIVATE_KEY,
        form=sighting.form,
        place=context.layout.place(sighting.begin, context.symbols),
        size=sighting.hull[1] - sighting.hull[0],
        owner=Owner.UNKNOWN,
        istg=HARD_CODED,
        detail="a private key under a password: as strong as the password, which the firmware must hold as well",
    )
