"""The token bucket."""

from kitbench.virtual_kit.cpu.rate_limit import RateLimit


def test_burst_passes_at_once_and_the_rest_at_the_rate() -> None:
    now = [0.0]
    limit = RateLimit(10, 5, now=lambda: now[0])

    delays = [limit.delay_for(1) for _ in range(7)]
    now[0] = 10.0

    assert delays == [0, 0, 0, 0, 0, 0.1, 0.2]
    assert limit.delay_for(5) == 0


def test_allows_takes_only_what_may_pass() -> None:
    now = [0.0]
    limit = RateLimit(1, 2, now=lambda: now[0])

    assert [limit.allows() for _ in range(3)] == [True, True, False]
    now[0] = 1.0

    assert [limit.allows() for _ in range(2)] == [True, False]
