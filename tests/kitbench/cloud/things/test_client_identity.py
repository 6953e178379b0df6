"""Topics are exact, and observers get the other end of them."""

import pytest

from kitbench.cloud.things.client_identity import Topics
from kitbench.errors import UsageError


@pytest.mark.parametrize(
    "topic", ["", "a/+", "#", "a*", "a?", "${iot:ClientId}", "a\x00", "1/2/3/4/5/6/7/8/9", "x" * 257]
)
def test_topic_that_means_more_than_itself_is_refused(topic: str) -> None:
    with pytest.raises(UsageError):
        Topics.both(topic)


def test_observer_gets_the_other_end_and_presence() -> None:
    observer = Topics(publish=("up",), subscribe=("down",)).for_observer(["kit-1"])

    assert observer.publish == ("down",)
    assert observer.subscribe == (
        "up",
        "down",
        "$aws/events/presence/connected/kit-1",
        "$aws/events/presence/disconnected/kit-1",
        "$aws/events/presence/connect_failed/kit-1",
    )


def test_observer_of_a_shared_topic_subscribes_once() -> None:
    assert Topics.both("t").for_observer([]).subscribe == ("t",)
