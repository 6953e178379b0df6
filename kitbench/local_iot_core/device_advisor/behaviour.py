"""How the endpoint treats a connection: honest, or wrong in one way on demand. Pure; `endpoint` and `tap` obey it.

A plan is asked at each connection anew, with what happened so far: so a test has rounds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from kitbench.local_iot_core.device_advisor.wire_log import WireLog
from kitbench.local_iot_core.mqtt.mqtt_packets import PacketType, Suback

#: Bytes of a record's content in TLS at most (RFC 8446, 5.1).
LARGEST_RECORD: Final = 16_384
#: More than one largest record.
LARGE_PAYLOAD: Final = 2 * LARGEST_RECORD
#: How long the endpoint lets a connection stand before it hangs up, in seconds of the device.
MOMENT_S: Final = 1.0
#: The same where the connection is meant to be a good one.
WHILE_S: Final = 15.0


class ServerCertificate(StrEnum):
    """What the endpoint shows for itself."""

    GOOD = "good"
    #: Good, and some times as large: an RSA key, and many names.
    LARGE = "large"
    #: The right name, by an authority that the device does not know.
    UNKNOWN_CA = "unknown authority"
    #: The right authority, another host's name.
    WRONG_NAME = "wrong name"
    #: The right authority and name, over since yesterday.
    EXPIRED = "expired"


class Delivery(StrEnum):
    """What the endpoint publishes to a device, most of it to one that has subscribed with QoS 1."""

    NOTHING = "nothing"
    SMALL = "a message with QoS 1"
    #: In TLS records as large as they may be.
    LARGE = "a message with QoS 1 of 32 KB"
    #: By the shadow service, to a device that listens to its shadow's deltas.
    DESIRED_STATE = "a desired state of its shadow"
    #: By the Jobs service, to a device that listens to its jobs, or asks for them.
    JOB = "a job"


class Absence(StrEnum):
    """What happens to a device's persistent session while it is away."""

    QUIET = "nothing"
    #: A message with QoS 1 comes on a topic that it has subscribed to, and waits for it.
    MESSAGE = "a message waits"
    EXPIRES = "the session expires"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The treatment of one connection; as it stands, an honest one.

    Attributes:
        ciphers: OpenSSL's list for TLS 1.2; "" for the system's. TLS 1.3 has its own three.
        record_size: the longest TLS record that is sent, in bytes of content; None for OpenSSL's choice.
        withholds: types of packets that the endpoint does not send.
        cut_after_s: it hangs up so long after its CONNACK, or after the CONNECT where that gets none; None for never.
            In seconds of the device.
        cuts_after_suback: it does so after the SUBACK of a subscription with QoS 1 instead; where none comes, later.
        absence: what happens to the device's session when it has hung up.
    """

    certificate: ServerCertificate = ServerCertificate.GOOD
    ciphers: str = ""
    record_size: int | None = None
    withholds: frozenset[PacketType] = frozenset()
    cut_after_s: float | None = None
    delivery: Delivery = Delivery.NOTHING
    cuts_after_suback: bool = False
    absence: Absence = Absence.QUIET

    @property
    def ignores_connect(self) -> bool:
        """The device's CONNECT gets no answer."""
        return PacketType.CONNACK in self.withholds


#: Returns the treatment of the next connection.
Plan: TypeAlias = Callable[[WireLog], Behaviour]

HONEST: Final = Behaviour()
SILENT: Final = Behaviour(withholds=frozenset({PacketType.CONNACK}))


def always(behaviour: Behaviour) -> Plan:
    """Return the plan that treats every connection alike."""
    return lambda _log: behaviour


def trick(certificate: ServerCertificate) -> Plan:
    """Return the plan that shows a bad certificate until the device has answered to it once, and a good one then.

    A device that refuses everything would pass without the second half, the control.
    """
    bad = Behaviour(certificate=certificate)
    return lambda log: HONEST if any(link.ended_s is not None for link in log.links) else bad


def rounds(silent: int, count: int) -> Plan:
    """Return the plan that leaves `silent` CONNECTs without CONNACK and answers the next one, `count` times.

    The connection that was answered is ended after a while, or no round would follow: long enough for a device that
    begins its waits afresh only when a connection has proved good.
    """
    answered = Behaviour(cut_after_s=WHILE_S)

    def plan(log: WireLog) -> Behaviour:
        number = len(log.attempts)
        if number >= (silent + 1) * count:
            return HONEST
        return SILENT if number % (silent + 1) < silent else answered

    return plan


def away(absence: Absence) -> Plan:
    """Return the plan that hangs up on the device once it has subscribed, and is honest from then on."""
    first = Behaviour(cut_after_s=MOMENT_S, cuts_after_suback=True, absence=absence)
    return lambda log: HONEST if any(link.sent(Suback) for link in log.links) else first


def server_disconnects(log: WireLog) -> Behaviour:
    """Answer the first CONNECT and hang up; leave the others without CONNACK, and hang up on them, too."""
    if not log.attempts:
        return Behaviour(cut_after_s=MOMENT_S)
    return Behaviour(withholds=SILENT.withholds, cut_after_s=MOMENT_S)
