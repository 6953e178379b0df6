"""What the page shows beside messages: who is connected, what was refused and why, things, rows. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from kitbench.local_iot_core.broker.events import EventKind
from kitbench.local_iot_core.broker.message_broker import MessageBroker
from kitbench.local_iot_core.policies.registry import Registry

Json: TypeAlias = dict[str, Any]

#: What went wrong, for the page.
_REFUSALS: Final = frozenset(
    {
        EventKind.TLS_REFUSED,
        EventKind.CONNECT_REFUSED,
        EventKind.SUBSCRIBE_REFUSED,
        EventKind.PUBLISH_REFUSED,
        EventKind.DELIVERY_REFUSED,
        EventKind.DISCARDED,
        EventKind.REQUEST_REJECTED,
        EventKind.RULE_FAILED,
    }
)
_MOST_REFUSALS: Final = 50
_MOST_ROWS: Final = 50


def broker_state(broker: MessageBroker) -> Json:
    """Return what the message broker knows; call it in the broker's thread."""
    return {
        "clients": [
            {
                "client_id": client_id,
                "principal": client.peer.principal,
                "transport": client.peer.transport,
                "address": client.peer.address,
                "subscriptions": sorted(client.session.subscriptions) if client.session else [],
            }
            for client_id, client in sorted(broker.clients.items())
        ],
        "refusals": _refusals(broker.events.latest),
        "billed": dict(broker.billed.by_kind),
        "things": _things(broker.registry),
    }


def _refusals(events: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Return the latest refusals, the newest first."""
    found = [event for event in list(events) if event["event"] in _REFUSALS]
    shown = ("time", "event", "client_id", "topic", "reason", "rule", "address")
    return [{key: event[key] for key in shown if event.get(key)} for event in found[: -_MOST_REFUSALS - 1 : -1]]


def _things(registry: Registry) -> list[Json]:
    owners: dict[str, list[Json]] = {}
    for certificate in registry.certificates.values():
        one = {
            "id": certificate.certificate_id,
            "status": certificate.status,
            "policies": [policy.name for policy in certificate.policies],
        }
        for thing in certificate.things:
            owners.setdefault(thing.name, []).append(one)
    return [{"name": name, "certificates": owners.get(name, [])} for name in sorted(registry.things)]


def rows_of(items: Sequence[Mapping[str, Mapping[str, Any]]]) -> list[Json]:
    """Return DynamoDB's items as plain rows, at most 50."""
    return [{name: _plain(value) for name, value in item.items()} for item in items[:_MOST_ROWS]]


def _plain(value: Mapping[str, Any]) -> Any:
    [(kind, content)] = value.items()
    if kind == "M":
        return {name: _plain(item) for name, item in content.items()}
    if kind == "L":
        return [_plain(item) for item in content]
    return content
