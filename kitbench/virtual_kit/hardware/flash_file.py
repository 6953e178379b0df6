"""Keeps a kit's flash and eFuses in files, so that they outlive the process; both may hold keys."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

from kitbench.errors import BenchError
from kitbench.private_folder import write_private
from kitbench.virtual_kit.hardware.efuse import REGISTER_SPACE, Efuses
from kitbench.virtual_kit.hardware.flash_image import DEFAULT_SIZE, SECTOR_SIZE, FlashImage

_SIZES = frozenset({0x100000, 0x200000, 0x400000, 0x800000, 0x1000000})


class FlashFile:
    """A flash image whose every change is written to a file at once; a missing file is made, erased.

    Args:
        path: of the file.
        size: bytes of one that is made.

    Raises:
        BenchError: the file cannot be used, or its size is none of a flash chip.
    """

    def __init__(self, path: Path, size: int = DEFAULT_SIZE) -> None:
        try:
            if not path.exists():
                write_private(path, b"\xff" * size)
            content = path.read_bytes()
            self._descriptor = os.open(path, os.O_WRONLY)
        except OSError as error:
            raise BenchError(f"flash file {path} cannot be used: {error.strerror}", stage="virtual kit") from error
        if len(content) not in _SIZES:
            os.close(self._descriptor)
            raise BenchError(
                f"flash file {path} has {len(content)} bytes, expected the size of a flash chip such as {DEFAULT_SIZE}",
                stage="virtual kit",
                fix="name a file that does not exist yet, or a full dump",
            )
        self._lock = threading.Lock()
        self._is_open = True
        self.image = FlashImage(content, size=len(content), on_change=self._write)

    def close(self) -> None:
        """Write what is left, and stop the thread that writes."""
        with self._lock:
            if self._is_open:
                self._is_open = False
                os.close(self._descriptor)

    def _write(self, offset: int, sector: bytes) -> None:
        with self._lock:
            if self._is_open:
                os.pwrite(self._descriptor, sector[:SECTOR_SIZE], offset)


def open_efuses(path: Path | None, mac: bytes) -> Efuses:
    """Return eFuses kept in the file, which is made where missing; in memory only where there is none.

    Raises:
        BenchError: the file cannot be used, or is no eFuse file.
    """
    if path is None:
        return Efuses(mac=mac)
    try:
        stored = path.read_bytes() if path.exists() else None
        if stored is not None and len(stored) != REGISTER_SPACE:
            raise BenchError(
                f"eFuse file {path} has {len(stored)} bytes, expected {REGISTER_SPACE}", stage="virtual kit"
            )
        holder: list[Efuses] = []
        efuses = Efuses(stored, mac=mac, on_burn=_saver(path, holder))
        holder.append(efuses)
        write_private(path, efuses.to_file())
    except OSError as error:
        raise BenchError(f"eFuse file {path} cannot be used: {error.strerror}", stage="virtual kit") from error
    return efuses


def _saver(path: Path, holder: list[Efuses]) -> Callable[[], None]:
    def save() -> None:
        for efuses in holder:
            write_private(path, efuses.to_file())

    return save
