"""MQTT control packets as values, for protocol levels 4 (MQTT 3.1.1) and 5 (MQTT 5).

Source: OASIS MQTT Version 3.1.1 and Version 5.0, chapters 2 and 3. The codec is in `mqtt_decoder` and `mqtt_encoder`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import Final, TypeAlias

#: Protocol levels of the CONNECT packet.
MQTT_3_1_1: Final = 4
MQTT_5: Final = 5

#: One MQTT 5 property value; the list holds the user properties, which may occur more than once.
PropertyValue: TypeAlias = int | str | bytes | list[tuple[str, str]]
Properties: TypeAlias = Mapping[int, PropertyValue]
NO_PROPERTIES: Final[Properties] = MappingProxyType({})


def no_properties() -> Properties:
    """Return the one empty mapping; Python 3.11 takes no mapping proxy as a default value."""
    return NO_PROPERTIES


class PacketType(IntEnum):
    """Control packet types. Source: MQTT 5.0, table 2-1."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14
    AUTH = 15


class Reason(IntEnum):
    """MQTT 5 reason codes that the message broker sends.

    Sources: MQTT 5.0, table 2-6; AWS IoT Core developer guide, "MQTT reason codes".
    """

    SUCCESS = 0x00
    GRANTED_QOS_1 = 0x01
    DISCONNECT_WITH_WILL = 0x04
    NO_SUBSCRIPTION_EXISTED = 0x11
    UNSPECIFIED_ERROR = 0x80
    MALFORMED_PACKET = 0x81
    PROTOCOL_ERROR = 0x82
    IMPLEMENTATION_SPECIFIC_ERROR = 0x83
    UNSUPPORTED_PROTOCOL_VERSION = 0x84
    CLIENT_IDENTIFIER_NOT_VALID = 0x85
    NOT_AUTHORIZED = 0x87
    SERVER_SHUTTING_DOWN = 0x8B
    KEEP_ALIVE_TIMEOUT = 0x8D
    SESSION_TAKEN_OVER = 0x8E
    TOPIC_FILTER_INVALID = 0x8F
    TOPIC_NAME_INVALID = 0x90
    RECEIVE_MAXIMUM_EXCEEDED = 0x93
    TOPIC_ALIAS_INVALID = 0x94
    PACKET_TOO_LARGE = 0x95
    MESSAGE_RATE_TOO_HIGH = 0x96
    QUOTA_EXCEEDED = 0x97
    ADMINISTRATIVE_ACTION = 0x98
    PAYLOAD_FORMAT_INVALID = 0x99
    RETAIN_NOT_SUPPORTED = 0x9A
    QOS_NOT_SUPPORTED = 0x9B
    SHARED_SUBSCRIPTIONS_NOT_SUPPORTED = 0x9E
    CONNECTION_RATE_EXCEEDED = 0x9F
    SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED = 0xA1


class ReturnCode(IntEnum):
    """MQTT 3.1.1 CONNACK return codes. Source: MQTT 3.1.1, table 3.1."""

    ACCEPTED = 0
    UNACCEPTABLE_PROTOCOL_VERSION = 1
    IDENTIFIER_REJECTED = 2
    SERVER_UNAVAILABLE = 3
    BAD_USER_NAME_OR_PASSWORD = 4
    NOT_AUTHORIZED = 5


class PacketError(Exception):
    """The peer sent what no conforming client sends; the connection ends with `reason`."""

    def __init__(self, message: str, reason: Reason = Reason.MALFORMED_PACKET) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Will:
    """The message to publish when the connection ends without a DISCONNECT."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    properties: Properties = field(default_factory=no_properties)


@dataclass(frozen=True, slots=True)
class Connect:
    """A client's first packet; `keep_alive_s` as asked for, in seconds."""

    protocol_level: int
    client_id: str
    clean_start: bool
    keep_alive_s: int
    will: Will | None = None
    user_name: str | None = None
    password: bytes | None = field(default=None, repr=False)
    properties: Properties = field(default_factory=no_properties)


@dataclass(frozen=True, slots=True)
class Connack:
    """The answer to CONNECT; `code` is a `ReturnCode` for MQTT 3.1.1 and a `Reason` for MQTT 5."""

    code: int
    session_present: bool = False
    properties: Properties = field(default_factory=no_properties)


@dataclass(frozen=True, slots=True)
class Publish:
    """An application message on its way; `packet_id` is None exactly for QoS 0."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    duplicate: bool = False
    packet_id: int | None = None
    properties: Properties = field(default_factory=no_properties)


@dataclass(frozen=True, slots=True)
class Puback:
    """Acknowledges a QoS 1 PUBLISH."""

    packet_id: int
    code: int = 0
    properties: Properties = field(default_factory=no_properties)


@dataclass(frozen=True, slots=True)
class SubscriptionRequest:
    """One topic filter of a SUBSCRIBE with its options; the last three exist in MQTT 5 only."""

    topic_filter: str
    qos: int
    no_local: bool = False
    retain_as_published: bool = False
    retain_handling: int = 0


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Asks for one or more topic filters."""

    packet_id: int
    requests: tuple[SubscriptionRequest, ...]
    properties: Properties = field(default_factory=no_properties)


@dataclass(frozen=True, slots=True)
class Suback:
    """One code per topic filter of the SUBSCRIBE, in its order."""

    packet_id: int
    codes: tuple[int, ...]
    properties: Properties = field(default_factory=no_properties)


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Gives up one or more topic filters."""

    packet_id: int
    topic_filters: tuple[str, ...]
    properties: Properties = field(default_factory=no_properties)


@dataclass(frozen=True, slots=True)
class Unsuback:
    """Acknowledges UNSUBSCRIBE; MQTT 3.1.1 sends no codes."""

    packet_id: int
    codes: tuple[int, ...] = ()
    properties: Properties = field(default_factory=no_properties)


@dataclass(frozen=True, slots=True)
class Pingreq:
    """Keeps the connection alive."""


@dataclass(frozen=True, slots=True)
class Pingresp:
    """Answers PINGREQ."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Ends the connection in order; MQTT 3.1.1 has neither code nor properties, and only clients send it."""

    code: int = 0
    properties: Properties = field(default_factory=no_properties)


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A well-framed packet that AWS IoT Core does not take: QoS 2's PUBREC, PUBREL, PUBCOMP, and AUTH."""

    packet_type: PacketType


Packet: TypeAlias = (
    Connect
    | Connack
    | Publish
    | Puback
    | Subscribe
    | Suback
    | Unsubscribe
    | Unsuback
    | Pingreq
    | Pingresp
    | Disconnect
    | Unsupported
)
