"""Topics and filters: limits, matching, and the filter tree against plain matching."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.local_iot_core.mqtt.topic import (
    FilterTree,
    TopicError,
    check_topic_filter,
    check_topic_name,
    matches,
    plain_filter,
)

LEVEL = st.sampled_from(["", "a", "b", "$x"])
TOPICS = st.lists(LEVEL, min_size=1, max_size=4).map("/".join).filter(bool)
FILTERS = (
    st.tuples(st.lists(LEVEL | st.just("+"), min_size=1, max_size=4), st.sampled_from(["", "/#"]))
    .map(lambda parts: "/".join(parts[0]) + parts[1])
    .filter(bool)
)


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("a/b", "a/b", True),
        ("a/+", "a/b", True),
        ("a/+", "a/b/c", False),
        ("a/#", "a/b/c", True),
        ("a/#", "a/", True),
        ("par/#", "par", False),
        ("#", "a/b", True),
        ("#", "$aws/events", False),
        ("+/events", "$aws/events", False),
        ("$aws/#", "$aws/events", True),
        ("$aws/+", "$aws/events", True),
        ("+", "/a", False),
        ("/+", "/a", True),
        ("A", "a", False),
    ],
)
def test_matching(topic_filter: str, topic: str, *, expected: bool) -> None:
    assert matches(topic_filter, topic) is expected


@given(FILTERS, TOPICS)
def test_tree_finds_what_matches(topic_filter: str, topic: str) -> None:
    tree: FilterTree[int] = FilterTree()
    tree.put(topic_filter, "key", 1)

    assert bool(list(tree.find(topic))) == matches(topic_filter, topic)


@given(st.lists(FILTERS, max_size=8), TOPICS)
def test_removed_filters_leave_nothing(filters: list[str], topic: str) -> None:
    tree: FilterTree[str] = FilterTree()
    for topic_filter in filters:
        tree.put(topic_filter, "key", topic_filter)
    for topic_filter in filters:
        tree.remove(topic_filter, "key")

    assert list(tree.find(topic)) == []
    assert tree._root.children == {}


@pytest.mark.parametrize("topic", ["a", "/", "a/b/c/d/e/f/g/h", "t" * 256, "ü" * 128, "$aws/rules/rule/" + "t" * 256])
def test_topic_within_limits_is_valid(topic: str) -> None:
    check_topic_name(topic)


@pytest.mark.parametrize("topic", ["", "a/b/c/d/e/f/g/h/i", "t" * 257, "ü" * 129, "a+", "#"])
def test_topic_beyond_limits_is_refused(topic: str) -> None:
    with pytest.raises(TopicError):
        check_topic_name(topic)


@pytest.mark.parametrize("topic_filter", ["#", "+", "a/#", "+/+/#", "$share/group/a/#", "$share/g/a/b/c/d/e/f/g/h"])
def test_filter_within_limits_is_valid(topic_filter: str) -> None:
    check_topic_filter(topic_filter)


@pytest.mark.parametrize("topic_filter", ["", "a#", "#/a", "a/#/b", "+a", "$share/", "$share/g/", "$share/g+/a"])
def test_malformed_filter_is_refused(topic_filter: str) -> None:
    with pytest.raises(TopicError):
        check_topic_filter(topic_filter)


def test_shared_filter_is_the_part_behind_the_group() -> None:
    assert plain_filter("$share/group/a/b") == "a/b"


def test_who_leaves_a_filter_takes_nobody_along() -> None:
    tree: FilterTree[str] = FilterTree()
    for topic_filter, key in (("a", "one"), ("a", "two"), ("a/b", "three")):
        tree.put(topic_filter, key, key)

    tree.remove("a/b", "three")
    assert (set(tree.find("a")), set(tree.find("a/b"))) == ({"one", "two"}, set())

    tree.remove("a", "one")
    assert set(tree.find("a")) == {"two"}

    tree.put("a/b", "three", "three")
    tree.remove("a", "two")
    assert (set(tree.find("a")), set(tree.find("a/b"))) == (set(), {"three"})
