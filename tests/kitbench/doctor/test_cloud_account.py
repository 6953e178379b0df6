"""Reaching the broker, and the clock."""

import socket

import pytest

from kitbench.doctor.check import State
from kitbench.doctor.cloud_account import reach, skew_line, usage_line


def test_a_port_that_answers_is_ok() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert reach("localhost", listener.getsockname()[1]).state is State.OK


def test_a_port_that_refuses_names_host_and_fix() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]

    line = reach("127.0.0.1", free)

    assert line.state is State.FAIL
    assert "127.0.0.1" in line.detail
    assert "firewall" in line.fix


def test_a_name_without_address_is_dns() -> None:
    assert "has no address" in reach("no-such-host.invalid", 8883).detail


@pytest.mark.parametrize(("skew_s", "state"), [(0.0, State.OK), (-299.0, State.OK), (301.0, State.FAIL)])
def test_clock_may_be_off_by_less_than_five_minutes(skew_s: float, state: State) -> None:
    assert skew_line(skew_s).state is state


@pytest.mark.parametrize(
    ("messages", "state"), [(0, State.OK), (399_999, State.OK), (400_000, State.WARN), (600_000, State.WARN)]
)
def test_budget_that_runs_out_is_a_warning(messages: int, state: State) -> None:
    line = usage_line(messages)

    assert line.state is state
    assert f"{max(0, 500_000 - messages)} of the free tier left" in line.detail
