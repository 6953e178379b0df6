"""The hardening of a device, for `kitbench audit`: sources in, items out, in every form that the command writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

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


def read_sources(
    efuses: Path | None, port: str | None, build: Path | None, *, asked: bool, has_dump: bool
) -> HardeningSources:
    """Return what was given beside the dumps; where there is more to judge, a kit that does not answer ends nothing.

    Raises:
        UsageError: a file is not what it should be.
        BenchError: the kit does not answer.
    """
    table = parse(read_bounded(efuses, _MAX_TEXT, what="eFuse file")) if efuses is not None else None
    if port is not None:
        try:
            table = read_efuses(canonical(port))
        except SilentLoaderError as error:
            if not has_dump and build is None:
                raise
            click.echo(f"kitbench: {error}; what the eFuses decide is inconclusive", err=True)
            asked = True
    return HardeningSources(table, read_settings(build) if build is not None else None, asked)


def to_json(items: Sequence[Item]) -> dict[str, Any]:
    """Return the items where there is no verdict on a dump beside them."""
    return {"schema": SCHEMA, "summary": summary(items), "items": [item.to_json() for item in items]}


def print_items(items: Sequence[Item]) -> None:
    """Print each item with its identifiers for people."""
    console = Console(emoji=False, highlight=False, soft_wrap=True)
    for item in items:
        console.print(
            f"  [{_COLOURS[item.result]}]{item.result.value:12}[/] {rich_markup.text(f'{item.name}: {item.seen}')}"
        )
        if item.fix:
            console.print(f"               → {rich_markup.text(item.fix)}")
    if items:
        console.print(f"  hardening: {summary(items)}")
