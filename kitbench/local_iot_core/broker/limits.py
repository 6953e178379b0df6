"""Quotas of the message broker. Source: AWS General Reference, "AWS IoT Core endpoints and quotas"."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Quotas; the defaults are AWS's, a benchmark may lift them.

    Attributes:
        client_id_size: bytes of UTF-8.
        payload_size: bytes of a PUBLISH's payload; more ends the connection.
        packet_size: bytes of any packet; what MQTT 5 announces as Maximum Packet Size.
        keep_alive_least_s, keep_alive_most_s: what a client asks for is clamped to these; 0 counts as the most.
        filters_per_subscribe: topic filters of one SUBSCRIBE.
        subscriptions: topic filters of one connection.
        publishes_per_s: of one connection, in or out; what is more is discarded. None: no limit.
        bytes_per_s: throughput of one connection, in or out.
        unacknowledged: QoS 1 messages on their way to one client.
        queued: QoS 1 messages kept for a client that is away or slow.
        topic_aliases: of one connection, MQTT 5.
        session_expiry_s: how long a persistent session lives without its client.
        session_expiry_most_s: the longest that MQTT 5 may ask for.
        connects_per_s: CONNECT packets of one client id; what is more is refused. None: no limit.
        connect_timeout_s: time for TLS handshake and CONNECT, each.
        retained: messages kept in all.
        properties_size: bytes of MQTT 5 properties of one packet.
    """

    client_id_size: int = 128
    payload_size: int = 128 * 1024
    packet_size: int = 149_504
    keep_alive_least_s: int = 30
    keep_alive_most_s: int = 1200
    filters_per_subscribe: int = 8
    subscriptions: int = 50
    publishes_per_s: int | None = 100
    bytes_per_s: int | None = 512 * 1024
    unacknowledged: int = 100
    queued: int = 1000
    topic_aliases: int = 8
    session_expiry_s: float = 3600.0
    session_expiry_most_s: float = 604_800.0
    connects_per_s: int | None = 1
    connect_timeout_s: float = 10.0
    retained: int = 5000
    properties_size: int = 8 * 1024


class RateMeter:
    """Counts in windows of a second, as quotas per second are meant."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._window = 0
        self._count = 0

    def takes(self, now_s: float, amount: int = 1) -> bool:
        """Return whether `amount` more still fits into the second that `now_s` is in, and count it if so."""
        if self._most is None:
            return True
        if (window := int(now_s)) != self._window:
            self._window, self._count = window, 0
        if self._count + amount > self._most and self._count > 0:
            return False
        self._count += amount
        return True
