"""Device shadows over MQTT: get, update and delete, with their answers, deltas and documents. Pure but for its state.

Sources: AWS IoT Core developer guide, "Device Shadow MQTT topics", "Device Shadow service documents", "Device Shadow
error messages"; AWS General Reference, "AWS IoT Device Shadow endpoints and quotas".
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from kitbench.local_iot_core.broker.session import Message

Json: TypeAlias = dict[str, Any]

#: Bytes of a state document, depth of its desired and reported parts, bytes of a client token.
MAXIMUM_SIZE: Final = 8 * 1024
MAXIMUM_DEPTH: Final = 8
MAXIMUM_TOKEN_SIZE: Final = 64
_TOPIC: Final = re.compile(
    r"\$aws/things/(?P<thing>[a-zA-Z0-9:_-]{1,128})/shadow(/name/(?P<name>[a-zA-Z0-9:_-]{1,64}))?/(?P<verb>[a-z/]+)"
)
_SECTIONS: Final = ("desired", "reported")
#: Shadows kept in all; a client may not fill the memory with names.
_MAXIMUM_SHADOWS: Final = 10_000


class _RejectedError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class _Shadow:
    state: dict[str, Json] = field(default_factory=dict)
    metadata: dict[str, Json] = field(default_factory=dict)
    version: int = 0
    is_deleted: bool = True


@dataclass(frozen=True, slots=True)
class ShadowTopic:
    """A topic of a shadow taken apart; `verb` is what follows the shadow's name, such as ``"update/accepted"``."""

    thing: str
    name: str | None
    verb: str

    @property
    def is_request(self) -> bool:
        """Whether clients may publish here; the rest is the service's."""
        return self.verb in {"get", "update", "delete"}


def parse_topic(topic: str) -> ShadowTopic | None:
    """Return the shadow topic that `topic` is, or None."""
    match = _TOPIC.fullmatch(topic)
    return None if match is None else ShadowTopic(match["thing"], match["name"], match["verb"])


class ShadowService:
    """All shadows.

    Args:
        clock: seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._shadows: dict[tuple[str, str | None], _Shadow] = {}

    def names(self, thing: str) -> list[str]:
        """Return the names of a thing's named shadows, sorted; a shadow needs no thing in the registry."""
        found = (name for (owner, name), shadow in self._shadows.items() if owner == thing and not shadow.is_deleted)
        return sorted(name for name in found if name is not None)

    def handle(self, message: Message) -> list[Message]:
        """Return the service's messages in answer to a client's message on a shadow's request topic."""
        topic = parse_topic(message.topic)
        if topic is None or not topic.is_request:
            return []
        token: Json = {}
        try:
            request = _parse(message.payload)
            token = _token(request)
            answers = self._serve(topic, request)
        except _RejectedError as rejection:
            answers = {f"{topic.verb}/rejected": {"code": rejection.code, "message": str(rejection)}}
        stamp = {"timestamp": int(self._clock())} | token
        base = message.topic.removesuffix(topic.verb)
        return [
            Message(base + verb, json.dumps(body | stamp, separators=(",", ":")).encode())
            for verb, body in answers.items()
        ]

    def _serve(self, topic: ShadowTopic, request: Json) -> dict[str, Json]:
        key = (topic.thing, topic.name)
        shadow = self._shadows.get(key)
        if topic.verb == "update":
            if shadow is None:
                if len(self._shadows) >= _MAXIMUM_SHADOWS:
                    raise _RejectedError(500, "Internal service failure")
                shadow = self._shadows[key] = _Shadow()
            return _update(shadow, request, int(self._clock()))
        if shadow is None or shadow.is_deleted:
            raise _RejectedError(404, f"No shadow exists with name: '{topic.name or topic.thing}'")
        if topic.verb == "get":
            return {"get/accepted": _document(shadow)}
        # The version goes on after a deletion, so that a late update can be told.
        shadow.state, shadow.metadata, shadow.is_deleted = {}, {}, True
        return {"delete/accepted": {"version": shadow.version}}


def _parse(payload: bytes) -> Json:
    if len(payload) > MAXIMUM_SIZE:
        raise _RejectedError(413, "The payload exceeds the maximum size allowed")
    try:
        request = json.loads(payload or b"{}")
    except (ValueError, RecursionError) as error:
        raise _RejectedError(400, "Payload contains invalid json") from error
    if not isinstance(request, dict):
        raise _RejectedError(400, "Payload contains invalid json")
    return request


