"""What `kitbench audit` is asked for, and its answer: carried out in a process that can reach these files alone."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from kitbench.command_line.audit_files import read_bounded, read_certificates
from kitbench.command_line.audit_hardening import HardeningSources, item_lines, read_sources, to_json
from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus
from kitbench.forensics.audit import Claim, audit
from kitbench.forensics.flash_picture.flash_map import make_map
from kitbench.forensics.flash_picture.png import to_png
from kitbench.forensics.layout.finding import Finding
from kitbench.forensics.layout.other_secrets import Secret, parse_secrets
from kitbench.forensics.pages.report import DumpedVariant, to_html
from kitbench.forensics.proof.verdict import Outcome, Verdict
from kitbench.hardening.efuse_table import EfuseTable
from kitbench.hardening.item import Item
from kitbench.hardening.judgement import status_of
from kitbench.hardening.page import table as hardening_table
from kitbench.hardening.page import to_html as hardening_page
from kitbench.installation import reference_project
from kitbench.quoting import rich_markup

#: Names of results in the order's folder.
JSON, HTML, MAP = "verdict.json", "report.html", "map.png"
#: No ESP32 has more flash than this.
MAX_DUMP: Final = 128 << 20
_MAX_ELF: Final = 256 << 20
_MAX_TEXT: Final = 1 << 20

_STATUS: Final = {
    Outcome.ABSENT: ExitStatus.GOOD,
    Outcome.FOUND: ExitStatus.FOUND_OR_FAILED,
    Outcome.CANNOT_JUDGE: ExitStatus.CANNOT_JUDGE,
}
#: Receives the stage, which dump, and how many there are.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class AuditFiles:
    """What is read, as it was named."""

    dumps: tuple[Path, ...]
    certificates: tuple[Path, ...]
    others: tuple[Path, ...]
    elf: Path | None
    efuses: Path | None
    build: Path | None
    secrets: Path | None
    project: Path | None
    template: Path | None

    @property
    def all(self) -> tuple[Path, ...]:
        """All that may be read."""
        beside = None if self.build is None else self.build / "../sdkconfig"
        single = (self.elf, self.efuses, self.build, beside, self.secrets, self.project, self.claimed_template)
        return (*self.dumps, *self.certificates, *self.others, *(path for path in single if path is not None))

    @property
    def claimed_template(self) -> Path | None:
        """What the project was made from."""
        return self.template or (reference_project() if self.project else None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which results are wanted, whether the hardening counts in the status, and whether its items are shown."""

    json: bool
    html: bool
    map: bool
    hardening: bool
    items: bool


@dataclass(frozen=True, slots=True)
class AuditOrder:
    """An audit: what is read, what is wanted, the endpoint of the firmware, a kit's eFuses, where results go."""

    files: AuditFiles
    wanted: Wanted
    endpoint: str = ""
    efuses: EfuseTable | None = None
    results: Path = field(default_factory=Path)


