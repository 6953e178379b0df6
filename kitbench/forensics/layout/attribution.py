"""Turns sightings into findings: one per key and place, with its owner, its place in everybody's terms, its proof."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from kitbench.firmware.elf_symbols import SymbolTable
from kitbench.forensics.keys.examination import Examination, Sighting
from kitbench.forensics.keys.key_formats import UNREADABLE
from kitbench.forensics.keys.published_keys import published_keys
from kitbench.forensics.keys.target import certificate_sha256, describe, fingerprint, is_pair
from kitbench.forensics.layout.finding import Finding, FindingKind, Owner
from kitbench.forensics.layout.flash_layout import FlashLayout
from kitbench.forensics.layout.hexdump import masked_hexdump
from kitbench.forensics.layout.other_secrets import HARD_CODED, STORED
from kitbench.forensics.layout.text_position import text_position

#: A repeated key says no more than these; keys of the device come first.
_MOST_FINDINGS: Final = 200
#: A signature by a longer RSA key takes a second and more.
_LONGEST_RSA: Final = 4096
_URGENCY: Final = {owner: rank for rank, owner in enumerate(Owner)}
_ENCRYPTED_DETAIL: Final = (
    "a private key under a password: as strong as the password, which the firmware must hold as well"
)
_UNREADABLE_DETAIL: Final = "a text that says it is a private key, of a form or so damaged that it could not be read"
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
    in_dump: dict[str, x509.Certificate] = field(default_factory=dict)

    def owner(self, public_key_sha256: str) -> tuple[Owner, str | None]:
        """Return whose key it is, and the SHA-256 of the certificate that says so."""
        if public_key_sha256 in self.device:
            return Owner.DEVICE, certificate_sha256(self.device[public_key_sha256])
        if public_key_sha256 in published_keys():
            return Owner.TEST_KEY, None
        if public_key_sha256 in self.others:
            return Owner.OTHER, certificate_sha256(self.others[public_key_sha256])
        if public_key_sha256 in self.in_dump:
            # Beside a given certificate, the dump's own are somebody else's; alone, they are all that is known.
            owner = Owner.OTHER if self.device else Owner.IN_DUMP
            return owner, certificate_sha256(self.in_dump[public_key_sha256])
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
    """Return one finding per key and place, ordered by offset; beyond 200, the device's keys before others."""
    groups: dict[str, list[Sighting]] = {}
    closed = _riddles(seen.sightings)
    for sighting in seen.sightings:
        if sighting.key is not None:
            groups.setdefault(fingerprint(sighting.key.public_key()), []).append(sighting)
    leaks = [(public, leak) for public, group in groups.items() for leak in _leaks(group)]
    leaks.sort(key=lambda item: _URGENCY[context.owner(item[0])[0]])
    found = [_finding(public, leak, context) for public, leak in leaks[:_MOST_FINDINGS]]
    found += [_closed(sighting, context) for sighting in closed]
    return sorted(found, key=lambda finding: (finding.place.offset, finding.form))


def _riddles(sightings: Sequence[Sighting]) -> list[Sighting]:
    """Return one sighting for each key that cannot be read, but for those that another way of decoding did read."""
    read = [sighting.hull for sighting in sightings if sighting.key is not None][:_MOST_FINDINGS]
    riddles: list[Sighting] = []
    for one in sorted(sightings, key=lambda sighting: (sighting.depth, sighting.hull)):
        known = [*read, *(riddle.hull for riddle in riddles)]
        if one.key is None and len(riddles) < _MOST_FINDINGS and not any(_meet(one.hull, hull) for hull in known):
            riddles.append(one)
    return riddles


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _leaks(group: Iterable[Sighting]) -> list[list[Sighting]]:
    """Group sightings of one key by place: the widest, least decoded one first in each."""
    leaks: list[list[Sighting]] = []
    ends: list[int] = []
    for sighting in sorted(group, key=lambda sighting: (sighting.hull[0], -sighting.hull[1], sighting.depth)):
        # All leaks begin before this sighting, and each ends behind the one before: the first that reaches is home.
        home = bisect_left(ends, sighting.hull[1] - _SLACK)
        if home == len(leaks):
            leaks.append([sighting])
            ends.append(sighting.hull[1])
        else:
            leaks[home].append(sighting)
    return leaks


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
    if isinstance(sighting.key, rsa.RSAPrivateKey) and sighting.key.key_size > _LONGEST_RSA:
        return False
    certificate = context.device.get(public) or context.others.get(public) or context.in_dump.get(public)
    key = certificate.public_key() if certificate else sighting.key.public_key()
    return is_pair(sighting.key, key)  # type: ignore[arg-type]  # a pair of other types is no pair


def _closed(sighting: Sighting, context: Context) -> Finding:
    """Return the finding of what says that it is a private key, and does not show which."""
    is_unreadable = sighting.form.endswith(UNREADABLE)
    return Finding(
        kind=FindingKind.UNREADABLE_PRIVATE_KEY if is_unreadable else FindingKind.ENCRYPTED_PRIVATE_KEY,
        form=sighting.form,
        place=context.layout.place(sighting.begin, context.symbols),
        size=sighting.hull[1] - sighting.hull[0],
        owner=Owner.UNKNOWN,
        istg=HARD_CODED,
        detail=_UNREADABLE_DETAIL if is_unreadable else _ENCRYPTED_DETAIL,
    )
