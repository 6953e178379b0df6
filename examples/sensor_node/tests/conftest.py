"""What this firmware has otherwise than kitbench's usual: one topic to publish on, and one to listen to."""

import pytest

from kitbench import Topics


@pytest.fixture(scope="session")
def topics(topic: str) -> Topics:
    """The node's topics, below the prefix that Kconfig's EXAMPLE_TOPIC has for this run."""
    return Topics(publish=(f"{topic}/telemetry",), subscribe=(f"{topic}/command",))
