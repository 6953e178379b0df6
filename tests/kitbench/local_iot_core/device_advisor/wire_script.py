"""Logs of the wire written by hand, for tests of judges."""

from kitbench.local_iot_core.device_advisor.wire_event import Step, WireEvent
from kitbench.local_iot_core.device_advisor.wire_log import WireLog
from kitbench.local_iot_core.mqtt.mqtt_packets import MQTT_3_1_1, Connack, Connect, Packet

CONNECT = Connect(MQTT_3_1_1, "kit", clean_start=True, keep_alive_s=10)


class WireScript:
    """What happens on the wire, one step after the other."""

    def __init__(self) -> None:
        self.log = WireLog()
        self._links = 0

    def note(self, link: int, moment: float, step: Step, packet: Packet | None = None, detail: str = "") -> None:
        """Add an event."""
        self.log.add(WireEvent(moment, link, step, packet, detail))

    def open(self, moment: float, *, suites: tuple[int, ...] = (0x1301,)) -> int:
        """Open a connection as far as the ClientHello; return its number."""
        number, self._links = self._links, self._links + 1
        self.note(number, moment, Step.OPENED)
        self.log.add(WireEvent(moment, number, Step.HELLO, suites=suites))
        return number

    def connect(self, moment: float, *, answered: bool = True, connect: Connect = CONNECT) -> int:
        """Open a connection as far as CONNECT, and CONNACK where it is answered."""
        link = self.open(moment)
        self.note(link, moment + 0.2, Step.SECURED)
        self.note(link, moment + 0.2, Step.RECEIVED, connect)
        self.note(link, moment + 0.2, Step.SENT if answered else Step.WITHHELD, Connack(0))
        return link

    def refuse(self, moment: float, why: str) -> int:
        """Open a connection that ends during the handshake."""
        link = self.open(moment)
        self.note(link, moment + 0.1, Step.REFUSED, detail=why)
        return link

    def attempts(self, moment: float, waits: list[float], *, patience_s: float = 10.0) -> float:
        """Connect once more than there are waits, each time hanging up after `patience_s`; return when it ended."""
        for wait in [*waits, 0.0]:
            link = self.connect(moment, answered=False)
            moment += patience_s
            self.note(link, moment, Step.CLOSED, detail="the device hung up")
            moment += wait
        return moment
