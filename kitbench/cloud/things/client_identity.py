"""What a client of the message broker has: thing, certificate, key file, policy, topics."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kitbench.errors import UsageError

#: AWS IoT's limits: bytes of a topic, slashes in it.
_TOPIC_SIZE_MAX: Final = 256
_SLASHES_MAX: Final = 7
#: Reserved topics such as `$aws/events/presence/…` may have three more levels.
_RESERVED_SLASHES_MAX: Final = 10
#: What a policy would read as a wildcard or a variable, and MQTT as a wildcard.
_SPECIAL: Final = "*?+#{}\x00"


@dataclass(frozen=True, slots=True)
class Topics:
    """The exact topics a client may publish on and subscribe to; wildcards would give it more than it needs."""

    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for topic in (*self.publish, *self.subscribe):
            _check(topic)

    @classmethod
    def both(cls, topic: str) -> "Topics":
        """Return the topics of the course's firmware, which publishes and subscribes on one topic."""
        return cls((topic,), (topic,))

    def for_observer(self, watched_client_ids: Iterable[str]) -> "Topics":
        """Return what an observer of clients with these topics needs: the other end, and their presence events."""
        presence = (presence_topic(event, client) for client in watched_client_ids for event in PRESENCE_EVENTS)
        return Topics(publish=self.subscribe, subscribe=(*dict.fromkeys((*self.publish, *self.subscribe)), *presence))

    def joined_with(self, other: "Topics") -> "Topics":
        """Return the topics of both, each once."""
        return Topics(
            tuple(dict.fromkeys((*self.publish, *other.publish))),
            tuple(dict.fromkeys((*self.subscribe, *other.subscribe))),
        )


#: Of https://docs.aws.amazon.com/iot/latest/developerguide/life-cycle-events.html. The last one AWS sends of a client
#: that may not connect; whether of one with an INACTIVE certificate, too, is unverified.
PRESENCE_EVENTS: Final = ("connected", "disconnected", "connect_failed")


def presence_topic(event: str, client_id: str) -> str:
    """Return the reserved topic on which the broker tells that a client came, went, or was not let in."""
    return f"$aws/events/presence/{event}/{client_id}"


def _check(topic: str) -> None:
    slashes_max = _RESERVED_SLASHES_MAX if topic.startswith("$") else _SLASHES_MAX
    if not topic or any(sign in topic for sign in _SPECIAL):
        raise UsageError(f"topic is {topic!r}, expected an exact topic without wildcards or variables")
    if len(topic.encode()) > _TOPIC_SIZE_MAX or topic.count("/") > slashes_max:
        raise UsageError(f"topic {topic[:40]!r}… exceeds {_TOPIC_SIZE_MAX} bytes or {slashes_max} slashes")


@dataclass(frozen=True, slots=True)
class ClientIdentity:
    """A provisioned thing with its certificate; holds no key, only the path of the file it is in.

    Attributes:
        thing_name: also the policy's name.
        certificate_pem: PEM, signed by the cloud.
        private_key_file: PEM, mode 0600, gone after the run; None when the key stays in a secure element.
        certificate_id: SHA-256 of the certificate's DER as 64 hex digits.
        topics: what the policy allows.
        own_client_id: the MQTT client id that the policy lets in, "" where it is the thing's name.
    """

    thing_name: str
    certificate_pem: bytes = field(repr=False)
    private_key_file: Path | None
    certificate_id: str
    certificate_arn: str
    topics: Topics
    own_client_id: str = ""

    @property
    def client_id(self) -> str:
        """The MQTT client id that the policy lets in."""
        return self.own_client_id or self.thing_name

    @property
    def policy_name(self) -> str:
        """The policy made for this identity alone."""
        return self.thing_name
