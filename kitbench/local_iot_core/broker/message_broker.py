"""The message broker: who is connected, who gets which message, what outlives a connection. No socket, no thread.

Transports (`tls_stream`, `websocket`) hand a `connection.Connection` bytes and take bytes from it; the clock comes from
outside, so that keep-alive, expiry and will delay are tested without waiting.
"""

import random
import time
from collections.abc import Callable, Sequence
from typing import Final

from kitbench.local_iot_core.broker.billed_messages import BilledMessages
from kitbench.local_iot_core.broker.client import Client
from kitbench.local_iot_core.broker.events import EventKind, EventLog
from kitbench.local_iot_core.broker.limits import Limits, RateMeter
from kitbench.local_iot_core.broker.retained import RetainedMessages
from kitbench.local_iot_core.broker.session import Message, Session, Subscription, WireForms, make_subscription
from kitbench.local_iot_core.broker.shadow import ShadowService
from kitbench.local_iot_core.mqtt.mqtt_packets import SubscriptionRequest
from kitbench.local_iot_core.mqtt.topic import FilterTree
from kitbench.local_iot_core.policies.registry import Registry

#: Topics that services of AWS IoT listen to.
SERVICES: Final = "$aws/"
#: Topics that reach one rule and no subscriber ("Basic Ingest").
BASIC_INGEST: Final = "$aws/rules/"
#: Topics whose subscriptions are remembered.
_REMEMBERED_ROUTES: Final = 4096
#: Version numbers of lifecycle events begin again when a client was away for longer, in seconds.
_VERSION_MEMORY_S: Final = 3600.0
#: Client ids whose connect rate and version are remembered.
_REMEMBERED_CLIENTS: Final = 10_000


