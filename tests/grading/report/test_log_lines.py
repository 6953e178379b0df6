"""A reason leads to the very line that shows it."""

import pytest

from grading.report.log_lines import CLOUD, PYTEST, SERIAL, telling_line
from grading.variant import Variant
from tests.grading.synthetic import check

SERIAL_TEXT = """\
=== test_kit_boots[embedded_key]
Connecting to AWS...
=== test_messages_arrive[embedded_key]
I (42) hello from ESP32 (QOS0) : 4
I (43) boom
I (44) last word

=== test_later[embedded_key]
I (45) hello from ESP32 (QOS0) : 4
"""
PYTEST_TEXT = """\
tests/test_it.py::test_messages_arrive[embedded_key] FAILED [ 50%]
_____ test_other[embedded_key] _____
E   no
_____ test_messages_arrive[embedded_key] _____
    assert it
E   KitError: it is silent
E   more
_____ test_later[embedded_key] _____
E   later
"""

SERIAL_LOG = SERIAL_TEXT.split("\n")
PYTEST_LOG = PYTEST_TEXT.split("\n")


@pytest.mark.parametrize(
    ("log", "lines", "reason", "line"),
    [
        (SERIAL, SERIAL_LOG, "the kit printed 'boom'", 5),
        (SERIAL, SERIAL_LOG, "sent 'hello from ESP32 (QOS0) : 4' and no more", 4),
        (SERIAL, SERIAL_LOG, "it is silent", 6),
        (SERIAL, SERIAL_LOG[:2], "its part never began", None),
        (PYTEST, PYTEST_LOG, "it is silent", 6),
        (PYTEST, PYTEST_LOG[:1], "the run was cut", 1),
        (PYTEST, [], "nothing", None),
        (CLOUD, ['{"payload": "one"}', '{"payload": "two"}', '{"payload": "one"}'], "only 'one' came", 3),
        (CLOUD, ['{"payload": "one"}'], "nothing came", None),
    ],
)
def test_line_is_the_one_that_the_reason_speaks_of(log: str, lines: list[str], reason: str, line: int | None) -> None:
    nodeid = "tests/test_it.py::test_messages_arrive[embedded_key]"
    lost = check("messages_arrive", "traffic", Variant.EMBEDDED_KEY, nodeid=nodeid, reason=reason)

    assert telling_line(log, lines, lost) == line
