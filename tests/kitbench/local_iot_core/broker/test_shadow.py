"""Device shadows: documents, deltas, versions and rejections, as the stock examples use them."""

import json
from typing import Any

import pytest

from kitbench.local_iot_core.broker.session import Message
from kitbench.local_iot_core.broker.shadow import ShadowService
from kitbench.local_iot_core.mqtt.mqtt_packets import Publish
from kitbench.local_iot_core.policies.registry import Thing
from tests.kitbench.local_iot_core.broker_rig import rig

CLASSIC = "$aws/things/kit/shadow/"


class Shadows:
    """The service, asked in JSON."""

    def __init__(self) -> None:
        self._service = ShadowService(lambda: 1_700_000_000.0)

    def ask(self, verb: str, request: Any = None, base: str = CLASSIC) -> dict[str, Any]:
        payload = request if isinstance(request, bytes) else b"" if request is None else json.dumps(request).encode()
        answers = self._service.handle(Message(base + verb, payload))
        return {answer.topic.removeprefix(base): json.loads(answer.payload) for answer in answers}

    def update(self, **sections: Any) -> dict[str, Any]:
        return self.ask("update", {"state": sections})


def test_get_before_any_update_is_404() -> None:
    [(topic, body)] = Shadows().ask("get", {"clientToken": "t"}).items()

    assert topic == "get/rejected"
    assert (body["code"], body["clientToken"]) == (404, "t")


def test_desired_that_is_not_reported_is_a_delta() -> None:
    answers = Shadows().update(desired={"led": "on", "rate": 5}, reported={"rate": 5})

    assert answers["update/delta"]["state"] == {"led": "on"}
    assert answers["update/delta"]["metadata"] == {"led": {"timestamp": 1_700_000_000}}
    assert answers["update/accepted"]["version"] == 1


def test_reported_as_desired_ends_the_delta() -> None:
    shadows = Shadows()
    shadows.update(desired={"led": "on"})

    answers = shadows.update(reported={"led": "on"})

    assert set(answers) == {"update/accepted", "update/documents"}
    assert answers["update/documents"]["previous"]["version"] == 1
    assert answers["update/documents"]["current"]["state"] == {"desired": {"led": "on"}, "reported": {"led": "on"}}


def test_get_shows_state_delta_and_version() -> None:
    shadows = Shadows()
    shadows.update(desired={"led": {"colour": "red", "on": True}}, reported={"led": {"on": True}})

    document = shadows.ask("get")["get/accepted"]

    assert document["state"]["delta"] == {"led": {"colour": "red"}}
    assert document["version"] == 1


def test_null_removes_a_key_and_a_section() -> None:
    shadows = Shadows()
    shadows.update(desired={"a": 1, "b": 2}, reported={"a": 1})

    shadows.update(desired={"a": None}, reported=None)

    assert shadows.ask("get")["get/accepted"]["state"] == {"desired": {"b": 2}, "delta": {"b": 2}}


def test_version_goes_on_after_deletion() -> None:
    shadows = Shadows()
    shadows.update(desired={"a": 1})

    assert shadows.ask("delete")["delete/accepted"]["version"] == 1
    assert "get/rejected" in shadows.ask("get")
    assert shadows.update(desired={"a": 1})["update/accepted"]["version"] == 2


def test_named_shadow_is_another_document() -> None:
    shadows = Shadows()
    shadows.ask("update", {"state": {"desired": {"a": 1}}}, base=CLASSIC + "name/other/")

    assert "get/rejected" in shadows.ask("get")
    assert "get/accepted" in shadows.ask("get", base=CLASSIC + "name/other/")


@pytest.mark.parametrize(
    ("request_body", "code"),
    [
        (b"no JSON", 400),
        (b"[]", 400),
        (b'{"state": 1}', 400),
        (b"{}", 400),
        (b'{"state": {"wanted": {}}}', 400),
        (b'{"state": {"desired": 1}}', 400),
        (b'{"state": {}, "version": "1"}', 400),
        (b'{"state": {}, "version": 7}', 409),
        (b'{"state": {}, "clientToken": "' + b"t" * 65 + b'"}', 400),
        (b'{"state": {"desired": {"a": "' + b"x" * 8192 + b'"}}}', 413),
        (b'{"state": {"desired": ' + b'{"a":' * 9 + b"1" + b"}" * 9 + b"}}", 400),
        (b'{"state": {"desired": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}}", 400),
        (b"[" * 5000, 400),
    ],
)
def test_bad_update_is_rejected(request_body: bytes, code: int) -> None:
    [(topic, body)] = Shadows().ask("update", request_body).items()

    assert (topic, body["code"]) == ("update/rejected", code)


def test_eight_levels_are_taken() -> None:
    request = b'{"state": {"desired": ' + b'{"a":' * 8 + b"1" + b"}" * 8 + b"}}"

    assert "update/accepted" in Shadows().ask("update", request)


def test_shadow_needs_no_thing_in_the_registry() -> None:
    shadows = Shadows()
    shadows.ask("update", {"state": {"desired": {"led": 1}}}, base="$aws/things/nobody/shadow/")

    answers = shadows.ask("get", {}, base="$aws/things/nobody/shadow/")

    assert answers["get/accepted"]["state"]["desired"] == {"led": 1}


def test_client_gets_the_answer_on_its_subscription() -> None:
    client = rig(things=(Thing("kit"),)).connect()
    client.subscribe(CLASSIC + "update/accepted", CLASSIC + "update/delta")

    packets = client.publish(CLASSIC + "update", b'{"state":{"desired":{"a":1}}}')

    assert [packet.topic for packet in packets if isinstance(packet, Publish)] == [
        CLASSIC + "update/accepted",
        CLASSIC + "update/delta",
    ]


def test_client_may_not_publish_the_service_s_answers() -> None:
    client = rig(things=(Thing("kit"),)).connect()

    client.publish(CLASSIC + "update/accepted", b"{}")

    assert not client.is_open
