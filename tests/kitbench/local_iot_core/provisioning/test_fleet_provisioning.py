"""Certificates that nobody registers go; faults of one request end no other."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

from kitbench.local_iot_core.broker.events import EventKind, EventLog
from kitbench.local_iot_core.broker.session import Message
from kitbench.local_iot_core.provisioning.fleet_provisioning import FleetProvisioning
from kitbench.local_iot_core.provisioning.ownership import LIFETIME_S

_T = TypeVar("_T")


class Rig:
    """Fleet provisioning on a registry that makes certificates `0`, `1` and so on."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.certificates: dict[str, Any] = {}
        self.replies: list[tuple[str | None, Message]] = []
        self.events = EventLog()
        self.service = FleetProvisioning(
            self._change, lambda who, message: self.replies.append((who, message)), self.events, lambda: self.now_s
        )

    def _change(self, name: str, work: Callable[[Any], _T]) -> _T:
        return work(self)

    def create_keys_and_certificate(self, *, set_as_active: bool) -> tuple[Any, dict[str, str]]:
        assert not set_as_active
        name = str(len(self.certificates))
        made = SimpleNamespace(certificate_id=name, certificate_pem="pem", status="INACTIVE")
        self.certificates[name] = made
        return made, {"PrivateKey": "key"}

    def ask(self, topic: str, payload: bytes = b"{}") -> dict[str, Any]:
        self.service.answer(Message(topic, payload, publisher="kit"))
        who, message = self.replies[-1]
        assert who == "kit"
        told: dict[str, Any] = json.loads(message.payload)
        return told | {"topic": message.topic}


CREATE = "$aws/certificates/create/json"


def test_certificate_that_waits_for_an_hour_is_deleted_and_an_active_one_stays() -> None:
    rig = Rig()
    rig.ask(CREATE)
    rig.ask(CREATE)
    assert {one.status for one in rig.certificates.values()} == {"PENDING_ACTIVATION"}
    rig.certificates["1"].status = "ACTIVE"
    rig.now_s = LIFETIME_S - 1
    rig.service.sweep()
    assert sorted(rig.certificates) == ["0", "1"]
    rig.now_s = LIFETIME_S
    rig.service.sweep()

    assert sorted(rig.certificates) == ["1"]


def test_fault_of_ours_is_answered_and_recorded() -> None:
    rig = Rig()
    told = rig.ask("$aws/certificates/create-from-csr/json", b'{"certificateSigningRequest": "x"}')

    assert (told["statusCode"], told["topic"]) == (500, "$aws/certificates/create-from-csr/json/rejected")
    assert "InternalServerError" in str(rig.events.of(EventKind.REQUEST_REJECTED)[0]["reason"])
    assert rig.ask(CREATE)["certificateId"] == "0"


def test_payload_that_is_none_is_refused() -> None:
    rig = Rig()
    for payload in (b"[]", b"\xff", b"[" * 10_000):
        assert rig.ask("$aws/provisioning-templates/t/provision/json", payload)["errorCode"] == "InvalidPayload"
    wrong = b'{"parameters": {"a": 1}}'
    assert rig.ask("$aws/provisioning-templates/t/provision/json", wrong)["errorCode"] == "InvalidPayload"


def test_thread_answers_and_ends() -> None:
    rig = Rig()
    rig.service.take(Message(CREATE, b"{}", publisher="kit"))
    rig.service.stop()

    assert [message.topic for _, message in rig.replies] == [f"{CREATE}/accepted"]
