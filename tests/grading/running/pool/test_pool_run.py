"""A run goes on elsewhere when its kit fails, through the desk's own wire."""

import threading
import time

import pytest

from grading.records.schedule import Schedule
from grading.running.pool.kit_pool import KitPool
from grading.running.pool.pool_run import Handing, run_on_fit_kit
from kitbench.errors import BenchError
from kitbench.kit_desk import DeskLine

FAILURES = {"red": "no kit answers on red"}


def pool(*kits: str) -> KitPool:
    return KitPool(kits, 1, threading.Event(), Schedule())


def session(handing: Handing) -> str:
    """Build, take kits until one is fit, run, give it back: as a session of the suite does."""
    with DeskLine(handing.address) as desk:
        with desk.building():
            pass
        while (kit := desk.take_kit()) in FAILURES:
            desk.give_back(FAILURES[kit])
        desk.give_back()
        return kit


def test_session_that_meets_a_dead_kit_is_handed_another_one() -> None:
    kits = pool("red", "blue")

    assert run_on_fit_kit(kits, "s01", session, on_failure=pytest.fail) == "blue"

    assert kits.schedule.aside == {"red": "no kit answers on red"}
    assert [(span.what, span.kit, bool(span.failure)) for span in kits.schedule.spans] == [
        ("build", "", False),
        ("run", "red", True),
        ("run", "blue", False),
    ]


def test_run_whose_kit_failed_at_its_end_is_run_again_on_another_one() -> None:
    kits, told, outcomes = pool("red", "blue"), list[str](), iter(["lost its points", "all points"])

    def run(handing: Handing) -> str:
        with DeskLine(handing.address) as desk:
            outcome = next(outcomes)
            desk.give_back(FAILURES[desk.take_kit()] if outcome == "lost its points" else "")
            return outcome

    assert run_on_fit_kit(kits, "s01", run, on_failure=told.append) == "all points"
    assert told == ["red: no kit answers on red"]


def test_session_that_dies_or_hangs_costs_its_kit_a_strike_and_goes_on_elsewhere() -> None:
    kits, seen = pool("red", "blue"), list[str]()

    def run(handing: Handing) -> str:
        with DeskLine(handing.address) as desk:
            seen.append(desk.take_kit())
        if len(seen) == 1:
            raise BenchError("the on-kit suite did not end within 300 s", stage="run")
        return "all points"

    assert run_on_fit_kit(kits, "s01", run, on_failure=lambda _: None) == "all points"
    assert seen == ["red", "blue"]
    assert kits.schedule.aside == {}
    assert kits.take("s02") == "red", "one strike"


def test_error_that_is_no_kits_is_raised_at_once() -> None:
    kits, runs = pool("red", "blue"), list[Handing]()

    def run(handing: Handing) -> str:
        runs.append(handing)
        raise BenchError("the on-kit suite wrote no run report", stage="run")

    with pytest.raises(BenchError, match="wrote no run report"):
        run_on_fit_kit(kits, "s01", run, on_failure=pytest.fail)
    assert len(runs) == 1


def test_without_a_fit_kit_the_reasons_are_told() -> None:
    with pytest.raises(BenchError, match="no kit is left: red: no kit answers"):
        run_on_fit_kit(pool("red"), "s01", session, on_failure=pytest.fail)


def test_time_in_the_queue_is_told_apart() -> None:
    kits, waited = pool("red"), list[float]()
    assert kits.take("s00") == "red"
    threading.Timer(0.3, kits.give_back, ("s00", "red")).start()

    def run(handing: Handing) -> str:
        kit = session_on_any(handing)
        waited.append(handing.waited_s())
        return kit

    run_on_fit_kit(kits, "s01", run, on_failure=pytest.fail)
    assert waited[0] >= 0.25


def session_on_any(handing: Handing) -> str:
    with DeskLine(handing.address) as desk:
        return desk.take_kit()


def test_session_that_dies_while_it_waits_takes_no_kit_with_it() -> None:
    kits, asking = pool("red"), list[threading.Thread]()
    kits.take("s02")

    def ask(address: str) -> None:
        with DeskLine(address) as desk, pytest.raises(BenchError, match="does not answer"):
            desk.take_kit()

    def run(handing: Handing) -> str:
        asking.append(threading.Thread(target=ask, args=(handing.address,)))
        asking[0].start()
        while not handing.waited_s():
            time.sleep(0.01)
        threading.Timer(0.2, kits.give_back, ("s02", "red")).start()
        raise BenchError("the run on the kit ended by signal 9", stage="run")

    with pytest.raises(BenchError, match="signal 9"):
        run_on_fit_kit(kits, "s01", run, on_failure=pytest.fail)
    asking[0].join()

    assert run_on_fit_kit(kits, "s03", session_of_one_kit, on_failure=pytest.fail) == "red"


def test_run_that_ends_otherwise_gives_its_kit_back() -> None:
    kits = pool("red")

    def run(handing: Handing) -> str:
        with DeskLine(handing.address) as desk:
            desk.take_kit()
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        run_on_fit_kit(kits, "s01", run, on_failure=pytest.fail)

    assert run_on_fit_kit(kits, "s02", session_of_one_kit, on_failure=pytest.fail) == "red"


def session_of_one_kit(handing: Handing) -> str:
    with DeskLine(handing.address) as desk:
        kit = desk.take_kit()
        desk.give_back()
        return kit
