"""Dump the kit's flash and audit it; keep verdict and picture as evidence, never the dump."""

import json
from collections.abc import Sequence

from cryptography import x509

from kitbench.forensics.audit import audit
from kitbench.forensics.flash_dump import FlashDump, read_flash
from kitbench.forensics.flash_map import flash_map_png, flash_map_svg
from kitbench.forensics.verdict import Verdict
from kitbench.pytest_plugin.evidence import Evidence
from kitbench.pytest_plugin.firmware_build import FirmwareBuild
from kitbench.pytest_plugin.kit_thing import KitThing
from kitbench.pytest_plugin.options import Variant

FLASH_SIZE = 4 << 20


def judge_flash(port: str, thing: KitThing, firmware: FirmwareBuild, evidence: Evidence) -> Verdict:
    """Return the verdict on the whole flash behind `port`.

    Raises:
        BenchError: the dump is short, torn, or changes while it is read.
    """
    dump = read_flash(port, known=firmware.flash_image(FLASH_SIZE))
    verdict = audit(dump.data, certificates=judged_by(thing), elf=firmware.elf.read_bytes())
    keep(dump, verdict, evidence, thing.variant)
    return verdict


def judged_by(thing: KitThing) -> Sequence[x509.Certificate]:
    """Return the certificates whose keys must not be there.

    With a secure element the bench lays a key of its own where the project may still embed one: finding it shows that
    the project ships a key beside its secure element.
    """
    if thing.variant is not Variant.ATECC608A:
        return [thing.certificate]
    return [thing.certificate, x509.load_pem_x509_certificate(thing.leftover_certificate_pem())]


def keep(dump: FlashDump, verdict: Verdict, evidence: Evidence, variant: Variant) -> None:
    """Write verdict and flash map into the evidence folder."""
    evidence.write(f"verdict-{variant}.json", json.dumps(verdict.to_json(), indent=1) + "\n")
    evidence.write(f"flash_map-{variant}.svg", flash_map_svg(dump.data, verdict))
    evidence.write(f"flash_map-{variant}.png", flash_map_png(dump.data, verdict))
