"""The cost of a run is said in one line before it starts."""

from kitbench.bench.records.cost import cost_line


def test_cost_is_the_budget_as_share_of_the_free_tier_and_in_dollars() -> None:
    assert cost_line(2000) == (
        "AWS: this run costs 2000 messages at most, 0.4 % of a month's free tier, or $0.0020 without it (us-east-1)"
    )
