"""`kitbench dump`: read a kit's flash into a file, fast and verified."""

import contextlib
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus
from kitbench.forensics.reading.flash_dump import FlashDump
from kitbench.forensics.reading.flash_reader import FAST_BAUD, read_flash
from kitbench.kit.serial_port import canonical, use_quick_rfc2217

_MAX_IMAGE: Final = 128 << 20


@click.command()
@click.option("--port", required=True, help="The kit's serial port, also rfc2217://HOST:PORT.")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to write."
)
@click.option(
    "--known",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An image from offset 0 that the flash probably holds: what agrees is not read.",
)
@click.option("--full", is_flag=True, help="Read every byte.")
@click.option("--baud", default=FAST_BAUD, show_default=True, help="Rate of the transfer.")
def command(*, port: str, output: Path, known: Path | None, full: bool, baud: int) -> int:
    """Read a kit's flash into a file, fast and verified; chip, MAC, eFuses and SHA-256 go beside it as .json.

    Where a digest tells what the flash holds, its bytes are not read. After a broken link the same command goes on
    where it stopped.

    \b
    Example:
      kitbench dump --port /dev/ttyUSB0 -o flash.bin

    \b
    Exit status: 0 written, 2 the kit or the link failed, 3 usage.
    """  # noqa: D301 - click needs the real backspace
    partial = output.with_name(output.name + ".part")
    images = [_read(path) for path in (partial if partial.exists() else None, known) if path]
    use_quick_rfc2217()
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("dump"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("dump", total=None)
        dump = read_flash(
            canonical(port),
            known=images,
            full=full,
            baud=baud,
            progress=lambda now: bar.update(task, total=now.size, completed=now.judged),
            on_broken=lambda image: _keep(partial, image),
        )
    dump.write(output)
    partial.unlink(missing_ok=True)
    click.echo(summary(dump, output))
    return ExitStatus.GOOD


def summary(dump: FlashDump, output: Path) -> str:
    """Return one line about a dump."""
    return (
        f"{output}: {len(dump.data):#x} bytes of {dump.chip} {dump.mac} in {dump.seconds:.1f} s, "
        f"{dump.transferred:,} of them over the wire; SHA-256 {dump.sha256}"
    )


def _keep(path: Path, image: bytes) -> None:
    """Keep what was read before the link broke; whoever cannot write it is told of the link, not of the disk."""
    with contextlib.suppress(OSError):
        path.write_bytes(image)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_IMAGE:
            raise UsageError(f"{path} is larger than any flash", stage="dump")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", stage="dump") from error
