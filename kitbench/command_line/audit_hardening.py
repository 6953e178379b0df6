"""The hardening of a device, for `kitbench audit`: sources in, items out, in every form that the command writes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from kitbench.command_line.audit_files import read_bounded
from kitbench.forensics.layout.flash_layout import read_layout
from kitbench.forensics.proof.verdict import Verdict
from kitbench.hardening.build_settings import Settings, read_settings, secrets_of
from kitbench.hardening.dump_reading import read_dump
from kitbench.hardening.efuse_reading import SilentLoaderError, read_efuses
from kitbench.hardening.efuse_table import EfuseTable, parse
from kitbench.hardening.facts import Facts
from kitbench.hardening.item import Item, Result
from kitbench.hardening.judgement import judge, summary
from kitbench.kit.serial_port import canonical
from kitbench.quoting import rich_markup

SCHEMA: Final = "kitbench-hardening/1"
_MAX_TEXT: Final = 1 << 20
_COLOURS: Final = {Result.PASS: "green", Result.FAIL: "red", Result.INCONCLUSIVE: "cyan"}


@dataclass(frozen=True, slots=True)
class HardeningSources:
    """What is known beside a dump.

    Attributes:
        is_asked_for: items are wanted, and decide the exit status with the keys.
    """

    efuses: EfuseTable | None
    build: Settings | None
    is_asked_for: bool

    @property
    def is_given(self) -> bool:
        """Whether there is something to judge by, or items were asked for."""
        return self.is_asked_for or self.efuses is not None or self.build is not None

    @property
    def numbers(self) -> Mapping[str, int] | None:
        """The eFuses as the audit takes them."""
        return self.efuses.values if self.efuses is not None else None

    def items(self, dump: bytes | None = None, verdict: Verdict | None = None) -> tuple[Item, ...]:
        """Return the items of a device; none where nobody wants to know."""
        if not self.is_given:
            return ()
        findings = verdict.findings if verdict is not None else ()
        configured = secrets_of(self.build) if self.build is not None else {}
        facts = None if dump is None else read_dump(dump, read_layout(dump), findings, configured)
        return judge(Facts(self.efuses, facts, self.build))


def read_port(port: str, *, is_all: bool) -> EfuseTable | None:
    """Return the eFuses of the kit on a port; None where its loader is silent and they are not all there is to judge.

    Raises:
        BenchError: the kit does not answer.
    """
    try:
        return read_efuses(canonical(port))
    except SilentLoaderError as error:
        if is_all:
            raise
        click.echo(f"kitbench: {error}; what the eFuses decide is inconclusive", err=True)
        return None


def read_sources(
    efuses: Path | None, of_kit: EfuseTable | None, build: Path | None, *, asked: bool
) -> HardeningSources:
    """Return what was given beside the dumps; a kit's own eFuses count before those of a file.

    Raises:
        UsageError: a file is not what it should be.
    """
    table = parse(read_bounded(efuses, _MAX_TEXT, what="eFuse file")) if efuses is not None else None
    return HardeningSources(of_kit or table, read_settings(build) if build is not None else None, asked)


def to_json(items: Sequence[Item]) -> dict[str, Any]:
    """Return the items where there is no verdict on a dump beside them."""
    return {"schema": SCHEMA, "summary": summary(items), "items": [item.to_json() for item in items]}


def item_lines(items: Sequence[Item]) -> Iterator[str]:
    """Yield each item with its identifiers for people, in the markup of Rich."""
    for item in items:
        seen = rich_markup.text(f"{item.name}: {item.seen}")
        yield f"  [{_COLOURS[item.result]}]{item.result.value:12}[/] {seen}"
        if item.fix:
            yield f"               → {rich_markup.text(item.fix)}"
    if items:
        yield f"  hardening: {summary(items)}"
