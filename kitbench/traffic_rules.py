"""What a class asks of its kits' traffic: the rubric's table [traffic], read alike by grader and bench.

[traffic]
messages = 5            # so many must arrive
longest_wait = 60       # seconds between two of them, at most
serial = true           # what arrives stands on the serial line
nonce = true            # a random word from the cloud appears on the serial line
topic = "class/esp32"   # of all kits; by default the run's own where Kconfig can set it, else the course's
counter = false         # messages are the course's "hello from ESP32 (QOS0) : 4", and no number is left out
qos = [0, 1]            # qualities of service that must occur
interval = [0.5, 2.0]   # seconds between two messages on average, by the kit's clock
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.errors import UsageError
from kitbench.toml_table import FLAG, Field, check_table, is_list_of, is_number, is_whole

TABLE: Final = "traffic"
#: AWS IoT Core's limit of a topic, and what MQTT and policies read as wildcards.
_TOPIC_SIZE_MAX: Final = 256
_SPECIAL: Final = frozenset("*?+#{}\x00")


@dataclass(frozen=True, slots=True)
class TrafficRules:
    """What is asked of a kit's messages.

    Attributes:
        messages: so many must arrive in the cloud.
        longest_wait: for the next one, in seconds of real time; patience follows the kit's pace up to it.
        serial: what arrives must stand on the serial line.
        nonce: a random word that is published in the cloud must appear on the serial line.
        topic: of all kits; "" leaves it to the bench.
        counter: the messages must be the course's, without a gap in their numbers.
        qos: qualities of service that must occur.
        interval: least and most seconds between two messages on average, by the kit's clock; None for any.
    """

    messages: int = 5
    longest_wait: float = 60.0
    serial: bool = True
    nonce: bool = True
    topic: str = ""
    counter: bool = False
    qos: tuple[int, ...] = ()
    interval: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not 2 <= self.messages <= 1000:  # one message says nothing about a kit that goes on
            raise ValueError(f"messages is {self.messages}, expected 2 to 1000")
        if not 1 <= self.longest_wait <= 3600:
            raise ValueError(f"longest_wait is {self.longest_wait:g}, expected 1 to 3600 seconds")
        if len(self.topic.encode()) > _TOPIC_SIZE_MAX or _SPECIAL & set(self.topic):
            raise ValueError(f"topic is {self.topic[:40]!r}, expected one topic without wildcards")
        if self.topic.startswith("$"):
            raise ValueError(f"topic is {self.topic[:40]!r}, expected one of the class's own: $ topics are AWS's")
        if not set(self.qos) <= {0, 1}:
            raise ValueError(f"qos is {list(self.qos)}, expected some of 0 and 1")
        if self.interval is not None and not 0 <= self.interval[0] <= self.interval[1]:
            raise ValueError(f"interval is {list(self.interval)}, expected the least and the most seconds")

    def asked(self) -> tuple[str, ...]:
        """Return what is asked, one line each, in words for students."""
        asked = [f"{self.messages} messages arrive, each at most {self.longest_wait:g} s after the one before"]
        asked += ["what arrives stands on the serial line"] if self.serial else []
        asked += ["a random word published in the cloud appears on the serial line"] if self.nonce else []
        asked += [f"the topic is {self.topic!r}"] if self.topic else []
        asked += ["messages are 'hello from ESP32 (QOS0) : n', without a gap in n"] if self.counter else []
        asked += [f"messages come with QoS {' and '.join(str(qos) for qos in self.qos)}"] if self.qos else []
        if self.interval is not None:
            asked.append(f"a message comes every {self.interval[0]:g} to {self.interval[1]:g} s on average")
        return tuple(asked)


def parse_traffic(table: Mapping[str, Any]) -> TrafficRules:
    """Return the rules that a table gives.

    Raises:
        ValueError: a field is unknown, or its value is none that it can have.
    """
    check_table(f"[{TABLE}]", table, _FIELDS)
    lists = {name: tuple(table[name]) for name in ("qos", "interval") if name in table}
    try:
        return TrafficRules(**{**table, **lists})
    except ValueError as error:
        raise ValueError(f"[{TABLE}]: {error}") from None


def read_traffic_rules(rubric: Path | None) -> TrafficRules:
    """Return the rules of a rubric's file, the usual ones where there is none or it says nothing.

    Raises:
        UsageError: the file cannot be read, or its table [traffic] is not as it should be.
    """
    if rubric is None:
        return TrafficRules()
    try:
        return parse_traffic(tomllib.loads(rubric.read_text(encoding="utf-8")).get(TABLE, {}))
    except OSError as error:
        raise UsageError(f"cannot read {rubric}: {error.strerror}", stage="rubric") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{rubric}: {error}", stage="rubric") from error


def _is_interval(value: object) -> bool:
    return isinstance(value, list) and len(value) == len(("least", "most")) and all(map(is_number, value))


_FIELDS: Final[Mapping[str, Field]] = {
    "messages": Field("a whole number, as 5", is_whole),
    "longest_wait": Field("a number of seconds, as 60", is_number),
    "serial": FLAG,
    "nonce": FLAG,
    "topic": Field("a text, as 'class/esp32'", lambda value: isinstance(value, str)),
    "counter": FLAG,
    "qos": Field("a list of whole numbers, as [0, 1]", is_list_of(is_whole)),
    "interval": Field("a list of two numbers of seconds, as [0.5, 2.0]", _is_interval),
}
