"""Speed of the audit beside the tools people use: seconds of processor time and MB/s on the same images, in one run.

Usage: `python benchmarks/audit.py [--quick]`. The forms that each tool finds: `python benchmarks/forensics_matrix.py`.
A full audit does what none of the others tries: it tests every window, and proves with a canary that it can see.
"""

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.key_finders import peers
from kitbench.forensics.canaries import canary
from kitbench.forensics.keys.examination import examine
from kitbench.forensics.keys.target import Target
from kitbench.forensics.window_scan.fastest_kernel import fastest_kernel

MEGABYTE = 1 << 20


def realistic(size: int) -> bytes:
    """Return a dump with a quarter of code and text, the rest erased, as a kit's flash is."""
    chance = random.Random(1)
    weights = [1 + 200 // (1 + value) for value in range(256)]
    code = bytes(chance.choices(range(256), weights=weights, k=size // 5))
    words = b" ".join(chance.choices([b"wifi", b"mqtt", b"connect", b"failed", b"%s", b"0x%08x"], k=size // 120))
    return (code + words).ljust(size, b"\xff")


def audit_seconds(dump: bytes) -> float:
    """Return the seconds of examination and canary, for one EC and one RSA key."""
    targets = [Target(key.public_key(), "given") for key in canary.throw_away_keys()]
    begin = processor_seconds()
    examine(dump, targets)
    assert canary.check(dump).is_sound
    return processor_seconds() - begin


def processor_seconds() -> float:
    """Return what this process and its children have used of a core: on a busy machine, the clock says little."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main() -> int:
    """Print seconds, MB/s, and how much slower or faster the others are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="4 MB only")
    quick = parser.parse_args().quick
    print(f"window kernel: {'compiled' if fastest_kernel().is_compiled else 'portable'}")
    dumps = {"realistic 4 MB": realistic(4 * MEGABYTE)}
    if not quick:
        dumps["realistic 16 MB"] = realistic(16 * MEGABYTE)
        dumps["random 16 MB"] = random.Random(2).randbytes(16 * MEGABYTE)
    key = ec.generate_private_key(ec.SECP256R1())
    for name, dump in dumps.items():
        size = len(dump) / MEGABYTE
        ours = audit_seconds(dump)
        print(f"{name}: full audit, EC and RSA {ours:6.2f} s {size / ours:8.1f} MB/s")
        with tempfile.NamedTemporaryFile(suffix=".bin") as file:
            file.write(dump)
            file.flush()
            for tool, find in peers().items():
                begin = processor_seconds()
                find(Path(file.name), key)
                seconds = max(0.01, processor_seconds() - begin)
                print(f"{'':16} {tool:14} {seconds:6.2f} s {size / seconds:8.1f} MB/s  ratio {ours / seconds:6.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
