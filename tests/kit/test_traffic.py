"""What the kit says on the serial line and what arrives in the cloud are the same."""

import re
import secrets
import time
from collections import Counter
from collections.abc import Iterable
from typing import Final

import pytest

from kitbench import Meter, Observer, Presence, RunningKit, Thing, await_echo

pytestmark = [pytest.mark.hardware, pytest.mark.criterion("traffic")]

MESSAGES: Final = 6
WITHIN_S: Final = 20.0
WATCHED_FOR_S: Final = 4.0
#: The course's firmware sends `hello from ESP32 (QOS0) : 4 `, one counter for both qualities of service.
COUNTED: Final = re.compile(rb"hello from ESP32 \(QOS[01]\) : (\d+)")
LAST: Final = rb"hello from ESP32 \(QOS[01]\) : %d\b" % MESSAGES


def test_messages_match_the_serial_log_count_for_count(
    running_kit: RunningKit, connected_kit: Presence, observer: Observer, thing: Thing
) -> None:
    """What the kit publishes arrives in the cloud on its topic and matches the serial log, count for count."""
    since = connected_kit.time
    mark = observer.mark()
    observer.wait_for(
        lambda message: (
            message.topic == thing.topic and message.time >= since and MESSAGES in numbers([message.payload])
        ),
        what=f"message number {MESSAGES} on {thing.topic}",
        timeout_s=WITHIN_S,
        after=mark,
        unless=running_kit.check,
    )
    # Firmware that prints only what comes back to it, as the course's sample does, is one loop behind.
    running_kit.expect(re.compile(LAST), within_s=WITHIN_S, what=f"message number {MESSAGES}")
    running_kit.hold()
    await_echo(observer, thing.topic)
    arrived = numbers(m.payload for m in observer.messages() if m.topic == thing.topic and m.time >= since)
    printed = numbers([running_kit.settled_log().encode()])

    last = min(
        max(arrived), max(printed, default=0)
    )  # what was under way when the kit was held may be on one side only
    assert last >= MESSAGES, "the serial log does not show what was published"
    assert [n for n in range(last) if n not in arrived] == [], "messages on the serial line did not arrive in the cloud"
    assert [n for n in range(last) if n not in printed] == [], "messages arrived that the serial line does not show"
    assert max(arrived.values()) == 1, "a message arrived twice"


def test_nonce_from_the_cloud_appears_on_the_serial_line(
    running_kit: RunningKit, connected_kit: Presence, observer: Observer, thing: Thing
) -> None:
    """A nonce published in the cloud appears on the kit's serial line: it is this kit that listens."""
    nonce = f"nonce {secrets.token_hex(8)}"
    observer.wait_for(
        lambda message: message.topic == thing.topic and message.time >= connected_kit.time,
        what=f"a first message on {thing.topic}",
        timeout_s=WITHIN_S,
        unless=running_kit.check,
    )

    observer.publish(thing.topic, nonce.encode())

    running_kit.expect_text(nonce, within_s=WITHIN_S)


def test_traffic_keeps_within_the_message_budget(connected_kit: Presence, meter: Meter) -> None:
    """The kit keeps within the run's message budget."""
    del connected_kit
    time.sleep(WATCHED_FOR_S)

    meter.check()


def numbers(texts: Iterable[bytes]) -> Counter[int]:
    """Return how often each message's number occurs."""
    return Counter(int(match[1]) for text in texts for match in COUNTED.finditer(text))
