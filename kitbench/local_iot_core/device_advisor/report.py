"""The report of a run: as values for JSON, and as a page."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from kitbench.local_iot_core.device_advisor.suite_run import SuiteRun, TestRun
from kitbench.local_iot_core.device_advisor.wire_event import Step, WireEvent
from kitbench.local_iot_core.device_advisor.wire_log import name_of
from kitbench.local_iot_core.mqtt.mqtt_packets import Connack, Connect, Puback, Publish, Suback, Subscribe

#: What the report is, and what it is not.
NATURE: Final = (
    "Tests of AWS IoT Device Advisor, judged on this bench by a stand-in of its endpoint. "
    "This is not AWS's qualification."
)
#: Lines of the wire in a report, for each test.
_LINES: Final = 60
_WORDS: Final = {
    Step.OPENED: "opened",
    Step.HELLO: "ClientHello with {suites} cipher suites",
    Step.SECURED: "TLS handshake done",
    Step.REFUSED: "no session: {detail}",
    Step.RECEIVED: "device → {packet}",
    Step.SENT: "endpoint → {packet}",
    Step.WITHHELD: "endpoint withholds {packet}",
    Step.CUT: "endpoint hangs up: {detail}",
    Step.CLOSED: "device hangs up: {detail}",
}

#: Where the control plane serves reports.
REPORT_PATH: Final = "/device-advisor/"


def report_of(run: SuiteRun, *, name: str, device: str) -> dict[str, Any]:
    """Return a run that saw the wire alone."""
    return {
        "nature": NATURE,
        "seen": "wire only",
        "suite": name,
        "device": device,
        "status": run.status.value,
        "tests": [test_report(test) for test in run.tests],
    }


def test_report(test: TestRun) -> dict[str, Any]:
    """Return what a report says of a test."""
    verdict = test.verdict
    return {
        "id": test.test.case.id,
        "name": test.test.case.name,
        "in_qualification": test.test.case.in_qualification,
        "status": test.status.value,
        "outcome": verdict.outcome.value if verdict else "",
        "reason": verdict.reason if verdict else "",
        "fix": verdict.fix if verdict else "",
        "seconds": round((test.ended or 0) - (test.started or 0), 1) if test.ended and test.started else None,
        "wire": wire_lines(test.log.events),
    }


def wire_lines(events: Sequence[WireEvent]) -> list[str]:
    """Return the events of the wire in words, the first ones of many."""
    lines = [f"{event.time_s:7.2f} s  connection {event.link}: {_words(event)}" for event in events[:_LINES]]
    return lines + ([f"… and {len(events) - _LINES} more"] if len(events) > _LINES else [])


def _words(event: WireEvent) -> str:
    return _WORDS[event.step].format(detail=event.detail, packet=_packet(event), suites=len(event.suites))


def _packet(event: WireEvent) -> str:
    """Return a packet in words; payloads are the device's affair, and stay out."""
    name = name_of(event.packet)
    match event.packet:
        case Connect(client_id=client_id, keep_alive_s=keep_alive_s, clean_start=clean):
            session = "clean" if clean else "persistent"
            return f"{name} {client_id!r}, keep-alive {keep_alive_s} s, {session} session"
        case Connack(code=code, session_present=present):
            return f"{name} code {code}{', session present' if present else ''}"
        case Publish(topic=topic, qos=qos, packet_id=packet_id, duplicate=again, payload=payload):
            number = f", packet {packet_id}" if packet_id else ""
            return f"{name} {topic!r}, QoS {qos}{number}{', DUP' if again else ''}, {len(payload)} bytes"
        case Subscribe(packet_id=packet_id, requests=requests):
            return f"{name} {', '.join(repr(one.topic_filter) for one in requests)}, packet {packet_id}"
        case Suback(packet_id=packet_id) | Puback(packet_id=packet_id):
            return f"{name} packet {packet_id}"
        case _:
            return name


def summary(tests: Iterable[Mapping[str, Any]]) -> str:
    """Return how many tests ended in which way, in words."""
    counts: dict[str, int] = {}
    for test in tests:
        counts[test["outcome"] or "not run"] = counts.get(test["outcome"] or "not run", 0) + 1
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
