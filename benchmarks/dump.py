"""Dumping a kit's flash: ours beside `esptool read-flash`, on the same paced link of a virtual kit, in one run.

Usage: `benchmarks/dump.py`. The flash is 4 MB with a 1 MB app, a few sectors of which changed since flashing. Bytes
are those of flash content that crossed the wire; digests and frames add a few thousand.
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kitbench.forensics.reading.flash_reader import FAST_BAUD, read_flash
from kitbench.kit.serial_port import use_quick_rfc2217
from kitbench.virtual_kit.kit import KitOptions, VirtualKit

FLASH_SIZE = 4 << 20
APP_SIZE = 1 << 20
CHANGED_SECTORS = 14
_ESPTOOL = (
    "from kitbench.kit.serial_port import use_quick_rfc2217; use_quick_rfc2217(); import esptool; esptool._main()"
)


def contents() -> tuple[bytes, bytes]:
    """Return the image as flashed, and the flash as it is now."""
    chance = random.Random(1)
    flashed = (b"\xff" * 0x10000 + chance.randbytes(APP_SIZE)).ljust(FLASH_SIZE, b"\xff")
    now = bytearray(flashed)
    for sector in chance.sample(range(FLASH_SIZE // 0x1000), CHANGED_SECTORS):
        now[sector * 0x1000 : sector * 0x1000 + 64] = chance.randbytes(64)
    return flashed, bytes(now)


def main() -> int:
    """Print seconds, bytes and ratios; the status is 1 when a dump is not the flash."""
    use_quick_rfc2217()
    flashed, now = contents()
    rows: list[tuple[str, float, int, bool]] = []
    with tempfile.TemporaryDirectory() as folder:
        flash_file, out = Path(folder) / "kit.bin", Path(folder) / "out.bin"
        flash_file.write_bytes(now)
        with VirtualKit(KitOptions(flash_file=flash_file, is_paced=True)) as kit:
            for name, options in (
                ("kitbench, image known", {"known": flashed}),
                ("kitbench, nothing known", {}),
                ("kitbench --full", {"full": True}),
            ):
                begin = time.monotonic()
                dump = read_flash(kit.url, **options)
                rows.append((name, time.monotonic() - begin, dump.transferred, dump.data == now))
            begin = time.monotonic()
            arguments = ["--port", kit.url, "--baud", str(FAST_BAUD), "read-flash", "0", str(FLASH_SIZE), str(out)]
            subprocess.run([sys.executable, "-c", _ESPTOOL, *arguments], check=True, capture_output=True)
            rows.append(("esptool read-flash", time.monotonic() - begin, FLASH_SIZE, out.read_bytes() == now))
    reference = rows[-1][1]
    for name, seconds, transferred, is_same in rows:
        verdict = "same bytes" if is_same else "WRONG BYTES"
        print(f"{name:26}{seconds:7.1f} s{transferred:>12,} bytes  {reference / seconds:5.1f} x  {verdict}")
    return int(not all(row[3] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
