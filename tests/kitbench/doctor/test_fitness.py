"""The last line says what a bench is fit for, and names what keeps it from the rest."""

import pytest

from kitbench.doctor.check import Line, State
from kitbench.doctor.fitness import fitness
from kitbench.doctor.not_shown import hostile_endpoints

GOOD = [Line(subject, State.OK, "good") for subject in ("python", "audit", "confinement", "extras", "kit red")]
ALL = "audits, reading hand-ins, builds, runs on a kit, grading"


def failing(subject: str) -> list[Line]:
    return [*GOOD, Line(subject, State.FAIL, "ill")]


def test_good_bench_is_fit_for_everything() -> None:
    assert fitness([*GOOD, Line("Wi-Fi", State.WARN, "weak")]) == f"fit for {ALL}"


@pytest.mark.parametrize(
    ("subject", "fit", "unfit"),
    [
        ("kit red", "audits, reading hand-ins, builds", ["runs on a kit", "grading"]),
        ("AWS identity", "audits, reading hand-ins, builds", ["runs on a kit", "grading"]),
        ("ESP-IDF", "audits, reading hand-ins", ["builds", "runs on a kit", "grading"]),
        ("confinement", "audits, builds, runs on a kit", ["reading hand-ins", "grading"]),
        ("audit", "reading hand-ins, builds, runs on a kit", ["audits", "grading"]),
    ],
)
def test_what_fails_keeps_it_from_what_needs_it(subject: str, fit: str, unfit: list[str]) -> None:
    words = ", ".join(f"{work} ({subject})" for work in unfit)

    assert fitness(failing(subject)) == f"fit for {fit}; not for {words}"


def test_bench_without_python_is_fit_for_nothing() -> None:
    assert fitness(failing("python")).startswith("fit for nothing; not for audits (python)")


def test_checks_that_it_cannot_show_are_named() -> None:
    assert fitness([*GOOD, hostile_endpoints()]) == f"fit for {ALL}; not for kit_refuses_hostile_endpoints"
