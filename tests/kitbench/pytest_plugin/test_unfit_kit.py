"""A kit that fails while its firmware is judged: whatever was not passed on it costs nobody a point."""

from pathlib import Path

import pytest

from kitbench.bench.builds.firmware_build import FirmwareSource
from kitbench.bench.kits.kit_choice import KitChoice
from kitbench.bench.kits.run_options import RunOptions
from kitbench.bench.records.run_report import Check, CheckOutcome
from kitbench.cloud.things.names import new_run
from kitbench.errors import Fault
from kitbench.pytest_plugin.on_kit_run import OnKitRun
from kitbench.pytest_plugin.session import settle_kit

PORT = KitChoice("attached", "/dev/ttyUSB0")
PASSED = (CheckOutcome.PASSED, None, "")
SILENT = (CheckOutcome.FAILED, Fault.STUDENT, "connect")
NO_BUILD = (CheckOutcome.FAILED, Fault.STUDENT, "build")
NOT_FLASHED = (CheckOutcome.NOT_GRADED, Fault.BENCH, "bench")
SKIPPED = (CheckOutcome.NOT_GRADED, Fault.BENCH, "select")


class Desk:
    """Notes what was given back."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def give_back(self, failure: str) -> None:
        self.given.append(failure)


@pytest.fixture(name="asked")
def _asked(monkeypatch: pytest.MonkeyPatch) -> list[KitChoice]:
    """Kits that were looked at; each is found to be silent."""
    asked: list[KitChoice] = []

    def why_unfit(kit: KitChoice) -> str:
        asked.append(kit)
        return "no kit answers on /dev/ttyUSB0"

    monkeypatch.setattr("kitbench.bench.kits.kit_health.why_unfit", why_unfit)
    return asked


def run(*checks: tuple[CheckOutcome, Fault | None, str], kit: KitChoice | None = PORT, lacks: str = "") -> OnKitRun:
    options = RunOptions("red", "local", FirmwareSource(Path()), (), 100, 1.0, None, None)
    run = OnKitRun(options, (PORT,), "local", new_run(), in_use=kit)
    run.desk = Desk()  # type: ignore[assignment]  # gives back, and no more
    for outcome, fault, stage in checks:
        run.report.checks.append(
            Check("c", "connects", "", "c", outcome, fault, stage, "it is silent", 1.0, lacks, False)
        )
    return run


def given(run: OnKitRun) -> list[str]:
    assert isinstance(run.desk, Desk)
    return run.desk.given


def test_failures_on_a_kit_that_is_not_fit_are_the_benchs(asked: list[KitChoice]) -> None:
    begun = run(PASSED, SILENT, NO_BUILD)

    settle_kit(begun)

    outcomes = [check.outcome for check in begun.report.checks]
    assert outcomes == [CheckOutcome.PASSED, CheckOutcome.NOT_GRADED, CheckOutcome.FAILED]
    assert begun.report.checks[1].fault is Fault.BENCH
    assert begun.report.checks[1].reason == "the kit failed: no kit answers on /dev/ttyUSB0; seen: it is silent"
    assert begun.report.kit["unfit"] == "no kit answers on /dev/ttyUSB0"
    assert given(begun) == ["no kit answers on /dev/ttyUSB0"]
    assert asked == [PORT]


def test_control_failures_on_a_fit_kit_stay_the_students(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.bench.kits.kit_health.why_unfit", lambda _kit: "")
    begun = run(SILENT)

    settle_kit(begun)

    assert begun.report.checks[0].fault is Fault.STUDENT
    assert given(begun) == [""]


def test_what_the_bench_could_not_do_makes_a_kit_doubtful(asked: list[KitChoice]) -> None:
    settle_kit(run(NOT_FLASHED))

    assert asked == [PORT]


@pytest.mark.parametrize(
    "begun",
    [run(PASSED), run(NO_BUILD), run(SKIPPED), run(NOT_FLASHED, lacks="C++"), run(SILENT, kit=KitChoice("virtual"))],
)
def test_kit_is_not_looked_at_where_it_cannot_be_its_fault(asked: list[KitChoice], begun: OnKitRun) -> None:
    settle_kit(begun)

    assert asked == []
    assert given(begun) == [""]


def test_run_that_never_had_a_kit_gives_none_back(asked: list[KitChoice]) -> None:
    begun = run(SILENT, kit=None)

    settle_kit(begun)

    assert (asked, given(begun)) == ([], [])
