"""Marks on a terminal keep to its width; in a pipe each line says by itself whose it is and what for."""

import io
from collections.abc import Sequence
from dataclasses import replace

import pytest
from rich.console import Console

from grading.judgement import Problem
from grading.marking.result import LEFT_OUT, ClassResult, SubmissionResult
from grading.marking.rubric import read_rubric
from grading.marking.score import Score
from grading.records.marks_table import fact_lines, legend, marks_table, reasons
from grading.roster import Person
from grading.running.submission_run import ungraded
from kitbench.errors import Fault
from tests.grading.results import class_result, result
from tests.grading.synthetic import STUDENT

NAMED = replace(STUDENT, person=Person("Wolfeschlegelsteinhausenbergerdorff Sr."))


def printed(*results: SubmissionResult, width: int = 200) -> str:
    text = io.StringIO()
    console = Console(file=text, width=width)
    console.print(marks_table(class_result(*results), width))
    for paragraph in reasons(class_result(*results)):
        console.print(paragraph)
    return text.getvalue()


def with_criteria(count: int) -> ClassResult:
    """Return a class with so many criteria."""
    one = result(fault=Fault.STUDENT)
    marks = [
        replace(mark, criterion=replace(mark.criterion, id=f"criterion_number_{number}_of_many"))
        for number, mark in enumerate(one.score.marks * count, 1)
    ][:count]
    shown = class_result(replace(one, score=Score(tuple(marks))))
    return replace(shown, rubric=replace(shown.rubric, criteria=tuple(mark.criterion for mark in marks), manual=()))


def test_reason_that_costs_several_points_is_said_once() -> None:
    nothing = ungraded(read_rubric(), STUDENT, Problem(Fault.STUDENT, "submission", "nothing was handed in"))

    table = printed(nothing)

    assert table.count("nothing was handed in") == 1
    assert "endpoint, connects, traffic, security analysis, secure element: nothing" in table


def test_what_is_not_graded_says_whose_fault_it_is() -> None:
    table = printed(result(fault=Fault.CLOUD, reason="broker gone"))

    assert "traffic: not graded (cloud fault): broker gone" in table
    assert "?" in table


def test_student_whom_only_left_out_has_one_line_and_no_reason() -> None:
    left_out = ungraded(read_rubric(), STUDENT, LEFT_OUT)

    assert list(fact_lines(class_result(left_out))) == [f"{STUDENT.id}: left out by --only"]
    assert "left out" not in printed(left_out)


def test_gap_says_so_once() -> None:
    table = printed(result(fault=Fault.BENCH, reason="not graded: the virtual kit lacks C++ (main/a.cpp)", lacks="C++"))

    assert "traffic: not graded: the virtual kit lacks C++ (main/a.cpp)" in table
    assert "bench fault" not in table


def test_markup_in_a_students_text_stays_text() -> None:
    assert "[red]x[/red]" in printed(result(fault=Fault.STUDENT, reason="[red]x[/red]"))


@pytest.mark.parametrize("width", [80, 100])
def test_table_does_not_wrap(width: int) -> None:
    rows: Sequence[SubmissionResult] = [
        result("s01"),
        replace(result("s02", fault=Fault.CLOUD), student=NAMED),
        result("a-very-long-id-of-somebody@example.edu", fault=Fault.STUDENT),
    ]
    text = io.StringIO()

    Console(file=text, width=width).print(marks_table(class_result(*rows), width))

    assert len(text.getvalue().splitlines()) == 2 + len(rows)
    assert max(map(len, text.getvalue().splitlines())) <= width
    assert "not graded" in text.getvalue()


@pytest.mark.parametrize("count", [1, 5, 9, 12])
def test_heads_are_told_apart_or_numbered(count: int) -> None:
    shown = with_criteria(count)
    text = io.StringIO()

    Console(file=text, width=80).print(marks_table(shown, 80))

    assert len(text.getvalue().splitlines()) == 3
    if count > 1:
        assert legend(shown, 80).startswith("1: ")
    assert legend(class_result(result()), 80) == ""


def test_pipe_has_a_line_per_fact() -> None:
    lost = replace(result("s02", fault=Fault.STUDENT, reason="it is silent"), student=replace(NAMED, id="s02"))

    lines = list(fact_lines(class_result(result("s01"), lost, result("s03", fault=Fault.CLOUD, reason="it is gone"))))

    assert len(lines) == 3 * 6
    assert "s01: traffic: 1 of 1: passed" in lines
    assert "s02: total: 4: Wolfeschlegelsteinhausenbergerdorff Sr. (s02)" in lines
    (told,) = (line for line in lines if line.startswith("s02: traffic: "))
    assert told.startswith("s02: traffic: 0 of 1: failed: it is silent")
    assert "s03: traffic: not graded of 1: not graded: cloud fault: it is gone" in lines
