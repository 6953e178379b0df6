"""The record of what happened."""

import json
from pathlib import Path

from kitbench.local_iot_core.broker.events import EventKind, EventLog


def test_event_is_a_json_line_with_time_and_reason(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    log.record(EventKind.CONNECT_REFUSED, client_id="kit", reason="line\nbreak")

    [line] = (tmp_path / "events.jsonl").read_text().splitlines()
    event = json.loads(line)
    assert (event["event"], event["client_id"], event["reason"]) == ("connect_refused", "kit", "line\nbreak")
    assert event["time"].endswith("+00:00")
    log.close()


def test_flood_does_not_fill_the_disk(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl", maximum_size=2000)
    for _ in range(1000):
        log.record(EventKind.PUBLISHED, topic="t")
    log.close()

    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert len(lines) < 30
    assert json.loads(lines[-1]) == {"event": "truncated"}


def test_full_disk_ends_the_record_only() -> None:
    log = EventLog(Path("/dev/full"))

    log.record(EventKind.PUBLISHED, topic="t")
    log.record(EventKind.PUBLISHED, topic="t")
    log.close()

    assert len(log.of(EventKind.PUBLISHED)) == 2


def test_memory_is_bounded() -> None:
    log = EventLog()
    for _ in range(EventLog.REMEMBERED + 10):
        log.record(EventKind.PUBLISHED, topic="t")

    assert len(log.of(EventKind.PUBLISHED)) == EventLog.REMEMBERED


def test_closed_log_takes_events_still(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    log.close()

    log.record(EventKind.STOPPED)

    assert (tmp_path / "events.jsonl").read_text() == ""
