"""What a test is judged by, beside the wire."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from kitbench.local_iot_core.device_advisor.verdict import Verdict, not_judged
from kitbench.local_iot_core.device_advisor.wire_log import WireLog
from kitbench.local_iot_core.jobs.job_execution import JobExecution
from kitbench.local_iot_core.mqtt.mqtt_packets import Publish
from kitbench.local_iot_core.policies.policy import Policy


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one test.

    Attributes:
        now_s: the moment, in seconds of the device since the test began.
        is_over: the test's time is over: whoever judges must come to an end.
        noise_s: how wrong a measured time may be, in seconds of the device.
        topics: that must have been subscribed to; none for any.
        topic: that must have been published on; "" for any.
        payload: that must have been published; None for any.
        attempts: how many reconnections are looked at.
        trigger: topic of what the test publishes, and that the device must listen to; "" for any that it listens to.
        delivered: payloads that the test published to the device; None for any.
        shadow: name of the shadow that is looked at; "" for any.
        reported: the state that must be reported; None for any.
        policies: that are attached to the device's certificate; None where the device is not known.
        job: that the device has to do; None before it showed that it does jobs.
        is_own_job: the job's document is the one of the test's configuration, and not ours, which asks for nothing.
    """

    now_s: float
    is_over: bool = False
    noise_s: float = 0.05
    topics: tuple[str, ...] = ()
    topic: str = ""
    payload: bytes | None = None
    attempts: int = 5
    trigger: str = ""
    delivered: frozenset[bytes] | None = None
    shadow: str = ""
    reported: Mapping[str, Any] | None = None
    policies: tuple[Policy, ...] | None = field(default=None)
    job: JobExecution | None = None
    is_own_job: bool = False

    def is_delivered(self, packet: Publish) -> bool:
        """Whether a message to the device is the test's, has QoS 1, and is no echo of the device's own."""
        return packet.qos > 0 and (self.delivered is None or packet.payload in self.delivered)

    @property
    def heard_nothing(self) -> str:
        """In words, that the device did not subscribe to what the test has to say."""
        where = f"no filter that matches TRIGGER_TOPIC {self.trigger[:60]!r}" if self.trigger else "nothing"
        return f"the device subscribed to {where} with QoS 1"


#: Returns None while the test has to go on; with `Terms.is_over` always a verdict.
Judge: TypeAlias = Callable[[WireLog, Terms], Verdict | None]

NEVER_CAME: str = "the device opened no connection to the endpoint"
NO_TLS: str = "no TLS handshake was completed"


def nothing_to_judge(log: WireLog) -> Verdict | None:
    """Return why a test of MQTT cannot be judged at its end; None where the device came as far as CONNECT."""
    if not log.links:
        return not_judged(NEVER_CAME, "restart the device while the test runs, and have it connect to the endpoint")
    if all(link.secured_s is None for link in log.links):
        why = next((link.refused for link in log.links if link.refused), "it did not come to an end")
        return not_judged(f"{NO_TLS}: {why}", "see TLS Connect")
    if not log.attempts:
        return not_judged("TLS was completed, and no CONNECT came", "see MQTT Connect")
    return None
