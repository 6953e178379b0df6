"""The events of one test, told apart by connection: what judges and plans look at."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

from kitbench.local_iot_core.device_advisor.wire_event import Step, WireEvent
from kitbench.local_iot_core.mqtt.mqtt_packets import Connack, Connect, Packet

P = TypeVar("P")

#: A device that floods must not fill the memory: what comes later than so many events in a test is not kept.
MOST_EVENTS: Final = 20_000


@dataclass(slots=True)
class Link:
    """One connection of the device.

    Attributes:
        suites: offered in the ClientHello; None before it came.
        refused: why there was no session, "" where there is or may be one.
        ended_s: None while it stands.
        ended_by: ``"device"`` or ``"endpoint"``.
    """

    number: int
    opened_s: float
    suites: tuple[int, ...] | None = None
    secured_s: float | None = None
    refused: str = ""
    ended_s: float | None = None
    ended_by: str = ""
    why: str = ""
    events: list[WireEvent] = field(default_factory=list)

    def packets(self, step: Step, kind: type[P]) -> list[tuple[float, P]]:
        """Return moment and packet of each event of a step whose packet is of a kind."""
        return [(one.time_s, one.packet) for one in self.events if one.step is step and isinstance(one.packet, kind)]

    def received(self, kind: type[P]) -> list[tuple[float, P]]:
        """Return what the device sent of a kind of packets."""
        return self.packets(Step.RECEIVED, kind)

    def sent(self, kind: type[P]) -> list[tuple[float, P]]:
        """Return what the device was sent of a kind of packets."""
        return self.packets(Step.SENT, kind)

    @property
    def connect(self) -> Connect | None:
        """The device's CONNECT, if it came."""
        return next((packet for _, packet in self.received(Connect)), None)

    @property
    def connected_s(self) -> float | None:
        """When an accepting CONNACK left, if it did."""
        return next((moment for moment, packet in self.sent(Connack) if packet.code == 0), None)

    @property
    def has_data(self) -> bool:
        """The device sent something over TLS."""
        return any(one.step is Step.RECEIVED for one in self.events)


class WireLog:
    """What happened in a test so far."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        self.count = 0
        self._by_number: dict[int, Link] = {}

    def add(self, event: WireEvent) -> None:
        """Take an event; events of a connection come in the order of time, `OPENED` first, or are not kept."""
        if self.count >= MOST_EVENTS:
            return
        self.count += 1
        if event.step is Step.OPENED:
            link = self._by_number[event.link] = Link(event.link, event.time_s)
            self.links.append(link)
        if event.link in self._by_number:
            self._note(self._by_number[event.link], event)

    def forget(self, number: int) -> None:
        """Leave a connection out, and what comes of it."""
        link = self._by_number.pop(number, None)
        self.links = [one for one in self.links if one is not link]

    def _note(self, link: Link, event: WireEvent) -> None:
        link.events.append(event)
        match event.step:
            case Step.HELLO:
                link.suites = event.suites
            case Step.SECURED:
                link.secured_s = event.time_s
            case Step.REFUSED:
                link.refused, link.ended_s, link.ended_by = event.detail, event.time_s, "device"
            case Step.CUT | Step.CLOSED if link.ended_s is None:
                link.ended_s, link.why = event.time_s, event.detail
                link.ended_by = "endpoint" if event.step is Step.CUT else "device"

    @property
    def events(self) -> list[WireEvent]:
        """Every event, by time."""
        return sorted((event for link in self.links for event in link.events), key=lambda event: event.time_s)

    @property
    def attempts(self) -> list[Link]:
        """The connections on which the device sent a CONNECT."""
        return [link for link in self.links if link.connect is not None]

    def received(self, kind: type[P]) -> Iterator[tuple[Link, float, P]]:
        """Yield connection, moment and packet of what the device sent of a kind."""
        for link in self.links:
            for moment, packet in link.received(kind):
                yield link, moment, packet


def name_of(packet: Packet | None) -> str:
    """Return the packet's name as the standard writes it."""
    return type(packet).__name__.upper()
