"""Generates the example class: builds, flashes and dumps a virtual kit for each student, and writes the roster.

Called by the grader as `generate.py --output FOLDER`; tells how it gets on in lines of JSON.
"""

import csv
import json
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import click

from grading.example_class.course_cloud import CourseCloud, course_cloud
from grading.example_class.assignment import hand_in
from grading.example_class.hand_in import HandIn
from grading.example_class.kits import Kit, virtual_kits
from grading.example_class.large_class import LARGE_CLASS
from grading.example_class.students import SLOW_STUDENTS, STUDENTS, Student
from grading.running.interruption import interruptible
from kitbench.command_line import run
from kitbench.errors import BenchError

REFERENCE_PROJECT = Path(__file__).resolve().parents[2] / "firmware" / "subscribe_publish"
_SIDE_BY_SIDE = 3


@click.command()
@click.option("--output", type=click.Path(path_type=Path), required=True, help="A folder that is not there yet.")
@click.option("--slow", is_flag=True, help="The students that would only make the class slow, in place of the others.")
@click.option("--large", is_flag=True, help="A class of 30 without mistakes, three pairs of which have something in common.")
@click.option("--first", type=click.IntRange(1), help="Only so many of the students, from the first.")
def generate(output: Path, *, slow: bool, large: bool, first: int | None) -> int:
    """Generate roster.csv and submissions/ for the grader to grade."""
    if not REFERENCE_PROJECT.is_dir():
        raise BenchError(f"{REFERENCE_PROJECT} is missing", stage="generate", fix="grade from a checkout")
    output.mkdir(mode=0o700)
    _tell("start cloud and kits", 0.02)
    students = (LARGE_CLASS if large else SLOW_STUDENTS if slow else STUDENTS)[:first]
    chips = sum(1 for student in students if student.chip_project is not None)
    with (
        interruptible(),
        # Beside the class, in the grader's private folder: it is gone with it, even if this process is killed.
        tempfile.TemporaryDirectory(prefix="students-", dir=output.parent) as work,
        course_cloud() as cloud,
        virtual_kits(len(students)) as kits,
        virtual_kits(chips, secure_element="tcustom_locked") as chip_kits,
    ):
        handed_in = _hand_in_all(students, Path(work), cloud, ([*kits], [*chip_kits]))
        _write_class(output, students, handed_in)
    _tell("done", 1.0)
    return 0


def _hand_in_all(
    students: Sequence[Student], work: Path, cloud: CourseCloud, desks: tuple[list[Kit], list[Kit]]
) -> dict[str, HandIn]:
    """Let every student do the assignment, side by side; return what each has to hand in, by id."""
    kits, chip_kits = desks
    done: SimpleQueue[str] = SimpleQueue()

    def work_of(student: Student, kit: Kit, chip_kit: Kit | None) -> HandIn:
        result = hand_in(student, REFERENCE_PROJECT, work / student.id, cloud.register(student.id), (kit, chip_kit))
        done.put(student.id)
        _tell(f"{student.id} handed in", 0.1 + 0.85 * done.qsize() / len(students))
        return result

    with ThreadPoolExecutor(max_workers=_SIDE_BY_SIDE) as pool:
        futures = {
            student.id: pool.submit(
                work_of, student, kit, chip_kits.pop() if student.chip_project is not None else None
            )
            for student, kit in zip(students, kits, strict=True)
        }
        return {name: future.result() for name, future in futures.items()}


def _write_class(output: Path, students: Sequence[Student], handed_in: dict[str, HandIn]) -> None:
    """Write what is handed in, after those who copy have copied, and the roster."""
    for student in students:
        files = student.forge(handed_in, handed_in[student.id])
        files.write(output / "submissions" / student.id)
    with (output / "roster.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "endpoint", "certificate_sha256"])
        for name, one in handed_in.items():
            writer.writerow([name, one.registered.endpoint, one.registered.certificate_sha256])


def _tell(stage: str, share: float) -> None:
    sys.stdout.write(json.dumps({"stage": stage, "share": round(share, 3)}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(run(generate))
