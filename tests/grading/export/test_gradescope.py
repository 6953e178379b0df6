import json
from typing import Any

from grading.export.gradescope import gradescope_results
from kitbench.errors import Fault
from tests.grading.results import result


def table(**changes: Any) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(gradescope_results(result(**changes)))
    return decoded


def test_graded_submission_has_a_score_per_criterion_and_in_all() -> None:
    results = table(fault=Fault.STUDENT)

    assert results["score"] == 4
    assert [test["score"] for test in results["tests"]] == [1, 1, 0, 1, 1]
    assert [test["status"] for test in results["tests"]] == ["passed", "passed", "failed", "passed", "passed"]
    assert [test["max_score"] for test in results["tests"]] == [1, 1, 1, 1, 0]
    assert results["visibility"] == "visible"


def test_what_is_not_graded_has_no_score_and_is_hidden() -> None:
    results = table(fault=Fault.BENCH)

    assert "score" not in results
    assert "score" not in results["tests"][2]
    assert "status" not in results["tests"][2]
    assert results["visibility"] == "hidden"
    assert results["extra_data"]["not_graded"] == ["traffic"]


def test_keys_and_formats_are_those_gradescope_knows() -> None:
    results = table()

    known = {
        "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
        "stdout_visibility", "extra_data", "tests", "leaderboard",
    }  # fmt: skip
    known_of_test = {
        "score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags",
        "visibility", "extra_data",
    }  # fmt: skip
    assert set(results) <= known
    assert all(set(test) <= known_of_test for test in results["tests"])
    assert results["output_format"] == "text"
