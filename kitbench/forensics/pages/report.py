"""The HTML report: one page that stands by itself, variants side by side, fingerprints and never a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import jinja2

from kitbench.forensics.flash_picture.flash_map import make_map
from kitbench.forensics.flash_picture.svg import to_svg
from kitbench.forensics.layout.finding import Finding, FindingKind, Owner
from kitbench.forensics.proof.verdict import Outcome, Verdict
from kitbench.page_style import page_style

_OUTCOME_WORDS: Final = {
    Outcome.FOUND.value: "Key found:",
    Outcome.ABSENT.value: "None found:",
    Outcome.CANNOT_JUDGE.value: "Cannot judge:",
}
_OWNER_WORDS: Final = {
    "device": "the device's own",
    "in_dump": "of a certificate in the dump",
    "other": "of another certificate",
    "test_key": "published by its authors: no secret",
    "unknown": "of no known certificate",
}


@dataclass(frozen=True, slots=True)
class DumpedVariant:
    """A firmware variant on the page: its name, its dump, the verdict about it.

    Attributes:
        hardening: how the device is hardened, as a table in HTML of ours; "" where that was not judged.
    """

    name: str
    dump: bytes
    verdict: Verdict
    hardening: str = ""

    @property
    def svg(self) -> str:
        """The flash map."""
        return to_svg(make_map(self.dump, title=self.name, verdict=self.verdict))

    @property
    def keys(self) -> list[Finding]:
        """The private keys that were found."""
        return [finding for finding in self.verdict.findings if finding.kind is FindingKind.PRIVATE_KEY]

    @property
    def others(self) -> list[Finding]:
        """All other findings."""
        return [finding for finding in self.verdict.findings if finding.kind is not FindingKind.PRIVATE_KEY]


def to_html(variants: Sequence[DumpedVariant], *, title: str = "Can the private key be stolen?") -> str:
    """Return the whole page as HTML."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("kitbench.forensics.pages", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.jinja").render(
        title=title,
        style=page_style(),
        answer=answer(variants),
        variants=variants,
        outcome_words=_OUTCOME_WORDS,
        owner_words=_OWNER_WORDS,
        not_covered=list(dict.fromkeys(form for one in variants for form in one.verdict.coverage.not_covered)),
    )


def answer(variants: Sequence[DumpedVariant]) -> str:
    """Return one paragraph that answers the question for all variants."""
    return " ".join(f"{variant.name}: {sentence(variant.verdict)}." for variant in variants)


def sentence(verdict: Verdict) -> str:
    """Return what a verdict comes to, without its limits, which stand beside it."""
    if verdict.outcome is Outcome.ABSENT:
        return "no private key was found in the forms that were searched for"
    if verdict.outcome is Outcome.CANNOT_JUDGE:
        return "this dump proves nothing either way"
    if any(finding.owner in {Owner.DEVICE, Owner.IN_DUMP} for finding in verdict.findings if finding.is_leaked_key):
        return "whoever holds the kit for a minute has its private key, and with it its identity"
    return "a private key can be read from the flash, though not that of the given certificate"
