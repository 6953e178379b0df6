"""`kitbench audit`: find a private key in a flash dump, or prove its absence."""

import json
import stat
from pathlib import Path
from typing import Final

import click
from cryptography import x509
from rich.console import Console
from rich.markup import escape

from kitbench.command_line import ExitStatus
from kitbench.errors import UsageError
from kitbench.forensics.audit import audit
from kitbench.forensics.verdict import Outcome, Verdict

#: No ESP32 has more flash than this.
MAX_DUMP: Final = 128 << 20
_MAX_CERTIFICATE: Final = 1 << 20
_MAX_ELF: Final = 256 << 20

_STATUS: Final = {
    Outcome.ABSENT: ExitStatus.GOOD,
    Outcome.FOUND: ExitStatus.FOUND_OR_FAILED,
    Outcome.CANNOT_JUDGE: ExitStatus.CANNOT_JUDGE,
}


@click.command()
@click.argument("dump", type=click.Path(path_type=Path))
@click.option(
    "--certificate",
    "certificates",
    multiple=True,
    type=click.Path(path_type=Path),
    help="The device's certificate, PEM or DER; may be repeated.",
)
@click.option(
    "--other-certificate",
    "others",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A certificate of another device; may be repeated.",
)
@click.option("--elf", type=click.Path(path_type=Path), help="The app's ELF file, for names of addresses.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Write the verdict here; - for standard output."
)
def command(
    dump: Path, certificates: tuple[Path, ...], others: tuple[Path, ...], elf: Path | None, json_file: Path | None
) -> int:
    """Find a private key in the flash dump DUMP, or prove its absence.

    \b
    Example:
      kitbench audit flash.bin --certificate certificate.pem.crt --json verdict.json

    \b
    Exit status: 0 absent, 1 found, 2 cannot judge (encrypted, truncated, canary
    missed, not a flash dump), 3 usage.
    """  # noqa: D301 - \b is click's mark for a block kept as it is
    console = Console(stderr=True, highlight=False)
    own = [certificate for path in certificates for certificate in read_certificates(path)]
    foreign = [certificate for path in others for certificate in read_certificates(path)]
    data = read_bounded(dump, MAX_DUMP, what="flash dump")
    symbols = read_bounded(elf, _MAX_ELF, what="ELF file") if elf else None
    with console.status("audit") as status:
        verdict = audit(
            data,
            certificates=own,
            other_certificates=foreign,
            elf=symbols,
            progress=lambda stage: status.update(f"audit: {stage}"),
        )
    write_json(verdict, json_file)
    if json_file != Path("-"):
        print_verdict(verdict, Console(highlight=False))
    return _STATUS[verdict.outcome]


def read_bounded(path: Path, limit: int, *, what: str) -> bytes:
    """Return the content of a regular file.

    Raises:
        UsageError: no such file, no regular file, empty, not readable, or larger than `limit` bytes.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"{path} is not a regular file: expected a {what}", stage="audit")
        if status.st_size > limit:
            raise UsageError(f"{path} has {status.st_size:,} bytes, a {what} at most {limit:,}", stage="audit")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", stage="audit") from error
    if not data:
        raise UsageError(f"{path} is empty: expected a {what}", stage="audit")
    return data


def read_certificates(path: Path) -> list[x509.Certificate]:
    """Return the certificates of a PEM file, or the one of a DER file.

    Raises:
        UsageError: no certificate in it.
    """
    data = read_bounded(path, _MAX_CERTIFICATE, what="certificate")
    try:
        if b"-----BEGIN CERTIFICATE-----" in data:
            return x509.load_pem_x509_certificates(data)
        return [x509.load_der_x509_certificate(data)]
    except ValueError as error:
        raise UsageError(f"{path} holds no certificate", stage="audit") from error


def write_json(verdict: Verdict, path: Path | None) -> None:
    """Write the verdict to a file, to standard output for ``-``, or nowhere."""
    if path is None:
        return
    text = json.dumps(verdict.to_json(), indent=2)
    if path == Path("-"):
        click.echo(text)
        return
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", stage="audit") from error


def print_verdict(verdict: Verdict, console: Console) -> None:
    """Print outcome, reason and findings for people."""
    colour = {Outcome.ABSENT: "green", Outcome.FOUND: "red", Outcome.CANNOT_JUDGE: "yellow"}[verdict.outcome]
    console.print(f"[bold {colour}]{verdict.outcome.value.replace('_', ' ')}[/]: {escape(verdict.reason)}")
    for finding in verdict.findings:
        place = finding.place
        where = f"{place.offset:#010x}"
        if place.partition is not None:
            where += f"  {place.partition}+{place.partition_offset:#x}"
        if place.address is not None:
            where += f"  address {place.address:#x}" + (f" <{place.symbol}>" if place.symbol else "")
        if place.storage is not None:
            where += f"  {place.storage}"
        console.print(
            f"  {escape(where)}  {finding.kind.value} {finding.form} {finding.key_type or ''}"
            f" owner={finding.owner.value if finding.owner else '-'}"
        )
        for row in finding.preview:
            console.print(f"    {escape(row)}")
