"""What is wrong with a set-up, in words for its author: from the local core's events and the virtual kit's log. Pure.

The firmware hears a closed connection or an error code alone; broker and access point know why.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kitbench.quoting.terminal import printable_line

#: Ports at which AWS IoT listens. Source: AWS IoT Core developer guide, "Protocols, port mappings, and authentication".
AWS_PORTS: Final = (8883, 443)
_LONGEST: Final = 300
_NETWORK: Final = re.compile(r"kit-\d+: network: '([^']{1,255})':(\d{1,5}): (.*)")
_WIFI: Final = re.compile(r"kit-\d+: wifi: wrong (password|name) for the network of the board, ('.*'|\".*\")")
_LACKED: Final = re.compile(r"kit-\d+: the firmware asked for what a virtual kit lacks: (.*)")
_CERTIFICATE: Final = re.compile(r"certificate ([0-9a-f]{64}) is (.*)")
_DENIED: Final = re.compile(r"(?:no policy allows|policy \S+ denies) (iot:\w+) on (\S+)")


@dataclass(frozen=True, slots=True)
class Remark:
    """A line beside the serial line.

    Attributes:
        who: knows it: `cloud` or `kit`.
        text: one line.
        is_trouble: something is wrong, as opposed to news.
    """

    who: str
    text: str
    is_trouble: bool = True


def remark_of_event(line: str) -> Remark | None:
    """Return what an event of the local IoT core, a JSON line, means to the author of a set-up; None for the rest."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    words = _EVENTS.get(str(event.get("event"))) if isinstance(event, dict) else None
    if words is None:
        return None
    remark = words(event)
    return None if remark is None else _bounded(remark)


def remark_of_kit(line: str, led: Mapping[str, int]) -> Remark | None:
    """Return what a line of the virtual kit's log means; None for the rest.

    Args:
        line: of the log.
        led: names that the access point leads to the local core, with the port of each.
    """
    if lacked := _LACKED.match(line):
        return _bounded(Remark("kit", f"the virtual kit lacks {lacked[1]}: what follows from it is no fault of yours"))
    if wifi := _WIFI.match(line):
        return _bounded(Remark("kit", f"Wi-Fi: wrong {wifi[1]}; the network that the board file names is {wifi[2]}"))
    match = _NETWORK.match(line)
    if match is None:
        return None
    host, port, why = match[1].lower(), int(match[2]), match[3]
    if "the access point does not lead to" not in why:
        return _bounded(Remark("kit", f"{host}:{port}: {why}")) if host in led else None
    if host in led:
        ports = f"{AWS_PORTS[0]} (MQTT), or {AWS_PORTS[1]} with ALPN" if led[host] in AWS_PORTS else str(led[host])
        return _bounded(Remark("kit", f"wrong port: the firmware asks {host} at port {port}, it listens on {ports}"))
    known = f"; this run leads {', '.join(sorted(led))}" if led else ""
    return _bounded(Remark("kit", f"the network of this run does not lead to {host}:{port}{known}; see --lead"))


def _bounded(remark: Remark) -> Remark:
    return Remark(remark.who, printable_line(remark.text)[:_LONGEST], remark.is_trouble)


def _who(event: Mapping[str, Any]) -> str:
    return f"client id {event.get('client_id')!r}"


def _tls_refused(event: Mapping[str, Any]) -> Remark | None:
    reason = str(event.get("reason"))
    if (
        "UNKNOWN_CA" in reason
        or "CERTIFICATE_UNKNOWN" in reason
        or "BAD_CERTIFICATE" in reason.replace(" ", "_").upper()
    ):
        return Remark(
            "cloud",
            "the firmware does not trust the endpoint: none of the roots in it is Amazon's, or this core's "
            f"(TLS alert: {reason.removeprefix('TLS failed: ')})",
        )
    if "client certificate refused" in reason:
        return Remark("cloud", f"{reason}: it is not registered here, AWS would not know it either")
    if "BAD_SIGNATURE" in reason or "DECRYPT_ERROR" in reason or "LENGTH" in reason:
        return Remark(
            "cloud", f"the private key is not that of the certificate ({reason.removeprefix('TLS failed: ')})"
        )
    if "hung up" in reason:
        return None  # a kit that restarts does so, and its own log says why where there is a reason
    return Remark("cloud", reason)


