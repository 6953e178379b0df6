"""A class in numbers, from results that lost points alike, otherwise, or not at all."""

from dataclasses import replace

from grading.marking.result import LEFT_OUT, SubmissionResult
from grading.report.pages import statistics_page
from grading.roster import RosterEntry
from grading.running.submission_run import ungraded
from grading.statistics.statistics import kind_of, statistics_lines, statistics_of
from kitbench.errors import Fault
from tests.grading.results import HOSTILE, RUBRIC, class_result, result
from tests.grading.synthetic import ENDPOINT, SHA256


def total(one: SubmissionResult, points: float) -> SubmissionResult:
    return replace(one, score=replace(one.score, total=points))


def test_reasons_that_differ_in_numbers_and_quotations_are_one() -> None:
    numbers = statistics_of(
        class_result(
            result("s01"),
            result("s02", fault=Fault.STUDENT, reason="message number 4 on 'a/b' did not arrive within 31.5 s"),
            result("s03", fault=Fault.STUDENT, reason="message number 12 on 'c' did not arrive within 60 s"),
            result("s04", fault=Fault.STUDENT, reason="the kit did not connect"),
        )
    )

    assert [(one.criterion.id, one.students, one.points) for one in numbers.losses] == [
        ("traffic", ("s02", "s03"), 2.0),
        ("traffic", ("s04",), 1.0),
    ]
    assert "message number 4 on 'a/b'" in numbers.losses[0].reason


def test_mean_and_median_are_of_those_who_are_graded() -> None:
    graded = [total(result("s01"), 1), total(result("s02"), 2), total(result("s03"), 6)]

    numbers = statistics_of(class_result(*graded, result("s04", fault=Fault.BENCH)))

    assert (numbers.students, numbers.graded, numbers.mean, numbers.median) == (4, 3, 3.0, 2.0)


def test_criterion_counts_everybody_once() -> None:
    numbers = statistics_of(
        class_result(result("s01"), result("s02", fault=Fault.STUDENT), result("s03", fault=Fault.BENCH))
    )

    traffic = next(one for one in numbers.criteria if one.criterion.id == "traffic")
    assert (traffic.full, traffic.part, traffic.none, traffic.not_graded, traffic.unclaimed) == (1, 0, 1, 1, 0)
    assert traffic.mean == 0.5


def test_students_whom_only_left_out_are_counted_and_not_listed() -> None:
    left_out = ungraded(RUBRIC, RosterEntry("s02", ENDPOINT, SHA256), LEFT_OUT)

    numbers = statistics_of(class_result(result("s01"), left_out))

    assert (numbers.students, numbers.graded, numbers.not_graded) == (2, 1, ())
    assert not any(one.not_graded for one in numbers.criteria)


def test_missing_feature_names_who_is_not_graded_for_it() -> None:
    lacks = "header driver/odd.h"
    shown = class_result(result("s01", fault=Fault.BENCH, reason=f"the virtual kit lacks {lacks}", lacks=lacks))

    lines = list(statistics_lines(statistics_of(shown)))

    assert "class: total: nobody of 1 is graded" in lines
    assert f"class: not graded: traffic: 1: the virtual kit lacks {lacks} (s01)" in lines
    assert lacks in statistics_page(shown)


def test_page_shows_texts_of_students_as_text() -> None:
    page = statistics_page(class_result(result("s01", fault=Fault.STUDENT, reason=HOSTILE)))

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_nobody_in_the_class_is_no_division_by_zero() -> None:
    assert next(statistics_lines(statistics_of(class_result()))) == "class: total: nobody of 0 is graded"


def test_kind_keeps_what_tells_two_mistakes_apart() -> None:
    assert kind_of("flash.bin holds a key at 0x23735") == kind_of("flash.bin holds a key at 0x1f")
    assert kind_of("it lacks a1-ats.iot.eu-west-1.amazonaws.com") == kind_of(
        "it lacks b2-ats.iot.eu-west-1.amazonaws.com"
    )
    assert kind_of("header a.h is missing") != kind_of("header b.h is missing")
