"""Audits a dump in a process of its own: ``python -m tests.kitbench.forensics.measured_audit DUMP [CERTIFICATE]``.

Prints JSON: the outcome, the work, and the bytes of memory that the audit took beyond what the process had before.
"""

import json
import sys
from pathlib import Path

from cryptography import x509

from kitbench.forensics.audit import audit
from kitbench.forensics.window_scan.fastest_kernel import fastest_kernel


def resident() -> int:
    """Return the most bytes of memory that this process ever had; proc(5), VmHWM."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


def main(dump: Path, *certificates: Path) -> None:
    """Print what an audit found and took."""
    fastest_kernel()
    known = [x509.load_pem_x509_certificate(path.read_bytes()) for path in certificates]
    before = resident()
    verdict = audit(dump.read_bytes(), certificates=known).to_json()
    result = {"outcome": verdict["outcome"], "reason": verdict["reason"], "work": verdict["scan"]["work"]}
    json.dump(result | {"bytes": resident() - before}, sys.stdout)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
