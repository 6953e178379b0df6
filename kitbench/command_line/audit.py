"""`kitbench audit`: find a private key in a flash dump, or prove its absence."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from kitbench.command_line.audit_files import read_bounded, read_certificates, write_json, write_text
from kitbench.command_line.audit_hardening import HardeningSources, print_items, read_sources, to_json
from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus
from kitbench.forensics.audit import Claim, audit
from kitbench.forensics.flash_picture.flash_map import make_map
from kitbench.forensics.flash_picture.png import to_png
from kitbench.forensics.layout.finding import Finding
from kitbench.forensics.layout.other_secrets import parse_secrets
from kitbench.forensics.pages.report import DumpedVariant, to_html
from kitbench.forensics.proof.verdict import Outcome, Verdict
from kitbench.hardening.item import Item
from kitbench.hardening.judgement import status_of
from kitbench.hardening.page import table as hardening_table
from kitbench.hardening.page import to_html as hardening_page
from kitbench.installation import reference_project
from kitbench.quoting import rich_markup

#: No ESP32 has more flash than this.
MAX_DUMP: Final = 128 << 20
_MAX_ELF: Final = 256 << 20
_MAX_TEXT: Final = 1 << 20

_STATUS: Final = {
    Outcome.ABSENT: ExitStatus.GOOD,
    Outcome.FOUND: ExitStatus.FOUND_OR_FAILED,
    Outcome.CANNOT_JUDGE: ExitStatus.CANNOT_JUDGE,
}
_PATH: Final = click.Path(path_type=Path)


@click.command()
@click.argument("dumps", nargs=-1, type=_PATH, metavar="[DUMP...]")
@click.option("--certificate", "certificates", multiple=True, type=_PATH, help="The device's certificate, PEM or DER.")
@click.option("--other-certificate", "others", multiple=True, type=_PATH, help="A certificate of another device.")
@click.option("--elf", type=_PATH, help="The app's ELF file, for names of addresses.")
@click.option("--efuses", type=_PATH, help="eFuses as JSON: what `kitbench dump` or `espefuse summary` wrote.")
@click.option("--port", metavar="PORT", help="Read the eFuses of the kit on this port; it is restarted.")
@click.option("--build", type=_PATH, help="The build folder, or its sdkconfig: how the firmware is configured.")
@click.option("--hardening", is_flag=True, help="Judge the hardening from what is given; it counts in the exit status.")
@click.option("--secrets", type=_PATH, help="A TOML file of other secrets that must not be in the flash.")
@click.option("--endpoint", default="", help="The host name that the dump's firmware is said to connect to.")
@click.option("--project", type=_PATH, help="The project that the dump is said to run: literals are compared.")
@click.option("--template", type=_PATH, help="What the project was made from [default: the reference project].")
@click.option("--json", "json_file", type=_PATH, help="Write the verdict here; - for standard output.")
@click.option("--html", type=_PATH, help="Write a report here; several DUMPs stand side by side in it.")
@click.option(
    "--map", "map_file", type=_PATH, help="Write a picture of the flash here, PNG; several DUMPs side by side."
)
def command(  # noqa: PLR0913 - one argument per option
    *,
    dumps: tuple[Path, ...],
    certificates: tuple[Path, ...],
    others: tuple[Path, ...],
    elf: Path | None,
    efuses: Path | None,
    port: str | None,
    build: Path | None,
    hardening: bool,
    secrets: Path | None,
    endpoint: str,
    project: Path | None,
    template: Path | None,
    json_file: Path | None,
    html: Path | None,
    map_file: Path | None,
) -> int:
    """Find a private key in flash dumps, or prove its absence; judge how a device is hardened.

    With --efuses, --port, --build or --hardening, each measure of hardening gets a verdict, with what was seen and what
    to do; without a DUMP they alone are judged.

    --certificate and --other-certificate may be repeated. With several DUMPs, --json is about the last one, and the
    exit status is the worst.

    \b
    Example:
      kitbench audit flash.bin --certificate certificate.pem.crt --html report.html
      kitbench audit flash.bin --efuses efuses.json --build build --hardening
      kitbench audit --port /dev/ttyUSB0 --build build

    \b
    Exit status: 0 absent, 1 found, 2 cannot judge (encrypted, truncated, canary
    missed, not a flash dump), 3 usage. Hardening, without a DUMP or with
    --hardening: 0 all pass, 1 any fails, 2 any inconclusive.
    """  # noqa: D301 - click needs the real backspace
    own = [certificate for path in certificates for certificate in read_certificates(path)]
    foreign = [certificate for path in others for certificate in read_certificates(path)]
    symbols = read_bounded(elf, _MAX_ELF, what="ELF file") if elf else None
    sources = read_sources(efuses, port, build, asked=hardening, has_dump=bool(dumps))
    if not dumps:
        return _judge_hardening_alone(sources, json_file, html)
    known = parse_secrets(read_bounded(secrets, _MAX_TEXT, what="file of secrets")) if secrets else []
    claim = Claim(endpoint, project, template or (reference_project() if project else None))
    variants: list[DumpedVariant] = []
    judged: list[tuple[Item, ...]] = []
    console = Console(stderr=True, highlight=False, emoji=False)
    for path in dumps:
        dump = read_bounded(path, MAX_DUMP, what="flash dump")
        with console.status(f"audit of {path.name}") as status:
            verdict = audit(
                dump,
                certificates=own,
                other_certificates=foreign,
                elf=symbols,
                efuses=sources.numbers,
                secrets=known,
                claim=claim,
                progress=lambda stage: status.update(f"audit: {stage}"),
            )
        items = sources.items(dump, verdict)
        judged.append(items)
        variants.append(DumpedVariant(heading(path, dumps), dump, verdict, hardening_table(items) if items else ""))
        if json_file != Path("-"):
            print_verdict(path, verdict)
            print_items(items)
    _write(variants, judged[-1], json_file, html, map_file)
    statuses = [_STATUS[variant.verdict.outcome] for variant in variants]
    if hardening:
        statuses += [status_of(items) for items in judged]
    return _worst(statuses)


def _worst(statuses: Sequence[ExitStatus]) -> ExitStatus:
    """Return the status that says most: a key that was found, or a measure that fails, whatever cannot be judged."""
    return ExitStatus.FOUND_OR_FAILED if ExitStatus.FOUND_OR_FAILED in statuses else max(statuses)


def _judge_hardening_alone(sources: HardeningSources, json_file: Path | None, html: Path | None) -> ExitStatus:
    """Judge a device of which there is no dump.

    Raises:
        UsageError: there is nothing else, either.
    """
    if sources.efuses is None and sources.build is None:
        raise UsageError("nothing to audit", stage="audit", fix="name a DUMP, --efuses, --port or --build")
    items = sources.items()
    if json_file is not None:
        write_json(to_json(items), json_file)
    if json_file != Path("-"):
        print_items(items)
    if html is not None:
        write_text(html, hardening_page(items, device="the device"))
    return status_of(items)


def _write(
    variants: Sequence[DumpedVariant],
    items: Sequence[Item],
    json_file: Path | None,
    html: Path | None,
    map_file: Path | None,
) -> None:
    last = variants[-1]
    if json_file is not None:
        shown = {"hardening_items": [item.to_json() for item in items]} if items else {}
        write_json(last.verdict.to_json() | shown, json_file)
    if html is not None:
        write_text(html, to_html(variants))
    if map_file is not None:
        try:
            maps = [make_map(variant.dump, title=variant.name, verdict=variant.verdict) for variant in variants]
            map_file.write_bytes(to_png(*maps))
        except OSError as error:
            raise UsageError(f"cannot write {map_file}: {error.strerror}", stage="audit") from error


def heading(path: Path, dumps: Sequence[Path]) -> str:
    """Return what a dump is called on the page: by its folder as well, where several stand side by side."""
    return path.name if len(dumps) == 1 else f"{path.resolve().parent.name}/{path.name}"


def print_verdict(path: Path, verdict: Verdict) -> None:
    """Print outcome, reason and findings for people."""
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    colour = {Outcome.ABSENT: "green", Outcome.FOUND: "red", Outcome.CANNOT_JUDGE: "yellow"}[verdict.outcome]
    outcome = verdict.outcome.value.replace("_", " ")
    console.print(f"{rich_markup.text(str(path))}: [bold {colour}]{outcome}[/]: {rich_markup.text(verdict.reason)}")
    for finding in verdict.findings:
        console.print(f"  {rich_markup.text(describe(finding))}")
        for row in finding.preview:
            console.print(f"    {rich_markup.text(row)}")


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