@dataclass(frozen=True, slots=True)
class Told:
    """The exit status, and what is printed: lines in the markup of Rich."""

    status: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What dumps are judged by."""

    own: list[x509.Certificate]
    foreign: list[x509.Certificate]
    elf: bytes | None
    secrets: list[Secret]
    claim: Claim
    sources: HardeningSources


def carry_out(order: AuditOrder, *, progress: Progress) -> Told:
    """Judge the dumps, or the hardening alone where there is none; results are written into the order's folder.

    Raises:
        UsageError: a file is not what it should be, or there is nothing to judge.
        BenchError: the scan's compiled part could not be made.
    """
    known = _read(order)
    if not order.files.dumps:
        return _judge_hardening_alone(order, known.sources)
    variants: list[DumpedVariant] = []
    judged: list[tuple[Item, ...]] = []
    lines: list[str] = []
    for number, path in enumerate(order.files.dumps):
        dump = read_bounded(path, MAX_DUMP, what="flash dump")
        verdict = _audited(dump, known, partial(_tell, progress, number, len(order.files.dumps)))
        items = known.sources.items(dump, verdict)
        judged.append(items)
        name = heading(path, order.files.dumps)
        variants.append(DumpedVariant(name, dump, verdict, hardening_table(items) if items else ""))
        lines += [*verdict_lines(path, verdict), *item_lines(items)]
    _write(order, variants, judged[-1])
    statuses = [_STATUS[variant.verdict.outcome] for variant in variants]
    if order.wanted.hardening:
        statuses += [status_of(items) for items in judged]
    return Told(_worst(statuses), tuple(lines))


def _read(order: AuditOrder) -> _Known:
    files = order.files
    return _Known(
        own=[certificate for path in files.certificates for certificate in read_certificates(path)],
        foreign=[certificate for path in files.others for certificate in read_certificates(path)],
        elf=read_bounded(files.elf, _MAX_ELF, what="ELF file") if files.elf else None,
        secrets=parse_secrets(read_bounded(files.secrets, _MAX_TEXT, what="file of secrets")) if files.secrets else [],
        claim=Claim(order.endpoint, files.project, files.claimed_template),
        sources=read_sources(files.efuses, order.efuses, files.build, asked=order.wanted.items),
    )


def _tell(progress: Progress, number: int, count: int, stage: str) -> None:
    progress(stage, number, count)


def _audited(dump: bytes, known: _Known, progress: Callable[[str], None]) -> Verdict:
    return audit(
        dump,
        certificates=known.own,
        other_certificates=known.foreign,
        elf=known.elf,
        efuses=known.sources.numbers,
        secrets=known.secrets,
        claim=known.claim,
        progress=progress,
    )


def _worst(statuses: Sequence[ExitStatus]) -> ExitStatus:
    """Return the status that says most: a key that was found, or a measure that fails, whatever cannot be judged."""
    return ExitStatus.FOUND_OR_FAILED if ExitStatus.FOUND_OR_FAILED in statuses else max(statuses)


def _judge_hardening_alone(order: AuditOrder, sources: HardeningSources) -> Told:
    """Judge a device of which there is no dump.

    Raises:
        UsageError: there is nothing else, either.
    """
    if sources.efuses is None and sources.build is None:
        raise UsageError("nothing to audit", stage="audit", fix="name a DUMP, --efuses, --port or --build")
    items = sources.items()
    if order.wanted.json:
        _write_json(order, to_json(items))
    if order.wanted.html:
        (order.results / HTML).write_text(hardening_page(items, device="the device"), encoding="utf-8")
    return Told(status_of(items), tuple(item_lines(items)))


def _write(order: AuditOrder, variants: Sequence[DumpedVariant], items: Sequence[Item]) -> None:
    if order.wanted.json:
        shown = {"hardening_items": [item.to_json() for item in items]} if items else {}
        _write_json(order, variants[-1].verdict.to_json() | shown)
    if order.wanted.html:
        (order.results / HTML).write_text(to_html(variants), encoding="utf-8")
    if order.wanted.map:
        maps = [make_map(variant.dump, title=variant.name, verdict=variant.verdict) for variant in variants]
        (order.results / MAP).write_bytes(to_png(*maps))


def _write_json(order: AuditOrder, document: dict[str, Any]) -> None:
    (order.results / JSON).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def heading(path: Path, dumps: Sequence[Path]) -> str:
    """Return what a dump is called on the page: by its folder as well, where several stand side by side."""
    return path.name if len(dumps) == 1 else f"{path.resolve().parent.name}/{path.name}"


def verdict_lines(path: Path, verdict: Verdict) -> Iterator[str]:
    """Yield outcome, reason and findings for people, in the markup of Rich."""
    colour = {Outcome.ABSENT: "green", Outcome.FOUND: "red", Outcome.CANNOT_JUDGE: "yellow"}[verdict.outcome]
    outcome = verdict.outcome.value.replace("_", " ")
    yield f"{rich_markup.text(str(path))}: [bold {colour}]{outcome}[/]: {rich_markup.text(verdict.reason)}"
    for finding in verdict.findings:
        yield f"  {rich_markup.text(describe(finding))}"
        for row in finding.preview:
            yield f"    {rich_markup.text(row)}"


def describe(finding: Finding) -> str:
    """Return a finding's place and nature in one line."""
    place = finding.place
    words = [f"{place.offset:#010x}"]
    if place.partition is not None:
        words.append(f"{place.partition}+{place.partition_offset:#x}")
    if place.address is not None:
        words.append(
            f"segment {place.segment} address {place.address:#x}" + (f" <{place.symbol}>" if place.symbol else "")
        )
    if place.storage is not None:
        words.append(place.storage)
    if place.line is not None:
        words.append(f"line {place.line} column {place.column}")
    words += [finding.kind.value, finding.form]
    words += [text for text in (finding.key_type, finding.detail) if text]
    if finding.owner is not None:
        words.append(f"owner={finding.owner.value}")
    return "  ".join(words)