def _refused(event: Mapping[str, Any]) -> Remark:
    reason = str(event.get("reason"))
    if match := _CERTIFICATE.match(reason):
        return Remark("cloud", f"{_who(event)} refused: {_of_certificate(match[1], match[2])}")
    if "no client certificate" in reason:
        return Remark("cloud", f"{_who(event)} refused: the firmware shows no certificate; AWS IoT asks for one")
    return Remark("cloud", f"{_who(event)} refused: {_of_policy(reason)}")


def _of_certificate(identifier: str, state: str) -> str:
    if state == "INACTIVE":
        fix = f"aws iot update-certificate --certificate-id {identifier} --new-status ACTIVE"
        return f"its certificate {identifier[:12]}… is INACTIVE; activate it: {fix}"
    return f"its certificate {identifier[:12]}… is {state}"


def _of_policy(reason: str) -> str:
    match = _DENIED.match(reason)
    if match is None:
        return reason
    action, resource = match[1], match[2]
    hint = {
        "iot:Connect": "the policy must allow this client id",
        "iot:Subscribe": "the policy must allow this topic filter (resource topicfilter/…)",
        "iot:Publish": "the policy must allow this topic (resource topic/…)",
        "iot:Receive": "iot:Subscribe alone delivers nothing",
    }.get(action, "")
    denied = "no policy allows" if reason.startswith("no policy") else "a policy denies"
    return f"{denied} {action} on {resource}{f': {hint}' if hint else ''}"


def _act(what: str, key: str) -> Callable[[Mapping[str, Any]], Remark]:
    def words(event: Mapping[str, Any]) -> Remark:
        return Remark("cloud", f"{what} {event.get(key)!r} refused: {_of_policy(str(event.get('reason')))}")

    return words


def _not_delivered(event: Mapping[str, Any]) -> Remark:
    reason = _of_policy(str(event.get("reason")))
    return Remark("cloud", f"a message on {event.get('topic')!r} was not delivered to {_who(event)}: {reason}")


def _discarded(event: Mapping[str, Any]) -> Remark:
    return Remark("cloud", f"a message on {event.get('topic')!r} was discarded: {event.get('reason')}")


def _connected(event: Mapping[str, Any]) -> Remark:
    return Remark("cloud", f"connected: {_who(event)}, {event.get('protocol')}", is_trouble=False)


def _subscribed(event: Mapping[str, Any]) -> Remark:
    return Remark("cloud", f"subscribed: {event.get('topic_filter')!r}", is_trouble=False)


def _disconnected(event: Mapping[str, Any]) -> Remark | None:
    reason, kind = str(event.get("reason")), str(event.get("disconnect_reason"))
    if kind == "AUTH_ERROR" and (match := _CERTIFICATE.match(reason)):
        return Remark("cloud", f"{_who(event)} cut off: {_of_certificate(match[1], match[2])}")
    if kind in {"AUTH_ERROR", "SERVER_INITIATED_DISCONNECT"}:
        return None  # what was refused has been said
    is_news = kind in {"CLIENT_INITIATED_DISCONNECT", "CONNECTION_LOST"}
    return Remark("cloud", f"disconnected: {_who(event)}: {reason}", is_trouble=not is_news)


_EVENTS: Final[Mapping[str, Callable[[Mapping[str, Any]], Remark | None]]] = {
    "tls_refused": _tls_refused,
    "connect_refused": _refused,
    "connected": _connected,
    "subscribed": _subscribed,
    "subscribe_refused": _act("subscribing to", "topic_filter"),
    "publish_refused": _act("publishing on", "topic"),
    "delivery_refused": _not_delivered,
    "discarded": _discarded,
    "disconnected": _disconnected,
}
