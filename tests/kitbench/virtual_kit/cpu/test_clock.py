import time

import pytest

from kitbench.virtual_kit.cpu.clock import Clock


def test_all_clocks_of_a_kit_run_at_one_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_000_000_000)
    clock = Clock(2.0)
    assert (clock.now_us(), clock.wall_us()) == (0, 1_700_000_000_000_000)

    now[0] += 10

    assert clock.now_us() == 20_000_000
    assert clock.wall_us() - 1_700_000_000_000_000 == 20_000_000
    assert clock.real_us() == 10_000_000  # of the network's time-outs, which no firmware sees
    assert clock.real_seconds(20_000_000) == 10
