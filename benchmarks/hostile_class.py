"""How much longer an honest class takes with as many hostile hand-ins in it, and what the grader's own process needs.

    python benchmarks/hostile_class.py [HOW_MANY_OF_EACH]

Honest ones are the reference project on virtual kits, with all that a class run does. The target is a ratio of 1.2.
Exit status 1 when an honest mark changed. Seconds of the processor say more than the clock on a machine that has other
work; the grader's own process is measured from its state before the class, its imports apart.
"""

import resource
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from grading.marking.result import SubmissionResult
from grading.marking.rubric import read_rubric
from grading.running.submission_run import SubmissionRun
from tests.corpus.desk import Desk, desk
from tests.corpus.dump_kinds import HONEST_DUMP
from tests.corpus.verdict import _bench  # the corpus grades as a class run does
from tests.grading.test_hostile_class import HOSTILE

#: A student's marks: outcome by criterion.
Marks = dict[str, str]


@dataclass(frozen=True, slots=True)
class Graded:
    """A class that was graded: seconds of the clock and of the processor, marks by student, own memory in MB."""

    seconds: float
    cpu_seconds: float
    own_cpu_seconds: float
    marks: dict[str, Marks]
    peak: int


def honest(folder: Path) -> tuple[Desk, Path]:
    """Make a hand-in that earns all points: the sample, and the dump of a kit that ran it."""
    folder.mkdir()
    place = desk(folder, name=folder.name)
    return place, HONEST_DUMP[0].make(place)


def graded(work: Path, sources: list[tuple[Desk, Path]]) -> Graded:
    """Grade hand-ins two at a time."""
    rubric = replace(read_rubric(), criteria=tuple(one for one in read_rubric().criteria if one.id != "secure_element"))
    began, processor, own = time.monotonic(), _processor(), _processor(resource.RUSAGE_SELF)

    def grade(one: tuple[Desk, Path]) -> SubmissionResult:
        place, source = one
        results = work / f"results-{place.student.id}"
        told = SubmissionRun(
            place.student, source, _bench(rubric, None, None), rubric, results, 1, lambda _stage, _share: None
        )
        return told.grade()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(grade, sources))
    return Graded(
        time.monotonic() - began,
        _processor() - processor,
        _processor(resource.RUSAGE_SELF) - own,
        {one.student.id: {mark.criterion.id: mark.outcome.value for mark in one.score.marks} for one in results},
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    )


def _processor(*who: int) -> float:
    """Return the seconds that these processes took; by default this one and all its children that have ended."""
    used = [resource.getrusage(one) for one in who or (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> int:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        good = [honest(work / f"n{number:02}") for number in range(count)]
        bad = [(desk(work / name, name=name), make(work / name)) for name, make in list(HOSTILE.items())[:count]]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        alone = graded(work, good)
        together = graded(work, [one for pair in zip(good, bad, strict=False) for one in pair])
    print("| honest | hostile | seconds | ratio | CPU seconds | ratio | of these the grader's own | its peak, MB |")
    print("|---|---|---|---|---|---|---|---|")
    for hostile, one in ((0, alone), (len(bad), together)):
        print(
            f"| {count} | {hostile} | {one.seconds:.0f} | {one.seconds / alone.seconds:.2f} | {one.cpu_seconds:.0f} "
            f"| {one.cpu_seconds / alone.cpu_seconds:.2f} | {one.own_cpu_seconds:.1f} | {one.peak} |"
        )
    print(f"\nbefore the class, with all that is imported: {before} MB")
    changed = [name for name, marks in alone.marks.items() if together.marks[name] != marks]
    print(f"honest marks that changed: {', '.join(changed) or 'none'}")
    for name in changed:
        print(f"  {name}: alone {alone.marks[name]}, among hostile ones {together.marks[name]}")
    others = {name: marks for name, marks in together.marks.items() if name not in alone.marks}
    passed = [f"{name}: {mark}" for name, one in others.items() for mark, is_ in one.items() if is_ == "passed"]
    print(f"what hostile ones earned: {', '.join(passed) or 'nothing'}")
    return int(bool(changed))


if __name__ == "__main__":
    sys.exit(main())
