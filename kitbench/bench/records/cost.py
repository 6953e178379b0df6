"""What a run may cost on AWS, said before it starts. Pure.

Prices of messages: https://aws.amazon.com/iot-core/pricing/, region us-east-1; other regions differ by a few tenths.
"""

from typing import Final

from kitbench.cloud.billing.meter import FREE_MESSAGES_PER_MONTH

DOLLARS_PER_MESSAGE: Final = 1.00 / 1_000_000


def cost_line(budget: int) -> str:
    """Return in one line the most that a run with this budget of messages costs."""
    share = 100 * budget / FREE_MESSAGES_PER_MONTH
    return (
        f"AWS: this run costs {budget} messages at most, {share:.2g} % of a month's free tier, "
        f"or ${budget * DOLLARS_PER_MESSAGE:.4f} without it (us-east-1)"
    )
