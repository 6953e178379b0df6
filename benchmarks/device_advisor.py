"""Mutants of the firmware against the tests of Device Advisor on virtual kits: the table of docs/device-advisor.md.

    python benchmarks/device_advisor.py                      every firmware, suite all
    python benchmarks/device_advisor.py -k back-off          those whose name holds this
    python benchmarks/device_advisor.py --quick              each mutant against the tests that must fail alone
    python benchmarks/device_advisor.py --keep FOLDER        keep each report there, and go on where a run was ended
    python benchmarks/device_advisor.py --sample v3.1.x PROJECT CHECKOUT 5.1  the course's sample beside them
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
from typing import Any, TypeAlias

sys.path.insert(0, str(Path(__file__).parents[1]))

from kitbench.installation import reference_project
from kitbench.local_iot_core.device_advisor.catalogue import TEST_CASES
from tests.corpus.advised_firmware import ALL, FIRMWARE, MODEL_FIRMWARE, REFERENCE, Firmware

Tests: TypeAlias = list[dict[str, Any]]

#: A busy machine may let a kit's loader wait too long: whoever got no report is tried again.
_TRIES = 3
SIGNS = {"passed": "pass", "passed with warnings": "warn", "failed": "**fail**", "not judged": "n. j."}


def run(firmware: Firmware, kept: Path | None, *options: str) -> Tests:
    """Return what the report says of each test of a firmware, which is built once for all of them."""
    with tempfile.TemporaryDirectory(prefix="kitbench-mutant-") as folder:
        return judge(firmware.name, firmware.make(reference_project(), Path(folder)), kept, *options)


def judge(name: str, project: Path, kept: Path | None, *options: str) -> Tests:
    """Return what the report says of each test of a project; where one is kept already, that one's."""
    with tempfile.TemporaryDirectory(prefix="kitbench-report-") as folder:
        report = (kept or Path(folder)) / f"{name.replace(' ', '-')}.json"
        for _ in range(_TRIES):
            if report.exists():
                break
            command = [sys.executable, "-m", "kitbench", "device-advisor", "--project", str(project)]
            command += ["--json", str(report), *options]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if not report.exists():
                print(f"{name}: {done.stderr[-300:]}", file=sys.stderr, flush=True)
        if not report.exists():
            return []
        tests: Tests = json.loads(report.read_text(encoding="utf-8"))["tests"]
    for test in tests:
        print(f"{name} · {test['outcome']} · {test['id']}: {test['reason']}", file=sys.stderr, flush=True)
    return tests


def wanted(firmware: Firmware) -> list[str]:
    """Return the options for the tests that must fail."""
    return ["--suite", "all", *(part for name in firmware.catches for part in ("--test", name))]


def faults(firmware: Firmware, tests: Tests) -> list[str]:
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


def table(rows: Sequence[tuple[str, Tests]]) -> str:
    """Return the matrix, tests down and firmware across."""
    lines = [f"| test | {' | '.join(name for name, _ in rows)} |", "|---" * (len(rows) + 1) + "|"]
    for name in TEST_CASES:
        cells = [next((SIGNS[test["outcome"]] for test in tests if test["id"] == name), "") for _, tests in rows]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def measure_cost() -> None:
    """Print what the qualification suite costs on a virtual kit, with build and start."""
    began = time.monotonic()
    tests = run(MODEL_FIRMWARE, None)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = usage.ru_utime + usage.ru_stime
    print(f"{len(tests)} tests, {time.monotonic() - began:.0f} s, {cpu_s:.0f} CPU seconds")


def main() -> int:
    """Run, print, and say whether all is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", default="", metavar="TEXT", help="only firmware whose name holds it")
    parser.add_argument("--jobs", type=int, default=3, help="how many side by side: a run mostly waits")
    parser.add_argument("--quick", action="store_true", help="only the tests that must fail")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep reports there, and run what has none")
    parser.add_argument(
        "--sample",
        action="append",
        nargs=4,
        default=[],
        metavar=("NAME", "PROJECT", "CHECKOUT", "IDF"),
        help="one more",
    )
    parser.add_argument("--cost", action="store_true", help="measure the qualification suite, and no mutants")
    arguments = parser.parse_args()
    if arguments.cost:
        measure_cost()
        return 0
    kept: Path | None = arguments.keep
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
    chosen = [one for one in FIRMWARE if arguments.k in one.name and (one.catches or not arguments.quick)]
    samples = [sample for sample in arguments.sample if arguments.k in sample[0]]
    suite = ("--suite", "all")
    with ThreadPoolExecutor(arguments.jobs) as pool:
        others = [
            (name, pool.submit(judge, name, Path(project), kept, *suite, "--esp-aws-iot", checkout, "--idf", idf))
            for name, project, checkout, idf in samples
        ]
        ours = list(pool.map(lambda one: run(one, kept, *(wanted(one) if arguments.quick else suite)), chosen))
    rows = [(firmware.name, tests) for firmware, tests in zip(chosen, ours, strict=True)]
    print(table([*rows, *((name, future.result()) for name, future in others)]))
    wrong = {one.name: found for one, tests in zip(chosen, ours, strict=True) if (found := faults(one, tests))}
    for name, found in wrong.items():
        print(f"{name}: {', '.join(found)}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
