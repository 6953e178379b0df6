"""One bench at a time on a fixed topic."""

import threading
import time
from typing import Any

import pytest

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.things.names import new_run
from kitbench.cloud.things.topic_lease import is_lease, lease, lease_name
from kitbench.errors import CloudError

_TOPIC = "test_topic/esp32"


def test_second_bench_is_told_who_holds_it(endpoint: Endpoint) -> None:
    first = new_run()

    with (
        lease(endpoint, first, _TOPIC),
        pytest.raises(CloudError, match=f"held by run {first.run_id} until"),
        lease(endpoint, new_run(), _TOPIC, wait_s=0),
    ):
        pytest.fail("both hold it")


def test_turn_comes_when_the_first_is_done(endpoint: Endpoint) -> None:
    order: list[str] = []

    def second() -> None:
        with lease(endpoint, new_run(), _TOPIC, wait_s=60):
            order.append("second in")

    with lease(endpoint, new_run(), _TOPIC):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(1)
        order.append("first out")
    thread.join(60)

    assert order == ["first out", "second in"]


def test_many_benches_never_overlap(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.cloud.things.topic_lease._PAUSE_S", 0.05)
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        with lease(endpoint, new_run(), _TOPIC, wait_s=60):
            inside.append(1)
            threading.Event().wait(0.05)  # time enough for others, were they let in
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert most == [1] * 6


def test_lease_that_ran_out_is_taken_over_and_not_given_back_by_the_late_one(endpoint: Endpoint, iot: Any) -> None:
    late, punctual = new_run(), new_run()

    with lease(endpoint, late, _TOPIC, hold_s=-1):
        taken = lease(endpoint, punctual, _TOPIC, wait_s=0)
        taken.__enter__()
    holder = iot.describe_thing(thingName=lease_name(_TOPIC))["attributes"]["kitbench_run"]
    taken.__exit__(None, None, None)

    assert holder == punctual.run_id


def test_other_topic_is_free(endpoint: Endpoint) -> None:
    with lease(endpoint, new_run(), _TOPIC), lease(endpoint, new_run(), "other", wait_s=0):
        pass


@pytest.mark.parametrize(
    ("name", "expires", "is_over"),
    [
        (lease_name(_TOPIC), "10", True),
        (lease_name(_TOPIC), "4000000000", False),
        (lease_name(_TOPIC), "", False),
        ("kitbench-lease-notes", "10", False),
    ],
)
def test_only_leases_of_ours_that_ran_out_are_over(name: str, expires: str, *, is_over: bool) -> None:
    assert is_lease(name, {"kitbench_expires": expires}, over_before=time.time()) is is_over