def _token(request: Json) -> Json:
    token = request.get("clientToken")
    if token is None:
        return {}
    if not isinstance(token, str) or len(token.encode()) > MAXIMUM_TOKEN_SIZE:
        raise _RejectedError(400, "Invalid clientToken")
    return {"clientToken": token}


def _update(shadow: _Shadow, request: Json, now: int) -> dict[str, Json]:
    state = _check_state(request)
    version = request.get("version")
    if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
        raise _RejectedError(400, "Invalid version")
    if version is not None and version != shadow.version:
        raise _RejectedError(409, "Version conflict")
    previous = {"state": shadow.state, "metadata": shadow.metadata, "version": shadow.version}
    new_state, new_metadata = dict(shadow.state), dict(shadow.metadata)
    for section, part in state.items():
        new_state[section] = _merge(new_state.get(section, {}), part or {}) if part is not None else {}
        new_metadata[section] = _merge(new_metadata.get(section, {}), _stamps(part, now)) if part is not None else {}
        if not new_state[section]:
            new_state.pop(section)
            new_metadata.pop(section)
    if len(json.dumps(new_state)) > MAXIMUM_SIZE:
        raise _RejectedError(413, "The payload exceeds the maximum size allowed")
    shadow.state, shadow.metadata, shadow.is_deleted = new_state, new_metadata, False
    shadow.version += 1
    accepted = {"state": state, "metadata": {key: _stamps(part, now) for key, part in state.items() if part}}
    answers: dict[str, Json] = {"update/accepted": accepted | {"version": shadow.version}}
    delta = _delta(shadow.state)
    if delta:
        metadata = _pick(shadow.metadata.get("desired", {}), delta)
        answers["update/delta"] = {"version": shadow.version, "state": delta, "metadata": metadata}
    current = {"state": shadow.state, "metadata": shadow.metadata, "version": shadow.version}
    answers["update/documents"] = {"previous": previous, "current": current}
    return answers


def _check_state(request: Json) -> dict[str, Json | None]:
    state = request.get("state")
    if "state" not in request:
        raise _RejectedError(400, "Missing required node: state")
    if not isinstance(state, dict):
        raise _RejectedError(400, "State node must be an object")
    for section, part in state.items():
        if section not in _SECTIONS:
            raise _RejectedError(400, f"State contains an invalid node: '{section[:40]}'")
        if part is not None and not isinstance(part, dict):
            raise _RejectedError(400, f"{section.capitalize()} node must be an object")
        if _is_deeper(part, MAXIMUM_DEPTH):
            raise _RejectedError(400, f"JSON contains too many levels of nesting; maximum is {MAXIMUM_DEPTH}")
    return state


def _is_deeper(value: Any, most: int) -> bool:
    """Return whether objects and lists are nested more than `most` deep; looks no deeper than that."""
    if not isinstance(value, dict | list):
        return False
    children = value.values() if isinstance(value, dict) else value
    return most == 0 or any(_is_deeper(child, most - 1) for child in children)


def _merge(old: Any, change: Json) -> Json:
    """Return `old` with `change` laid over it: objects are merged, null removes, everything else replaces."""
    merged = dict(old) if isinstance(old, dict) else {}
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            merged[key] = _merge(merged.get(key), value)
        else:
            merged[key] = value
    return merged


def _stamps(value: Any, now: int) -> Any:
    """Return the metadata of a changed value: a time stamp in the place of each leaf, null where a key goes."""
    if isinstance(value, dict):
        return {key: None if item is None else _stamps(item, now) for key, item in value.items()}
    if isinstance(value, list):
        return [_stamps(item, now) for item in value]
    return {"timestamp": now}


def _delta(state: dict[str, Json]) -> Json:
    return _difference(state.get("desired", {}), state.get("reported", {}))


def _difference(desired: Json, reported: Json) -> Json:
    """Return what is desired and not so reported; keys that are only reported are no difference."""
    different: Json = {}
    for key, value in desired.items():
        actual = reported.get(key)
        if isinstance(value, dict) and isinstance(actual, dict):
            if inner := _difference(value, actual):
                different[key] = inner
        elif value != actual:
            different[key] = value
    return different


def _pick(metadata: Json, delta: Json) -> Json:
    return {
        key: _pick(metadata[key], value)
        if isinstance(value, dict) and isinstance(metadata[key], dict)
        else metadata[key]
        for key, value in delta.items()
        if key in metadata
    }


def _document(shadow: _Shadow) -> Json:
    delta = _delta(shadow.state)
    state = dict(shadow.state) | ({"delta": delta} if delta else {})
    return {"state": state, "metadata": shadow.metadata, "version": shadow.version}
