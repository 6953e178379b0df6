"""A class run: seconds, CPU seconds and submissions a minute, beside the same work done one after the other.

Usage: `benchmarks/class_run.py [--submissions 11] [--jobs N] [--alone]`. The first submissions of the example class
are generated once, then graded twice in one run: side by side as `make grade` does, and with one job. `--alone` adds
the peer without a grader, `pytest --kit virtual` on each project in turn, which audits nothing. Exit status 1 when the
two class runs do not give the same marks, or something was not graded.
"""

import argparse
import csv
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "grading" / "example_class"


@dataclass(frozen=True)
class Cost:
    """What a command took, with all its children; `status` is its exit status."""

    seconds: float
    cpu_seconds: float
    status: int


def main() -> int:
    """Print a row per way of grading; the status is 1 when the marks differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=11, help="the first N students of the example class")
    parser.add_argument("--jobs", type=int, help="side by side (default: as the grader chooses)")
    parser.add_argument("--alone", action="store_true", help="measure plain pytest on each project, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kitbench-class-") as folder:
        work = Path(folder)
        show("generate the class", cost_of([str(EXAMPLE / "generate.py"), "--output", str(work / "class")]))
        students = keep_first(work / "class", options.submissions)
        jobs = ["--jobs", str(options.jobs)] if options.jobs else []
        side_by_side = graded(work, "side by side", jobs, len(students))
        in_turn = graded(work, "one after the other", ["--jobs", "1"], len(students))
        print(f"{'ratio':22}{in_turn.seconds / side_by_side.seconds:7.2f} x as many submissions a minute")
        if options.alone:
            alone(work, students)
        marks = [marks_in(work / name) for name in ("side by side", "one after the other")]
    good = marks[0] == marks[1] and side_by_side.status == in_turn.status in {
        0,
        2,
    }  # a gap of the virtual kit is graded by neither
    print("same marks" if good else f"NOT the same marks, or not all graded: {marks}")
    return int(not good)


def cost_of(arguments: list[str]) -> Cost:
    """Run a Python command to its end."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    finished = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False)
    seconds, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(seconds, cpu_seconds, finished.returncode)


def keep_first(folder: Path, count: int) -> list[str]:
    """Shorten the roster to its first students and return them; who is not in it is nobody's submission."""
    lines = (folder / "roster.csv").read_text(encoding="utf-8").splitlines()
    (folder / "roster.csv").write_text("\n".join(lines[: count + 1]) + "\n", encoding="utf-8")
    students = [line.partition(",")[0] for line in lines[1 : count + 1]]
    for submission in (folder / "submissions").iterdir():
        if submission.name not in students:
            submission.rename(folder / submission.name)
    return students


def graded(work: Path, name: str, options: list[str], count: int) -> Cost:
    """Grade the class into a folder of this name."""
    cost = cost_of(["-m", "kitbench", "grade", str(work / "class"), "--output", str(work / name), *options])
    show(name, cost, count)
    return cost


def alone(work: Path, students: list[str]) -> None:
    """Run the on-kit suite on each project in turn, without a grader."""
    suite = ["-m", "pytest", "tests/kit", "-q", "-m", "hardware and criterion", "-p", "no:cacheprovider"]
    suite += ["--kit=virtual", "--cloud=local", "--clock-factor=2", "--variant=embedded_key"]
    costs = [cost_of([*suite, f"--project={work / 'class' / 'submissions' / one / 'project'}"]) for one in students]
    total = Cost(sum(one.seconds for one in costs), sum(one.cpu_seconds for one in costs), 0)
    show("pytest, no grader", total, len(students))


def show(name: str, cost: Cost, count: int = 0) -> None:
    """Print one row."""
    rate = f"{count * 60 / cost.seconds:8.1f} submissions a minute" if count else ""
    print(f"{name:22}{cost.seconds:7.1f} s{cost.cpu_seconds:8.1f} CPU s{rate}", flush=True)


def marks_in(folder: Path) -> dict[str, str]:
    """Return each student's points as the gradebook has them."""
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["points"] for row in csv.DictReader(file)}


if __name__ == "__main__":
    sys.exit(main())
