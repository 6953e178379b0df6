from collections.abc import Sequence
from typing import Any

import pytest

from kitbench.bench.traffic.traffic_breach import breach
from kitbench.cloud.mqtt.message import Message
from kitbench.traffic_rules import TrafficRules


def messages(numbers: Sequence[int], *, every_s: float = 1.0, qos: Sequence[int] = (0, 1)) -> list[Message]:
    texts = [f"hello from ESP32 (QOS{n % 2}) : {n} ".encode() for n in numbers]
    return [Message(100 + i * every_s, "t", text, qos[i % len(qos)]) for i, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("rules", "come"),
    [
        ({}, messages([5, 5, 9])),
        ({"counter": True}, messages([3, 4, 5])),
        ({"counter": True}, messages([4_294_967_294, 4_294_967_295])),
        ({"counter": True}, messages([0, 1, 1, 2])),
        ({"counter": True}, messages([1, 0, 2])),  # QoS 1 may be overtaken by QoS 0
        ({"qos": (0, 1)}, messages([0, 1])),
        ({"interval": (0.5, 1.5)}, messages([0, 1, 2])),
    ],
)
def test_messages_within_the_rules(rules: dict[str, Any], come: list[Message]) -> None:
    assert breach(come, TrafficRules(**rules), clock_factor=1.0) == ""


@pytest.mark.parametrize(
    ("rules", "come", "why"),
    [
        ({"counter": True}, messages([0, 1, 3]), "number 2 did not arrive"),
        ({"counter": True}, messages([0, 1, 4_294_967_295]), "number 2 did not arrive"),
        ({"counter": True}, messages([0, 1, 10**4299]), "is not 'hello"),
        ({"counter": True}, messages([0, 1, 10**10]), "is not 'hello"),
        ({"counter": True}, [*messages([0, 1]), Message(103, "t", b"hi", 0)], "'hi' is not"),
        ({"qos": (0, 1)}, messages([0, 1], qos=[0]), "no message came with QoS 1"),
        ({"interval": (0.5, 1.5)}, messages([0, 1, 2], every_s=2.0), "every 2.0 s"),
        ({"interval": (1.5, 3)}, messages([0, 1, 2]), "every 1.0 s"),
    ],
)
def test_messages_that_break_a_rule(rules: dict[str, Any], come: list[Message], why: str) -> None:
    assert why in breach(come, TrafficRules(**rules), clock_factor=1.0)


def test_interval_is_of_the_kits_own_clock() -> None:
    rules = TrafficRules(interval=(1.5, 2.5))

    assert breach(messages([0, 1, 2]), rules, clock_factor=2.0) == ""
    assert breach(messages([0, 1, 2]), rules, clock_factor=1.0)
