"""The flash of a kit as it was read, and how it was got; `flash_reader` reads it."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kitbench.errors import BenchError


@dataclass(frozen=True, slots=True)
class FlashDump:
    """The flash of a kit, verified by its digest, and how it was got.

    Attributes:
        transferred: bytes that crossed the wire; with method ``delta`` the rest was settled by digests.
        efuses: hardening fields by name; empty for chips other than the ESP32.
    """

    data: bytes = field(repr=False)
    chip: str
    mac: str
    method: str
    transferred: int
    seconds: float
    time: str
    efuses: dict[str, int]

    @property
    def sha256(self) -> str:
        """SHA-256 of the flash, in hex."""
        return hashlib.sha256(self.data).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return all but the bytes as JSON values."""
        return {
            "schema": "kitbench-dump/1",
            "sha256": self.sha256,
            "size": len(self.data),
            "chip": self.chip,
            "mac": self.mac,
            "time": self.time,
            "method": self.method,
            "transferred": self.transferred,
            "seconds": round(self.seconds, 3),
            "efuses": self.efuses,
        }

    def write(self, path: Path) -> None:
        """Write the flash to `path` and the rest to `path` + ``.json``.

        Raises:
            BenchError: the files cannot be written.
        """
        try:
            path.write_bytes(self.data)
            sidecar = path.with_name(path.name + ".json")
            sidecar.write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise BenchError(f"cannot write {error.filename}: {error.strerror}", stage="dump") from error
