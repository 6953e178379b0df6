"""Reads a kit's flash over its serial port with esptool's loader: the only part of the forensics that touches a kit."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

import serial
from esptool import cmds
from esptool.logger import log
from esptool.util import FatalError, NotImplementedInROMError, UnsupportedCommandError, flash_size_bytes

from kitbench.errors import BenchError
from kitbench.forensics.reading import efuses
from kitbench.forensics.reading.delta_dump import DumpState, NoDigestError, Progress, read_delta, read_full
from kitbench.forensics.reading.flash_dump import FlashDump

FAST_BAUD: Final = 921600
_ROM_BAUD: Final = 115200
_ATTEMPTS: Final = 3
_MAX_FLASH: Final = 128 << 20

AfterDump = Literal["hard-reset", "no-reset"]


@dataclass(frozen=True, slots=True)
class _LoaderReader:
    """The `FlashReader` of an esptool loader."""

    loader: Any
    size: int

    def md5(self, offset: int, size: int) -> bytes:
        try:
            return bytes.fromhex(self.loader.flash_md5sum(offset, size))
        except (UnsupportedCommandError, NotImplementedInROMError) as error:
            raise NoDigestError from error

    def read(self, offset: int, size: int) -> bytes:
        return bytes(self.loader.read_flash(offset, size))


def read_flash(  # noqa: PLR0913 - options of one operation, all by name
    port: str,
    *,
    known: bytes | Sequence[bytes] | None = None,
    full: bool = False,
    baud: int = FAST_BAUD,
    after: AfterDump = "hard-reset",
    progress: Callable[[Progress], None] = lambda _: None,
    on_broken: Callable[[bytes], None] = lambda _: None,
) -> FlashDump:
    """Read the whole flash of the kit on a port and verify it.

    Args:
        port: a device or URL that pyserial opens; a caller who wants a quicker `rfc2217://` registers it before.
        known: one or more images from offset 0 that the flash may hold, such as the one just flashed.
        full: read every byte instead of asking for digests.
        baud: rate for the transfer.
        after: what becomes of the kit.
        progress: called as bytes are settled.
        on_broken: called with what is known so far when the link has broken for good: to be given as `known` later.

    Raises:
        BenchError: no kit answers, the link breaks again and again, or what was read is not what the flash holds.
    """
    images = [known] if isinstance(known, bytes) else list(known or ())
    started = time.monotonic()
    state: DumpState | None = None
    for attempt in range(_ATTEMPTS):
        try:
            with _connected(port, baud, after) as loader:
                reader = _LoaderReader(loader, _flash_size(loader))
                state = state or DumpState(reader.size)
                data = (
                    read_full(reader, state, progress=progress)
                    if full
                    else read_delta(reader, state, known=images, progress=progress)
                )
                return _result(loader, data, state, full=full, seconds=time.monotonic() - started)
        except (FatalError, serial.SerialException, OSError) as error:
            if attempt + 1 == _ATTEMPTS or state is None:
                if state is not None:
                    on_broken(state.image())
                raise BenchError(f"cannot read the flash on {port}: {_one_line(error)}", stage="dump") from error
    raise AssertionError("unreachable")


def _result(loader: Any, data: bytes, state: DumpState, *, full: bool, seconds: float) -> FlashDump:
    chip = str(loader.CHIP_NAME)
    return FlashDump(
        data=data,
        chip=chip,
        mac=":".join(f"{byte:02x}" for byte in loader.read_mac()),
        method="full" if full else "delta",
        transferred=state.transferred,
        seconds=seconds,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        efuses=efuses.read_esp32(loader.read_reg) if chip == "ESP32" else {},
    )


@contextlib.contextmanager
def _connected(port: str, baud: int, after: AfterDump) -> Iterator[Any]:
    """Yield esptool's stub loader on the kit, at the fast rate."""
    log.set_verbosity("silent")
    rom = None
    try:
        rom = cmds.detect_chip(port, _ROM_BAUD)
        loader = cmds.run_stub(rom)
        if baud != _ROM_BAUD:
            loader.change_baud(baud)
        cmds.attach_flash(loader)
        yield loader
        cmds.reset_chip(loader, after)
    finally:
        log.set_verbosity("auto")
        if rom is not None:
            # The port may be gone already: there is nothing left to do about it.
            with contextlib.suppress(OSError, serial.SerialException):
                rom._port.close()  # noqa: SLF001 - esptool has no other way to close it


def _flash_size(loader: Any) -> int:
    name = cmds.detect_flash_size(loader)
    size = flash_size_bytes(name) if name else None
    if not size or size > _MAX_FLASH:
        raise BenchError(f"the flash chip's size is not known (esptool says {name!r})", stage="dump")
    return int(size)


def _one_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
