"""A bench that collects without a kit."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kitbench.witness.bench_key import load_private_key, trusted_keys
from kitbench.witness.bundle import Kit, Witness, write_bundle

IDENTITY = "grader-key.txt"
PRIVATE = "bench-key.pem"
#: After every key that a test makes.
LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)


def witness(flash: bytes, *, student: str = "s01", kind: str = "real", at: datetime = LATER) -> Witness:
    return Witness(
        student=student,
        variant="embedded_key",
        kit=Kit(kind, "ESP32", "24:0a:c4:00:00:01", {"FLASH_CRYPT_CNT": 0}),
        began=at,
        ended=at,
        flash_sha256=hashlib.sha256(flash).hexdigest(),
        flash_size=len(flash),
        apps={"factory": "ab" * 32},
    )


def collected(
    class_folder: Path, flash: bytes, *, student: str = "s01", kind: str = "real", at: datetime = LATER
) -> Path:
    """Write a bundle as `kitbench collect` does; return its path."""
    _, key_id = load_private_key(class_folder / PRIVATE)
    path = class_folder / "witnessed" / f"{student}.kitbench"
    write_bundle(
        path,
        witness(flash, student=student, kind=kind, at=at),
        flash=flash,
        boot_log=b"rst:0x1 (POWERON_RESET)",
        class_folder=class_folder,
        private_file=class_folder / PRIVATE,
        key=trusted_keys(class_folder)[key_id],
    )
    return path
