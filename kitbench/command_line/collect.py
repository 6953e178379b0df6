"""`kitbench collect`: witness a student's kit at the bench."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
import serial
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from kitbench.bench.builds.variant import Variant
from kitbench.bench.kits.qemu_kit import QemuFiles
from kitbench.errors import BenchError, UsageError
from kitbench.exit_status import ExitStatus
from kitbench.forensics.layout.flash_layout import read_layout
from kitbench.forensics.reading import delta_dump
from kitbench.forensics.reading.flash_dump import FlashDump
from kitbench.forensics.reading.flash_reader import read_flash
from kitbench.kit.serial_port import attached_ports, canonical, use_quick_rfc2217
from kitbench.witness.bench_key import BenchPublicKey, load_private_key, trusted_keys
from kitbench.witness.bundle import SUFFIX, Kit, Witness, write_bundle
from kitbench.witness.key_files import default_private_key

#: In the class folder: images that a kit's flash probably begins with, such as the sample's.
KNOWN_FOLDER: Final = "known-images"
WITNESSED_FOLDER: Final = "witnessed"
QEMU: Final = "qemu"
_ROM_BAUD: Final = 115200
_EN_LOW_S: Final = 0.1
_MOST_LOG: Final = 1 << 20
#: What the virtual kit's own boot loader image says of itself.
_VIRTUAL_MARK: Final = b"the virtual kit acts it."
_FOLDER: Final = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.option("--class", "class_folder", required=True, type=_FOLDER, help="The class folder.")
@click.option("--student", required=True, help="The student's id in the roster.")
@click.option("--kit", required=True, help="The kit's serial port, also rfc2217://HOST:PORT; qemu with --flash.")
@click.option("--variant", type=click.Choice(list(Variant)), default=Variant.EMBEDDED_KEY, show_default=True)
@click.option("--flash", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="The folder in which a QEMU that has ended left qemu_flash.bin and qemu_efuse.bin.")  # fmt: skip
@click.option("--boot-seconds", type=click.FloatRange(0, 60), default=5.0, show_default=True, help="Of log to keep.")
@click.option("--key", type=click.Path(path_type=Path), default=default_private_key, help="The bench's private key.")
def command(  # noqa: PLR0913 - one argument per option
    *, class_folder: Path, student: str, kit: str, variant: str, flash: Path | None, boot_seconds: float, key: Path
) -> int:
    """Witness a student's kit at the bench: dump, MAC, eFuses, boot log and times, signed and closed to the grader.

    Images in CLASS/known-images/ make it fast: what agrees with them is not read.

    \b
    Example:
      kitbench collect --class FOLDER --student s01 --kit /dev/ttyUSB0

    \b
    Exit status: 0 written, 2 the kit or the link failed, 3 usage.
    """  # noqa: D301 - click needs the real backspace
    public = _valid_key(class_folder, key)
    if student not in _roster_ids(class_folder):
        raise UsageError(f"{student} is not in {class_folder}/roster.csv", stage="collect")
    began = datetime.now(UTC)
    dump, boot_log = _from_qemu(flash) if kit == QEMU else _from_port(kit, class_folder, boot_seconds)
    witness = Witness(
        student=student,
        variant=str(variant),
        kit=Kit(kind_of(kit, dump.data), dump.chip, dump.mac, dump.efuses),
        began=began,
        ended=datetime.now(UTC),
        flash_sha256=dump.sha256,
        flash_size=len(dump.data),
        apps={
            name: image.app_desc.elf_sha256.hex()
            for name, image in read_layout(dump.data).images.items()
            if image.app_desc is not None
        },
    )
    infix = "" if variant == Variant.EMBEDDED_KEY else f".{variant}"
    path = class_folder / WITNESSED_FOLDER / f"{student}{infix}{SUFFIX}"
    write_bundle(
        path, witness, flash=dump.data, boot_log=boot_log, class_folder=class_folder, private_file=key, key=public
    )
    seconds = (witness.ended - began).total_seconds()
    click.echo(
        f"{path}: {witness.kit.kind} kit {dump.mac}, SHA-256 {dump.sha256}, {seconds:.1f} s "
        f"({dump.transferred:,} of {len(dump.data):,} bytes over the line), key {public.key_id}"
    )
    return ExitStatus.GOOD


def _valid_key(class_folder: Path, private_file: Path) -> BenchPublicKey:
    """Return the public part of the bench's key, before a kit is touched."""
    _, key_id = load_private_key(private_file)
    key = trusted_keys(class_folder).get(key_id)
    if key is None:
        raise UsageError(f"{class_folder} does not trust bench key {key_id}", stage="collect")
    if key.revoked is not None or not key.created <= datetime.now(UTC) <= key.expires:
        fix = "make another: kitbench bench-key rotate"
        raise UsageError(f"bench key {key_id} is revoked or expired", stage="collect", fix=fix)
    return key


def _roster_ids(class_folder: Path) -> frozenset[str]:
    """Return the ids in the first column named `id`; the grader reads the rest, and with more care."""
    try:
        lines = (class_folder / "roster.csv").read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {class_folder / 'roster.csv'}: {error}", stage="collect") from error
    rows = [[cell.strip().strip('"') for cell in line.split(",")] for line in lines if line.strip()]
    if not rows or "id" not in rows[0]:
        raise UsageError(f"{class_folder / 'roster.csv'} has no column id", stage="collect")
    column = rows[0].index("id")
    return frozenset(row[column] for row in rows[1:] if len(row) > column)


def kind_of(kit: str, flash: bytes) -> str:
    """Return what kind of kit this is; real is only what hangs on this machine's own USB.

    Behind a network port anything may stand: ``remote``, or ``virtual`` where the flash says so.
    """
    if kit == QEMU:
        return QEMU
    if _VIRTUAL_MARK in flash:
        return "virtual"
    is_attached = any(port.device == kit and port.bridge for port in attached_ports())
    return "real" if is_attached else "remote"


def _from_qemu(folder: Path | None) -> tuple[FlashDump, bytes]:
    """Return what QEMU left in its files; its log is the caller's."""
    if folder is None:
        raise UsageError("--kit qemu needs --flash FOLDER, where QEMU's files are", stage="collect")
    return QemuFiles.left_in(folder).dump(), b""


def _from_port(port: str, class_folder: Path, boot_seconds: float) -> tuple[FlashDump, bytes]:
    use_quick_rfc2217()
    known = [path.read_bytes() for path in sorted((class_folder / KNOWN_FOLDER).glob("*.bin"))]
    columns = (TextColumn("dump"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("dump", total=None)

        def show(now: delta_dump.Progress) -> None:
            bar.update(task, total=now.size, completed=now.judged)

        dump = read_flash(canonical(port), known=known, progress=show)
    return dump, _boot_log(canonical(port), boot_seconds, time.monotonic)


def _boot_log(port: str, seconds: float, clock: Callable[[], float]) -> bytes:
    """Return what the kit prints after a reset.

    Raises:
        BenchError: the port fails.
    """
    log = bytearray()
    try:
        with serial.serial_for_url(port, baudrate=_ROM_BAUD, timeout=0.2) as line:
            line.dtr, line.rts = False, True
            time.sleep(_EN_LOW_S)
            line.rts = False
            ends = clock() + seconds
            while clock() < ends and len(log) < _MOST_LOG:
                log += line.read(4096)
    except (serial.SerialException, OSError) as error:
        raise BenchError(f"cannot read the boot log on {port}: {error}", stage="collect") from error
    return bytes(log)
