"""Audit the dump of the kit's flash; keep verdict and picture as evidence, never the dump."""

import json
from typing import Final

from cryptography import x509

from kitbench.bench.builds.firmware_build import FirmwareBuild
from kitbench.bench.confined_audit import Audit, audit_confined
from kitbench.bench.kits.kit_thing import KitThing
from kitbench.bench.records.evidence import Evidence
from kitbench.errors import BenchError
from kitbench.forensics.flash_picture.flash_map import make_map
from kitbench.forensics.flash_picture.png import to_png
from kitbench.forensics.flash_picture.svg import to_svg
from kitbench.forensics.pages import report
from kitbench.forensics.proof.verdict import Verdict
from kitbench.forensics.reading.flash_dump import FlashDump

#: What the flash of a project without variants is called in the evidence.
PLAIN: Final = "firmware"


class FlashReport:
    """The verdicts on the flash of a run's variants: each as JSON and picture, and all side by side on one page."""

    def __init__(self, evidence: Evidence, audit: Audit = audit_confined) -> None:
        """Keep verdicts in `evidence`; `audit` makes them."""
        self._evidence = evidence
        self._audit = audit
        self._variants: list[report.DumpedVariant] = []

    def judge(self, dump: FlashDump, thing: KitThing, firmware: FirmwareBuild) -> Verdict:
        """Return the verdict on a kit's whole flash.

        With a secure element the bench lays a key of its own where the project may still embed one: finding it shows
        that the project ships a key beside its secure element.

        Raises:
            BenchError: the audit missed its own canary, so nothing that it says may cost anybody a point.
        """
        leftover = x509.load_pem_x509_certificate(thing.leftover_certificate_pem())
        verdict = self._audit(dump.data, thing.certificates, [leftover], firmware.elf.read_bytes(), dump.efuses)
        self.add(report.DumpedVariant(thing.variant or PLAIN, dump.data, verdict))
        if not verdict.canary.is_sound:
            raise BenchError(f"the audit missed its own canary: {verdict.reason}", stage="audit")
        return verdict

    def add(self, variant: report.DumpedVariant) -> None:
        """Write a variant's verdict and flash map into the evidence folder, and the page anew."""
        self._variants.append(variant)
        name = variant.name
        picture = make_map(variant.dump, title=f"flash of the kit, {name}", verdict=variant.verdict)
        verdict = json.dumps(variant.verdict.to_json(), indent=1)
        self._evidence.write(f"verdict-{name}.json", f"{verdict}\n")
        self._evidence.write(f"flash_map-{name}.svg", to_svg(picture))
        self._evidence.write(f"flash_map-{name}.png", to_png(picture))
        self._evidence.write("flash_report.html", report.to_html(self._variants))