class MessageBroker:
    """All state of the data plane.

    Args:
        events: where decisions are recorded.
        registry: certificates, policies and things at the start.
        limits: quotas.
        clock: seconds, never going back.
    """

    def __init__(
        self,
        events: EventLog,
        *,
        registry: Registry | None = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.events = events
        self.registry = registry or Registry()
        self.limits = limits or Limits()
        self.clock = clock
        self.billed = BilledMessages()
        self.sessions: dict[str, Session] = {}
        #: Client id → the client that is connected with it.
        self.clients: dict[str, Client] = {}
        #: Is handed every message: the rules engine.
        self.on_message: Callable[[Message], None] = lambda _message: None
        #: Is handed what clients send on topics of services, shadows' beside: Jobs and fleet provisioning.
        self.on_request: Callable[[Message], None] = lambda _message: None
        self.retained = RetainedMessages(self.limits.retained)
        self._shadows = ShadowService(time.time)
        self._pending: set[Client] = set()
        self._subscriptions: FilterTree[Subscription] = FilterTree()
        self._routes: dict[str, tuple[Subscription, ...]] = {}
        self._versions: dict[str, tuple[int, float]] = {}
        self._connect_rates: dict[str, RateMeter] = {}
        self._delayed_wills: dict[str, tuple[float, Message]] = {}

    def expect(self, client: Client) -> None:
        """Take note of a client that has not sent CONNECT yet."""
        self._pending.add(client)

    def admits_rate(self, client_id: str) -> bool:
        """Return whether a CONNECT of `client_id` is within its quota, and count it."""
        if len(self._connect_rates) > _REMEMBERED_CLIENTS:
            self._connect_rates.clear()
        meter = self._connect_rates.setdefault(client_id, RateMeter(self.limits.connects_per_s))
        return meter.takes(self.clock())

    def count_connection(self, client_id: str) -> int:
        """Return the version number of a client's lifecycle events: one more each time, 0 after an hour away."""
        version, ended_s = self._versions.get(client_id, (-1, 0.0))
        number = 0 if self.clock() - ended_s > _VERSION_MEMORY_S else version + 1
        if len(self._versions) > _REMEMBERED_CLIENTS:
            self._versions.clear()
        self._versions[client_id] = (number, self.clock())
        return number

    def enter(self, client: Client, client_id: str, *, clean: bool) -> tuple[Session, bool]:
        """Make `client` the one of `client_id`; return its session and whether that was there before."""
        self._pending.discard(client)
        self.billed.count("connect")
        if (former := self.clients.pop(client_id, None)) is not None:
            former.taken_over()
        self._delayed_wills.pop(client_id, None)
        session = self.sessions.get(client_id)
        if session is not None and (clean or self._is_expired(session)):
            self._forget(session)
            session = None
        present = session is not None
        if session is None:
            session = Session(client_id, unacknowledged=self.limits.unacknowledged, queued=self.limits.queued)
            self.sessions[client_id] = session
        session.expires_at = None
        self.clients[client_id] = client
        return session, present

    def leave(self, client: Client, *, session_expiry_s: float) -> None:
        """Take a client out; its session lives on for `session_expiry_s`."""
        self._pending.discard(client)
        session = client.session
        if session is None or self.clients.get(session.client_id) not in {client, None}:
            return
        self.clients.pop(session.client_id, None)
        self._versions[session.client_id] = (client.version_number, self.clock())
        if session_expiry_s <= 0:
            self._forget(session)
        else:
            session.expires_at = self.clock() + session_expiry_s

    def publish_will(self, client_id: str, will: Message, delay_s: float) -> None:
        """Publish a last will now, or after its delay unless the client comes back."""
        if delay_s > 0:
            self._delayed_wills[client_id] = (self.clock() + delay_s, will)
        else:
            self.publish(will)

    def subscribe(self, session: Session, request: SubscriptionRequest) -> bool:
        """Add or replace a subscription; return whether it is new."""
        fresh = request.topic_filter not in session.subscriptions
        subscription = make_subscription(session, request)
        session.subscriptions[request.topic_filter] = subscription
        self._routes.clear()
        key = f"{session.client_id}\0{subscription.group or ''}"
        self._subscriptions.put(subscription.topic_filter, key, subscription)
        return fresh

    def unsubscribe(self, session: Session, topic_filter: str) -> bool:
        """Remove a subscription; return whether there was one."""
        subscription = session.subscriptions.pop(topic_filter, None)
        if subscription is None:
            return False
        self._routes.clear()
        self._subscriptions.remove(subscription.topic_filter, f"{session.client_id}\0{subscription.group or ''}")
        return True

    def publish(self, message: Message | None) -> int:
        """Retain a message if it asks for that, and hand it to its subscribers; return to how many."""
        if message is None:
            return 0
        self.on_message(message)
        if message.retain:
            self.retained.keep(message)
        now_s = self.clock()
        forms = WireForms(message, now_s)
        receivers = _choose(self._find(message.topic), message)
        for subscription in receivers:
            client = self.clients.get(subscription.session.client_id)
            if client is not None:
                client.deliver(message, subscription.request, forms)
            elif min(message.qos, subscription.request.qos) and not self._is_expired(subscription.session):
                retain = message.retain and subscription.request.retain_as_published
                self._keep_for_later(subscription.session, message.as_delivered(retain=retain))
        return len(receivers)

    def serve(self, message: Message) -> None:
        """Publish a client's message, and what a service of AWS IoT that listens to its topic answers."""
        self.billed.count("publish_in", len(message.payload))
        if message.topic.startswith(BASIC_INGEST):
            self.on_message(message)
            return
        self.publish(message)
        if message.topic.startswith(SERVICES):
            self.ask_shadow(message)
            self.on_request(message)

    def ask_shadow(self, message: Message) -> Message | None:
        """Publish what the shadow service answers to a request; return the answer that is for whoever asked."""
        answers = self._shadows.handle(message)
        for answer in answers:
            self.publish(answer)
        return next((one for one in answers if one.topic.endswith(("/accepted", "/rejected"))), None)

    def reply(self, client_id: str | None, message: Message, *, to_subscriber: bool = False) -> None:
        """Hand a service's answer to the client that asked, and to no other one and no rule.

        Args:
            client_id: of the client that asked.
            message: the answer.
            to_subscriber: only if it has subscribed to the answer's topic.
        """
        client = self.clients.get(client_id or "")
        if client is None:
            return
        subscribed = {one.session.client_id for one in self._find(message.topic)} if to_subscriber else {client_id}
        if client_id in subscribed:
            client.deliver(message, SubscriptionRequest(message.topic, message.qos), WireForms(message, self.clock()))

    def shadow_names(self, thing: str) -> list[str]:
        """Return the names of a thing's named shadows, sorted."""
        return self._shadows.names(thing)

    def registry_changed(self, registry: Registry) -> None:
        """Take a new snapshot; connections whose certificate no longer lets them in are cut."""
        self.registry = registry
        for client in list(self.clients.values()):
            client.registry_changed()

    def tick(self) -> None:
        """Do what is due by the clock; call it a few times a second."""
        now_s = self.clock()
        for client in [*self._pending, *self.clients.values()]:
            client.tick(now_s)
        for client_id, (due_s, will) in list(self._delayed_wills.items()):
            if now_s >= due_s:
                del self._delayed_wills[client_id]
                self.publish(will)
        for session in list(self.sessions.values()):
            if self._is_expired(session):
                self._forget(session)

    def expire_sessions(self) -> None:
        """Let every session expire now whose client is away."""
        for session in list(self.sessions.values()):
            if session.client_id not in self.clients:
                self._forget(session)

    def close(self) -> None:
        """End every connection, as a server that shuts down."""
        for client in [*self._pending, *self.clients.values()]:
            client.shut_down()

    def _find(self, topic: str) -> tuple[Subscription, ...]:
        """Return the subscriptions that match; devices publish on the same topics again and again."""
        found = self._routes.get(topic)
        if found is None:
            if len(self._routes) >= _REMEMBERED_ROUTES:
                self._routes.clear()
            found = self._routes[topic] = tuple(self._subscriptions.find(topic))
        return found

    def _is_expired(self, session: Session) -> bool:
        return session.expires_at is not None and self.clock() >= session.expires_at

    def _forget(self, session: Session) -> None:
        for topic_filter in list(session.subscriptions):
            self.unsubscribe(session, topic_filter)
        if self.sessions.get(session.client_id) is session:
            del self.sessions[session.client_id]
        if (delayed := self._delayed_wills.pop(session.client_id, None)) is not None:
            self.publish(delayed[1])

    def _keep_for_later(self, session: Session, message: Message) -> None:
        if not session.queue(message):
            reason = "queue of the persistent session is full; its oldest message is gone"
            self.events.record(EventKind.DISCARDED, client_id=session.client_id, topic=message.topic, reason=reason)


def _choose(found: Sequence[Subscription], message: Message) -> Sequence[Subscription]:
    """Return one subscription per client, that with the highest QoS, and one member of each shared group."""
    if len(found) == 1 and not found[0].request.no_local:
        return found
    by_client: dict[str, Subscription] = {}
    groups: dict[tuple[str, str], list[Subscription]] = {}
    for subscription in found:
        if subscription.group is not None:
            groups.setdefault((subscription.group, subscription.topic_filter), []).append(subscription)
            continue
        client_id = subscription.session.client_id
        if subscription.request.no_local and client_id == message.publisher:
            continue
        known = by_client.get(client_id)
        if known is None or known.request.qos < subscription.request.qos:
            by_client[client_id] = subscription
    members = (random.choice(group) for group in groups.values())  # noqa: S311 - load sharing, not security
    return [*by_client.values(), *members]
