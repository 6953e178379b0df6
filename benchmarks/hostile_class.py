"""How much longer an honest class takes with as many hostile hand-ins in it, and what the grader's own process needs.

    python benchmarks/hostile_class.py [HOW_MANY_OF_EACH]

Honest ones are the reference project on virtual kits, with all that a class run does. The target is a ratio of 1.2.
"""

import resource
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from grading.rubric import read_rubric
from grading.submission_run import SubmissionRun
from tests.corpus.desk import Desk, desk
from tests.corpus.firmware_kinds import firmware
from tests.corpus.verdict import _bench  # the corpus grades as a class run does
from tests.grading.test_hostile_class import HOSTILE


def honest(folder: Path) -> tuple[Desk, Path]:
    """Make a hand-in that earns connects and traffic."""
    folder.mkdir()
    place = desk(folder, name=folder.name)
    return place, firmware()(place)


def graded(work: Path, sources: list[tuple[Desk, Path]]) -> float:
    """Grade hand-ins two at a time; return the seconds."""
    rubric = replace(read_rubric(), criteria=tuple(one for one in read_rubric().criteria if one.id != "secure_element"))
    began = time.monotonic()

    def grade(one: tuple[Desk, Path]) -> None:
        place, source = one
        results = work / f"results-{place.student.id}"
        SubmissionRun(place.student, source, _bench(rubric), rubric, results, 1, lambda _stage, _share: None).grade()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(grade, sources))
    return time.monotonic() - began


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        good = [honest(work / f"n{number:02}") for number in range(count)]
        bad = [(desk(work / name, name=name), make(work / name)) for name, make in list(HOSTILE.items())[:count]]
        alone = graded(work, good)
        together = graded(work, [one for pair in zip(good, bad, strict=False) for one in pair])
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print("honest  hostile  seconds  ratio  peak of the grader's own process, MB")
    print(f"{count:6}  {0:7}  {alone:7.1f}  {1:5.2f}")
    print(f"{count:6}  {len(bad):7}  {together:7.1f}  {together / alone:5.2f}  {used}")


if __name__ == "__main__":
    main()
