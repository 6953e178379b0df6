"""Who gets which kit, and which are put aside."""

import threading
import time

import pytest

from grading.records.schedule import Schedule
from grading.running.pool.kit_pool import KitPool
from kitbench.errors import BenchError


def pool(*kits: str, builders: int = 1) -> KitPool:
    return KitPool(kits, builders, threading.Event(), Schedule())


def test_kit_has_one_holder_and_the_next_one_waits_for_it() -> None:
    kits = pool("red")
    taken: list[str] = []
    assert kits.take("s01") == "red"
    waiting = threading.Thread(target=lambda: taken.append(kits.take("s02")))
    waiting.start()
    time.sleep(0.1)
    assert taken == []

    kits.give_back("s01", "red")
    waiting.join(5)

    assert taken == ["red"]


def test_kit_that_fails_twice_is_put_aside_and_one_that_failed_once_is_another_submissions() -> None:
    kits = pool("red", "blue")
    kits.give_back("s01", kits.take("s01"), "flash: timed out")

    assert kits.take("s01") == "blue"
    assert kits.take("s02") == "red"
    kits.give_back("s02", "red", "flash: timed out")
    kits.give_back("s01", "blue")

    assert [kits.take(who) for who in ("s03",)] == ["blue"]
    assert kits.schedule.aside == {"red": "flash: timed out"}


def test_submission_that_fails_on_one_kit_after_the_other_puts_none_aside() -> None:
    kits = pool("red", "blue")
    for who in ("s01", "s02"):  # each ends its session on both kits
        for _ in kits.names:
            kits.give_back(who, kits.take(who), "the session ended")

    assert kits.schedule.aside == {}
    assert {kits.take("s03"), kits.take("s04")} == {"red", "blue"}


def test_kit_that_serves_another_submission_starts_anew() -> None:
    kits = pool("red")
    kits.give_back("s01", kits.take("s01"), "timed out")
    kits.give_back("s02", kits.take("s02"))
    kits.give_back("s03", kits.take("s03"), "timed out")

    assert kits.take("s04") == "red"


def test_submission_whose_kit_failed_gets_it_again_only_where_no_other_is_left() -> None:
    kits = pool("red", "blue")
    kits.give_back("s01", kits.take("s01"), "silent")
    assert kits.take("s01") == "blue"
    kits.give_back("s01", "blue", "dead", is_certain=True)

    assert kits.take("s01") == "red"


def test_when_every_kit_is_aside_the_reasons_are_told() -> None:
    kits = pool("red", "blue")
    for name in ("red", "blue"):
        kits.give_back("s01", kits.take("s01"), f"{name} is silent", is_certain=True)

    with pytest.raises(BenchError, match="no kit is left: red: red is silent; blue: blue is silent"):
        kits.take("s02")


def test_kit_of_another_is_not_given_back() -> None:
    kits = pool("red", "blue")
    held = kits.take("s01")

    kits.give_back("s02", held, "not mine")

    assert kits.take("s03") == "blue"


def test_no_more_builds_than_places_and_runs_do_not_wait_for_them() -> None:
    kits = pool("red", builders=1)
    kits.begin_build("s01")
    began: list[str] = []

    def build() -> None:
        kits.begin_build("s02")
        began.append("s02")

    waiting = threading.Thread(target=build)
    waiting.start()

    assert kits.take("s03") == "red"
    assert began == []
    kits.end_build("s01")
    waiting.join(5)

    assert began == ["s02"]
    kits.end_build("s02")
    kits.end_build("s02")  # twice: no second place comes of it
    assert [(span.what, span.who) for span in kits.schedule.spans] == [("build", "s01"), ("build", "s02")]


def test_whoever_waits_hears_that_the_class_run_ends() -> None:
    stop = threading.Event()
    kits = KitPool(("red",), 1, stop, Schedule())
    kits.take("s01")
    stop.set()

    with pytest.raises(BenchError, match="interrupted"):
        kits.take("s02")
