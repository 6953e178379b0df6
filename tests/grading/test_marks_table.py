import io

from rich.console import Console

from grading.judgement import Problem
from grading.marks_table import marks_table
from grading.result import SubmissionResult
from grading.rubric import read_rubric
from grading.submission_run import ungraded
from kitbench.errors import Fault
from tests.grading.results import class_result, result
from tests.grading.synthetic import STUDENT


def printed(*results: SubmissionResult) -> str:
    text = io.StringIO()
    Console(file=text, width=200).print(marks_table(class_result(*results)))
    return text.getvalue()


def test_reason_that_costs_several_points_is_said_once() -> None:
    nothing = ungraded(read_rubric(), STUDENT, Problem(Fault.STUDENT, "submission", "nothing was handed in"))

    table = printed(nothing)

    assert table.count("nothing was handed in") == 1
    assert "endpoint, connects, traffic, security analysis, secure element: nothing" in table


def test_what_is_not_graded_says_whose_fault_it_is() -> None:
    table = printed(result(fault=Fault.CLOUD, reason="broker gone"))

    assert "traffic: not graded (cloud fault): broker gone" in table
    assert "?" in table


def test_gap_says_so_once() -> None:
    table = printed(result(fault=Fault.BENCH, reason="not graded: the virtual kit lacks C++ (main/a.cpp)", lacks="C++"))

    assert "traffic: not graded: the virtual kit lacks C++ (main/a.cpp)" in table
    assert "bench fault" not in table


def test_markup_in_a_students_text_stays_text() -> None:
    assert "[red]x[/red]" in printed(result(fault=Fault.STUDENT, reason="[red]x[/red]"))
