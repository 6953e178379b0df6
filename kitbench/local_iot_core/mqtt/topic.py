"""Topic names and topic filters: what is valid on AWS IoT Core, and what matches what. Pure.

Sources: OASIS MQTT 3.1.1, section 4.7; AWS IoT Core developer guide, "MQTT topics"; AWS General Reference,
"AWS IoT Core endpoints and quotas" (topic size, slashes).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Generic, TypeVar

#: Bytes of UTF-8 of a topic or topic filter; for Basic Ingest the part behind `$aws/rules/<rule>/` counts.
MAXIMUM_TOPIC_SIZE: Final = 256
#: Slashes in a topic or filter; not counted in the prefixes below.
MAXIMUM_SLASHES: Final = 7
SHARED_PREFIX: Final = "$share/"

_Value = TypeVar("_Value")


class TopicError(ValueError):
    """A topic name or topic filter that AWS IoT Core refuses; the text says why."""


@lru_cache(maxsize=4096)
def check_topic_name(topic: str) -> None:
    """Raise TopicError if nothing can be published on `topic`."""
    if "+" in topic or "#" in topic:
        raise TopicError(f"topic {topic[:80]!r} holds a wildcard")
    _check_size(topic)


def check_topic_filter(topic_filter: str) -> None:
    """Raise TopicError if `topic_filter` cannot be subscribed to."""
    _check_size(topic_filter)
    levels = plain_filter(topic_filter).split("/")
    for index, level in enumerate(levels):
        if "#" in level and (level != "#" or index != len(levels) - 1):
            raise TopicError(f"filter {topic_filter[:80]!r} has '#' elsewhere than alone at its end")
        if "+" in level and level != "+":
            raise TopicError(f"filter {topic_filter[:80]!r} has '+' beside other characters")


def plain_filter(topic_filter: str) -> str:
    """Return the filter without `$share/<group>/` in front."""
    if not topic_filter.startswith(SHARED_PREFIX):
        return topic_filter
    _, group, rest = (topic_filter + "//").split("/", 2)
    rest = rest[:-2] if rest.endswith("//") else ""
    if not group or not rest or set("+#") & set(group):
        raise TopicError(f"filter {topic_filter[:80]!r} is no $share/<group>/<filter>")
    return rest


def _check_size(topic: str) -> None:
    if not topic:
        raise TopicError("topic is empty")
    counted = _counted_part(topic)
    size = len(counted.encode())
    if size > MAXIMUM_TOPIC_SIZE:
        raise TopicError(f"topic has {size} bytes, at most {MAXIMUM_TOPIC_SIZE}")
    if counted.count("/") > MAXIMUM_SLASHES:
        raise TopicError(f"topic has {counted.count('/')} slashes, at most {MAXIMUM_SLASHES}")


def _counted_part(topic: str) -> str:
    """Return what the quotas count: not the three mandatory segments of Basic Ingest, nor a shared group's two."""
    for prefix, segments in (("$aws/rules/", 3), (SHARED_PREFIX, 2)):
        parts = topic.split("/", segments)
        if topic.startswith(prefix) and len(parts) == segments + 1:
            return parts[segments]
    return topic


def matches(topic_filter: str, topic: str) -> bool:
    """Return whether a message on `topic` goes to a subscriber of `topic_filter`.

    `par/#` does not match `par`: AWS IoT Core differs from the specification there ("MQTT topics", "Topic filters").
    Filters that begin with a wildcard do not match topics that begin with `$`.
    """
    if topic.startswith("$") and topic_filter[:1] in {"+", "#"}:
        return False
    wanted, levels = topic_filter.split("/"), topic.split("/")
    for index, level in enumerate(wanted):
        if level == "#":
            return len(levels) > index
        if index >= len(levels) or level not in {"+", levels[index]}:
            return False
    return len(wanted) == len(levels)


@dataclass(slots=True)
class _Node(Generic[_Value]):
    children: "dict[str, _Node[_Value]]" = field(default_factory=dict)
    values: dict[str, _Value] = field(default_factory=dict)


class FilterTree(Generic[_Value]):
    """Values under topic filters, found by topic in time that does not grow with the number of filters."""

    def __init__(self) -> None:
        self._root: _Node[_Value] = _Node()

    def put(self, topic_filter: str, key: str, value: _Value) -> None:
        """File `value` under the filter and a key that tells it from others under the same filter."""
        node = self._root
        for level in topic_filter.split("/"):
            node = node.children.setdefault(level, _Node())
        node.values[key] = value

    def remove(self, topic_filter: str, key: str) -> None:
        """Take a value out, and the nodes that only it needed; an unknown one is no error."""
        _remove(self._root, topic_filter.split("/"), key)

    def find(self, topic: str) -> Iterator[_Value]:
        """Yield the values whose filter matches `topic`."""
        levels = topic.split("/")
        # A filter that begins with a wildcard does not match a topic that begins with `$`.
        names = (levels[0],) if topic.startswith("$") else (levels[0], "+")
        if not topic.startswith("$") and (rest := self._root.children.get("#")):
            yield from rest.values.values()
        for name in names:
            if child := self._root.children.get(name):
                yield from _find(child, levels, 1)


def _find(node: _Node[_Value], levels: list[str], index: int) -> Iterator[_Value]:
    if index == len(levels):
        yield from node.values.values()
        return
    if rest := node.children.get("#"):
        yield from rest.values.values()
    for name in (levels[index], "+"):
        if child := node.children.get(name):
            yield from _find(child, levels, index + 1)


def _remove(node: _Node[_Value], levels: list[str], key: str) -> bool:
    """Remove below `node`; return whether the node is now of no use."""
    if not levels:
        node.values.pop(key, None)
    elif (child := node.children.get(levels[0])) and _remove(child, levels[1:], key):
        del node.children[levels[0]]
    return not node.children and not node.values
