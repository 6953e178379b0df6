"""Where a kit's messages are not what the class asks for beyond their coming. Pure."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from kitbench.cloud.mqtt.message import Message
from kitbench.traffic_rules import TrafficRules

#: The course's firmware sends `hello from ESP32 (QOS0) : 4 `, one counter of 32 bits for both qualities of service.
COUNTED: Final = re.compile(rb"hello from ESP32 \(QOS[01]\) : ([0-9]{1,10})\s*")


def breach(messages: Sequence[Message], rules: TrafficRules, *, clock_factor: float) -> str:
    """Return in words which rule the messages break first, or an empty text.

    Args:
        messages: of one kit, in the order of their arrival.
        rules: what the class asks for.
        clock_factor: how much faster than real time the kit's clock runs.
    """
    found = [_counter(messages)] if rules.counter else []
    found += [_qos(messages, rules.qos)]
    found += [_interval(messages, rules.interval, clock_factor)] if rules.interval is not None else []
    return next((text for text in found if text), "")


def _counter(messages: Sequence[Message]) -> str:
    numbers = []
    for message in messages:
        match = COUNTED.fullmatch(message.payload)
        if match is None:
            return f"the message {message.text[:60]!r} is not 'hello from ESP32 (QOS0) : n'"
        numbers.append(int(match[1]))
    # Neighbours, not the range between: a counter that jumps spans gigabytes.
    gap = next((low + 1 for low, high in pairwise(sorted(set(numbers))) if high > low + 1), None)
    return "" if gap is None else f"the message number {gap} did not arrive in the cloud"


def _qos(messages: Sequence[Message], asked: Sequence[int]) -> str:
    missing = set(asked) - {message.qos for message in messages}
    return f"no message came with QoS {min(missing)}" if missing else ""


def _interval(messages: Sequence[Message], asked: tuple[float, float], clock_factor: float) -> str:
    mean_s = (messages[-1].time - messages[0].time) / (len(messages) - 1) * clock_factor
    least, most = asked
    # A message that was under way for a moment is no fault of the kit's.
    if least * 0.9 <= mean_s <= most * 1.1:
        return ""
    return f"a message comes every {mean_s:.1f} s on average, expected every {least:g} to {most:g} s"
