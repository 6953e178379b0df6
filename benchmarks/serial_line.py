"""The serial line of a virtual kit: 4 MB written and read by the bench's quick client, and by pyserial's own.

Usage: `python benchmarks/serial_line.py [--stock-size BYTES]`. esptool is the same for both. The stock client moves a
smaller piece, for it needs minutes for the whole; what connecting takes (flash-id) is taken off before
rates are compared.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from kitbench.virtual_kit.kit import KitOptions, VirtualKit

QUICK = "from kitbench.kit.serial_port import use_quick_rfc2217; use_quick_rfc2217(); import esptool; esptool._main()"
STOCK = "import esptool; esptool._main()"
FLASH_SIZE = 0x400000


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stock-size", type=int, default=0x40000, help="bytes that the stock client moves")
    stock_size = parser.parse_args().stock_size
    with VirtualKit(KitOptions()) as kit:
        runs = {"quick": measure(kit, QUICK, FLASH_SIZE), "stock": measure(kit, STOCK, stock_size)}
    print(f"{'client':8}{'bytes':>9}{'connect s':>11}{'write s':>9}{'read s':>9}{'kB/s both ways, connected':>28}")
    for name, run in runs.items():
        print(
            f"{name:8}{run.size:>9}{run.connect_s:>11.1f}{run.write_s:>9.1f}{run.read_s:>9.1f}{run.rate / 1e3:>28.0f}"
        )
    quick, stock = runs["quick"], runs["stock"]
    print(f"4 MB written and read: {quick.write_s + quick.read_s:.1f} s")
    print(f"quick to stock: connect {stock.connect_s / quick.connect_s:.1f}, move {quick.rate / stock.rate:.1f}")


@dataclass(frozen=True)
class Run:
    """Seconds of flash-id, write-flash and read-flash, each with its connecting."""

    size: int
    connect_s: float
    write_s: float
    read_s: float

    @property
    def rate(self) -> float:
        """Bytes a second, there and back, without connecting."""
        return 2 * self.size / (self.write_s + self.read_s - 2 * self.connect_s)


def measure(kit: VirtualKit, client: str, size: int) -> Run:
    """Write and read `size` random bytes."""
    content = random.Random(size).randbytes(size)
    with tempfile.TemporaryDirectory() as folder:
        written, read = Path(folder, "written.bin"), Path(folder, "read.bin")
        written.write_bytes(content)
        connect_s = timed(kit, client, "flash-id")
        write_s = timed(kit, client, "write-flash", "0x0", str(written))
        read_s = timed(kit, client, "read-flash", "0x0", hex(size), str(read))
        assert read.read_bytes() == content
    return Run(size, connect_s, write_s, read_s)


def timed(kit: VirtualKit, client: str, *arguments: str) -> float:
    """Run esptool at 921600 baud; return the seconds it took."""
    command = [sys.executable, "-W", "ignore", "-c", client, "--port", kit.url, "--baud", "921600", *arguments]
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
