"""Audit the dump of the kit's flash; keep verdict and picture as evidence, never the dump."""

import json

from cryptography import x509

from kitbench.errors import BenchError
from kitbench.forensics.audit import audit
from kitbench.forensics.flash_dump import FlashDump
from kitbench.forensics.flash_map import make_map
from kitbench.forensics.flash_map_png import to_png
from kitbench.forensics.flash_map_svg import to_svg
from kitbench.forensics.verdict import Verdict
from kitbench.pytest_plugin.evidence import Evidence
from kitbench.pytest_plugin.firmware_build import FirmwareBuild
from kitbench.pytest_plugin.kit_thing import KitThing
from kitbench.pytest_plugin.options import Variant


def judge_flash(dump: FlashDump, thing: KitThing, firmware: FirmwareBuild, evidence: Evidence) -> Verdict:
    """Return the verdict on a kit's whole flash.

    With a secure element the bench lays a key of its own where the project may still embed one: finding it shows that
    the project ships a key beside its secure element.

    Raises:
        BenchError: the audit missed its own canary, so nothing that it says may cost anybody a point.
    """
    leftover = x509.load_pem_x509_certificate(thing.leftover_certificate_pem())
    verdict = audit(
        dump.data,
        certificates=[thing.certificate],
        other_certificates=[leftover],
        elf=firmware.elf.read_bytes(),
    )
    keep(dump, verdict, evidence, thing.variant)
    if not verdict.canary.is_sound:
        raise BenchError(f"the audit missed its own canary: {verdict.reason}", stage="audit")
    return verdict


def keep(dump: FlashDump, verdict: Verdict, evidence: Evidence, variant: Variant) -> None:
    """Write verdict and flash map into the evidence folder."""
    picture = make_map(dump.data, verdict.findings)
    title = f"flash of the kit, {variant}"
    evidence.write(f"verdict-{variant}.json", json.dumps(verdict.to_json(), indent=1) + "\n")
    evidence.write(f"flash_map-{variant}.svg", to_svg(picture, title=title))
    evidence.write(f"flash_map-{variant}.png", to_png(picture))
