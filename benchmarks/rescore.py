"""`kitbench rescore`: seconds for a class of 320, beside parsing the same kept results as JSON and nothing more.

Usage: `benchmarks/rescore.py [--students 320]`. What was measured of each student is that of one who did everything
right (`tests/grading/synthetic.py`), with as many fingerprints and sectors as a project and two dumps of 4 MB have.
Exit status 1 when it takes 5 CPU seconds or more, or a mark is not what the new rubric gives.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from grading.hand_in.submission import Submission
from grading.hand_in.traits import Traits
from grading.marking.check_catalogue import known_checks
from grading.marking.facts import Facts
from grading.marking.result import ClassResult, SubmissionResult
from grading.marking.rubric import read_rubric, rubric_text
from grading.marking.score import score
from grading.records.kept_result import Origin, keep
from grading.records.kept_results import measuring_rules
from grading.results_writer import ResultsWriter
from grading.roster import RosterEntry
from grading.variant import Variant
from kitbench.installation import suite_path
from tests.grading.synthetic import ENDPOINT, SHA256, facts

ROOT = Path(__file__).resolve().parents[1]
_MOST_S = 5.0
_SECTORS = 1024
_PRINTS = 400


def main() -> int:
    """Print a row per way of reading what was kept; the status is 1 when rescoring is too slow or wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=320)
    count = parser.parse_args().students
    with tempfile.TemporaryDirectory(prefix="kitbench-rescore-") as work:
        output = Path(work) / "grades"
        write_results(output, count)
        begin = time.process_time()
        for path in output.glob("submissions/*/kept.json"):
            json.loads(path.read_text(encoding="utf-8"))
        print(f"{'json.loads alone':20}{time.process_time() - begin:26.2f} CPU s")
        rubric = Path(work) / "new.toml"
        rubric.write_text(rubric_text().replace("points = 1", "points = 2", 1), encoding="utf-8")
        seconds, cpu_seconds, printed = rescored(output, rubric)
        print(f"{'kitbench rescore':20}{seconds:10.2f} s wall{cpu_seconds:10.2f} CPU s for {count} students")
    changed = sum(1 for line in printed.splitlines() if line.endswith("endpoint: 1 -> 2"))
    return int(changed != count or cpu_seconds >= _MOST_S)


def write_results(output: Path, count: int) -> None:
    """Write the results of a class as `kitbench grade` does."""
    rubric = read_rubric()
    writer = ResultsWriter(output, rubric, "A large class", (), rubric_text(), known_checks(suite_path()))
    writer.prepare()
    results = tuple(_result(f"s{number:03}") for number in range(count))
    for one in results:
        keep(output / "submissions" / one.student.id, one, origin=Origin("h", "a", "r"), rules=measuring_rules(rubric))
        writer.write_submission(one)
    writer.write_class(ClassResult(rubric.title, rubric, results, datetime.now(UTC), 1.0, "virtual", "local"))


def _result(name: str) -> SubmissionResult:
    known = facts()
    assert isinstance(known.submission, Submission)
    digests = tuple(f"{number:032x}" for number in range(_SECTORS))
    traits = Traits(tuple(f"{number:016x}" for number in range(_PRINTS)), {}, dict.fromkeys(Variant, digests))
    student = RosterEntry(name, ENDPOINT, SHA256)
    own: Facts = replace(known, student=student, submission=replace(known.submission, traits=traits))
    return SubmissionResult(student, score(read_rubric(), own), own)


def rescored(output: Path, rubric: Path) -> tuple[float, float, str]:
    """Return wall and CPU seconds of the command, and what it printed."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "kitbench", "rescore", str(output), "--rubric", str(rubric)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - begin, cpu_seconds, printed


if __name__ == "__main__":
    sys.exit(main())
