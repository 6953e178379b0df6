"""What happened on the wire between a device and the endpoint, one event after the other."""

from dataclasses import dataclass
from enum import StrEnum

from kitbench.local_iot_core.mqtt.mqtt_packets import Packet


class Step(StrEnum):
    """What an event is about."""

    #: The device opened a TCP connection.
    OPENED = "opened"
    #: Its ClientHello was read.
    HELLO = "hello"
    #: The TLS handshake is done on both sides.
    SECURED = "secured"
    #: The connection ended before any data: the device or the endpoint refused the handshake, or the device hung up.
    REFUSED = "refused"
    #: The device sent an MQTT packet.
    RECEIVED = "received"
    #: The endpoint sent one.
    SENT = "sent"
    #: The endpoint would have sent one, and kept it by what the test wants.
    WITHHELD = "withheld"
    #: The endpoint hung up.
    CUT = "cut"
    #: The device hung up.
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class WireEvent:
    """One event.

    Attributes:
        time_s: in seconds of the device's clock since the test began: a virtual kit's clock may run faster than ours.
        link: number of the connection, 0 for the first one of the test.
        packet: of RECEIVED, SENT and WITHHELD.
        detail: why, in one line, of REFUSED, CUT and CLOSED.
        suites: of HELLO: the cipher suites that the device offers, as numbers of IANA's registry.
    """

    time_s: float
    link: int
    step: Step
    packet: Packet | None = None
    detail: str = ""
    suites: tuple[int, ...] = ()
