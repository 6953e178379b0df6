"""The HTML report: one page that stands by itself, variants side by side, fingerprints and never a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import jinja2

from kitbench.forensics.finding import Finding, FindingKind
from kitbench.forensics.flash_map import make_map
from kitbench.forensics.flash_map_svg import to_svg
from kitbench.forensics.verdict import NOT_COVERED, Outcome, Verdict

_OUTCOME_WORDS: Final = {
    Outcome.FOUND.value: "Key found:",
    Outcome.ABSENT.value: "Key absent:",
    Outcome.CANNOT_JUDGE.value: "Cannot judge:",
}
_OWNER_WORDS: Final = {
    "device": "the device's own",
    "other": "of another certificate",
    "test_key": "published by its authors: no secret",
    "unknown": "of no known certificate",
}


@dataclass(frozen=True, slots=True)
class Variant:
    """A firmware variant on the page: its name, its dump, the verdict about it."""

    name: str
    dump: bytes
    verdict: Verdict

    @property
    def svg(self) -> str:
        """The flash map."""
        return to_svg(make_map(self.dump, self.verdict.findings), title=self.name)

    @property
    def keys(self) -> list[Finding]:
        """The private keys that were found."""
        return [finding for finding in self.verdict.findings if finding.kind is FindingKind.PRIVATE_KEY]

    @property
    def others(self) -> list[Finding]:
        """All other findings."""
        return [finding for finding in self.verdict.findings if finding.kind is not FindingKind.PRIVATE_KEY]


def to_html(variants: Sequence[Variant], *, title: str = "Can the private key be stolen?") -> str:
    """Return the page."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("kitbench.forensics", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.jinja").render(
        title=title,
        answer=answer(variants),
        variants=variants,
        outcome_words=_OUTCOME_WORDS,
        owner_words=_OWNER_WORDS,
        not_covered=NOT_COVERED,
    )


def answer(variants: Sequence[Variant]) -> str:
    """Return one paragraph that answers the question for all variants."""
    sentences = {
        Outcome.FOUND: "whoever holds the kit for a minute has its private key, and with it its identity",
        Outcome.ABSENT: "no scan of the flash gives the private key",
        Outcome.CANNOT_JUDGE: "this dump proves nothing either way",
    }
    return " ".join(f"{variant.name}: {sentences[variant.verdict.outcome]}." for variant in variants)
