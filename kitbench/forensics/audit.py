"""The audit of a flash dump: from bytes and certificates to a verdict."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kitbench.firmware.elf_symbols import read_symbols
from kitbench.flash_format.app_image import AppImage
from kitbench.forensics.canaries import canary
from kitbench.forensics.keys.examination import Examination, examine
from kitbench.forensics.keys.target import MAX_TARGETS, PublicKey, Target, describe, fingerprint
from kitbench.forensics.layout.attribution import Context, by_public_key, findings
from kitbench.forensics.layout.finding import Finding, Owner
from kitbench.forensics.layout.flash_layout import FlashLayout, read_layout
from kitbench.forensics.layout.other_secrets import Secret, SecretSearch
from kitbench.forensics.proof.coverage import coverage
from kitbench.forensics.proof.dump_structure import is_placed, read_structure
from kitbench.forensics.proof.project_match import ProjectMatch, match_project
from kitbench.forensics.proof.started_app import started_app
from kitbench.forensics.proof.verdict import CanaryRecord, Outcome, ScanRecord, Verdict
from kitbench.forensics.reading.efuses import hardening, is_flash_encrypted

#: NVS values and files beyond these are not listed.
_MOST_CONTENTS: Final = 500


@dataclass(frozen=True, slots=True)
class Claim:
    """What a dump is said to be of: an endpoint, a project, and the template that the project was made from."""

    endpoint: str = ""
    project: Path | None = None
    template: Path | None = None


def audit(  # noqa: PLR0913 - what an audit may know, all by name
    dump: bytes,
    *,
    certificates: Sequence[x509.Certificate],
    other_certificates: Sequence[x509.Certificate] = (),
    elf: bytes | None = None,
    efuses: Mapping[str, int] | None = None,
    secrets: Sequence[Secret] = (),
    claim: Claim | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Verdict:
    """Find the private keys in a flash dump, or prove their absence.

    Args:
        dump: the whole flash.
        certificates: the device's own; their public keys drive the exhaustive scans.
        other_certificates: of other devices, by which their keys are known when they are found.
        elf: built beside the app, for names of addresses.
        efuses: fields by name, for the state of hardening.
        secrets: what else must not be in the flash.
        claim: what the dump is said to be of, to be compared with it.
        progress: called with the name of each stage.

    Raises:
        UsageError: `elf` is not an ELF file.
        BenchError: the scan's compiled part could not be made.
    """
    symbols = read_symbols(elf) if elf is not None else None
    layout = read_layout(dump)
    layout = replace(layout, faults=(*_limits(certificates, efuses or {}), *layout.faults))
    given = [Target(key, "given") for key in _public_keys([*certificates, *other_certificates])]
    seen = examine(dump, given, stored=[(value.storage, value.pieces) for value in layout.values], progress=progress)
    now = time.perf_counter()
    progress("canary")
    proof = canary.check(dump)
    seen.measure("canary", now)
    in_dump = [found.certificate for found in seen.certificates]
    context = Context(
        *(dump, layout, symbols),
        device=by_public_key(certificates),
        others=by_public_key(other_certificates),
        in_dump=by_public_key(in_dump),
    )
    found = findings(seen, context) + SecretSearch(dump, layout, symbols).findings(seen.unfolded, secrets)
    found = [replace(one, is_placed=is_placed(one.place, layout)) for one in found]
    outcome, reason = judge(found, layout, seen, proof)
    return Verdict(
        outcome=outcome,
        reason=reason,
        findings=tuple(found),
        scan=_record(dump, layout, seen),
        canary=proof,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        hardening=hardening(efuses or {}),
        coverage=coverage(seen.targets, seen.disguises),
        structure=read_structure(dump, layout, seen.certificates, endpoint=claim.endpoint if claim else ""),
        project=_match(started_app(dump, layout), claim),
    )


def _match(app: AppImage | None, claim: Claim | None) -> ProjectMatch | None:
    if claim is None or claim.project is None or claim.template is None:
        return None
    return match_project([app] if app is not None else [], claim.project, claim.template)


def _limits(certificates: Sequence[x509.Certificate], efuses: Mapping[str, int]) -> list[str]:
    """Return why absence cannot be judged whatever the dump holds."""
    limits = []
    if is_flash_encrypted(efuses):
        limits.append("flash encryption is on (FLASH_CRYPT_CNT): a dump is ciphertext")
    for certificate in certificates:
        key = certificate.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            limits.append(f"the certificate's key is of a type that is not scanned for: {type(key).__name__}")
        elif not Target(key, "given").is_scannable:
            limits.append(f"the certificate's key is of a size or curve that is not scanned for: {describe(key)}")
    kinds = Counter({fingerprint(key): describe(key) for key in _public_keys(certificates)}.values())
    limits += [
        f"{count} certificates have {kind} keys, at most {MAX_TARGETS} are scanned for at once"
        for kind, count in kinds.items()
        if count > MAX_TARGETS
    ]
    return limits


def _public_keys(certificates: Sequence[x509.Certificate]) -> list[PublicKey]:
    keys = (certificate.public_key() for certificate in certificates)
    return [key for key in keys if isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)]


def judge(found: Sequence[Finding], layout: FlashLayout, seen: Examination, proof: CanaryRecord) -> tuple[Outcome, str]:
    """Return the outcome and its reason: a key that was found is found, whatever else cannot be judged."""
    leaked = [finding for finding in found if finding.is_leaked_key]
    if leaked:
        return Outcome.FOUND, _describe_leak(leaked)
    if obstacle := next(_obstacles(found, layout, seen, proof), None):
        return Outcome.CANNOT_JUDGE, obstacle
    return Outcome.ABSENT, coverage(seen.targets, seen.disguises).sentence


def _obstacles(found: Sequence[Finding], layout: FlashLayout, seen: Examination, proof: CanaryRecord) -> Iterator[str]:
    """Yield why absence cannot be judged, the most telling first."""
    yield from layout.faults
    for finding in found:
        if finding.is_closed_key:
            yield f"at {finding.place.offset:#x} stands {finding.detail}"
    if not proof.is_sound:
        missed = proof.missed[0] if proof.missed else "none was planted"
        yield f"canary missed in {len(proof.missed)} of {proof.planted} forms: {missed}"
    if seen.work.exhausted:
        yield seen.work.exhausted
    if not seen.targets.targets:
        yield "no public key to search for: give the device's certificate"


def _describe_leak(leaked: Sequence[Finding]) -> str:
    first = min(leaked, key=lambda finding: (finding.owner is not Owner.DEVICE, finding.place.offset))
    whose = {
        Owner.DEVICE: "of the given certificate",
        Owner.IN_DUMP: "of a certificate in the dump",
        Owner.OTHER: "of another certificate",
    }
    owner = whose.get(first.owner or Owner.UNKNOWN, "of no known certificate")
    where = f"at {first.place.offset:#x}"
    if first.place.partition:
        where += f", partition {first.place.partition!r}"
    more = f", and {len(leaked) - 1} more" if len(leaked) > 1 else ""
    return f"private key {owner} found {where} as {first.form}{more}"


def _record(dump: bytes, layout: FlashLayout, seen: Examination) -> ScanRecord:
    notes = list(layout.notes)
    if seen.targets.left_out:
        notes.append(f"{seen.targets.left_out} public keys were left out of the window scans (number or type)")
    return ScanRecord(
        dump_sha256=hashlib.sha256(dump).hexdigest(),
        dump_size=len(dump),
        windows=dict(seen.windows),
        targets=tuple(target.to_json() for target in seen.targets.targets),
        layers=dict(seen.layers),
        seconds=dict(seen.seconds),
        work=seen.work.to_json(),
        notes=tuple(notes),
        stored=tuple(_contents(layout)),
    )


def _contents(layout: FlashLayout) -> Iterator[dict[str, Any]]:
    """Yield what the firmware stores, by name."""
    for value in layout.values[:_MOST_CONTENTS]:
        size = sum(size for _, size in value.pieces)
        yield {"name": value.title, "offset": value.pieces[0][0] if value.pieces else None, "size": size}
