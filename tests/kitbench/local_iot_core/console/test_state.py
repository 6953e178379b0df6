"""What the page is told of refusals and rows."""

from typing import Any

from kitbench.local_iot_core.console.state import broker_state, rows_of
from tests.kitbench.local_iot_core.broker_rig import allow, rig


def test_refusal_is_told_with_its_reason_and_the_newest_first() -> None:
    world = rig(allow("iot:Connect", "*"))
    world.connect("one").subscribe("a")
    world.connect("two").subscribe("b")

    first, second = broker_state(world.broker)["refusals"][:2]

    assert (first["event"], first["client_id"]) == ("subscribe_refused", "two")
    assert "no policy allows iot:Subscribe" in first["reason"]
    assert "topicfilter/b" in first["reason"]
    assert "topicfilter/a" in second["reason"]


def test_rows_are_plain() -> None:
    items: list[dict[str, dict[str, Any]]] = [
        {"id": {"S": "kit"}, "t": {"N": "21.5"}, "m": {"M": {"a": {"L": [{"BOOL": True}, {"NULL": True}]}}}}
    ]

    assert rows_of(items) == [{"id": "kit", "t": "21.5", "m": {"a": [True, True]}}]
