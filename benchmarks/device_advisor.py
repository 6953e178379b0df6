"""Mutants of the firmware against the tests of Device Advisor on virtual kits: the table of docs/device-advisor.md.

    python benchmarks/device_advisor.py                      every firmware, suite all
    python benchmarks/device_advisor.py -k back-off          those whose name holds this
    python benchmarks/device_advisor.py --cost               the qualification suite once: wall and CPU seconds

Exit status 1 when a mutant is not caught, or another test than those that it touches fails.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from kitbench.installation import reference_project
from kitbench.local_iot_core.device_advisor.catalogue import TEST_CASES
from tests.corpus.advised_firmware import ALL, FIRMWARE, MODEL_FIRMWARE, REFERENCE, Firmware

SIGNS = {"passed": "pass", "passed with warnings": "warn", "failed": "**fail**", "not judged": "not judged"}


def run(firmware: Firmware, *options: str) -> list[dict[str, Any]]:
    """Return what the report says of each test of a firmware."""
    with tempfile.TemporaryDirectory(prefix="kitbench-mutant-") as folder:
        project, report = firmware.make(reference_project(), Path(folder)), Path(folder, "report.json")
        command = [sys.executable, "-m", "kitbench", "device-advisor", "--project", str(project), "--json", str(report)]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        if not report.exists():
            print(f"{firmware.name}: {done.stderr[-300:]}", file=sys.stderr, flush=True)
            return []
        tests: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["tests"]
    for test in tests:
        print(f"{firmware.name} · {test['outcome']} · {test['id']}: {test['reason']}", file=sys.stderr, flush=True)
    return tests


def faults(firmware: Firmware, tests: Sequence[dict[str, Any]]) -> list[str]:
    """Return what is wrong with a row: a mutant that lives, or a test that accuses another."""
    outcome = {test["id"]: test["outcome"] for test in tests}
    alive = [f"{name} does not catch it" for name in firmware.catches if outcome.get(name) != "failed"]
    if firmware is REFERENCE or firmware.touches == ALL:
        return alive if tests else ["it did not run"]
    spared = {name for name in outcome if name not in (*firmware.catches, *firmware.touches)}
    return (
        alive
        + [f"{name} fails" for name in sorted(spared) if outcome[name] == "failed"]
        + ([] if tests else ["no run"])
    )


def table(rows: Sequence[tuple[Firmware, Sequence[dict[str, Any]]]]) -> str:
    """Return the matrix, tests down and firmware across."""
    names = [firmware.name for firmware, _ in rows]
    lines = [f"| test | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for name in TEST_CASES:
        cells = [next((SIGNS[test["outcome"]] for test in tests if test["id"] == name), "") for _, tests in rows]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    """Run, print, and say whether all is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", default="", metavar="TEXT", help="only firmware whose name holds it")
    parser.add_argument("--jobs", type=int, default=3, help="how many side by side: a run mostly waits")
    parser.add_argument("--cost", action="store_true", help="measure the qualification suite, and no mutants")
    arguments = parser.parse_args()
    began = time.monotonic()
    if arguments.cost:
        rows = [(MODEL_FIRMWARE, run(MODEL_FIRMWARE))]
    else:
        chosen = [firmware for firmware in FIRMWARE if arguments.k in firmware.name]
        with ThreadPoolExecutor(arguments.jobs) as pool:
            rows = list(zip(chosen, pool.map(lambda one: run(one, "--suite", "all"), chosen), strict=True))
        print(table(rows))
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = time.monotonic() - began
    print(f"\n{len(rows)} firmware, {seconds:.0f} s, {usage.ru_utime + usage.ru_stime:.0f} CPU seconds", flush=True)
    wrong = {firmware.name: found for firmware, tests in rows if (found := faults(firmware, tests))}
    for name, found in wrong.items():
        print(f"{name}: {', '.join(found)}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
