"""Each misbehaviour of Device Advisor's endpoint, seen by a plain client, and where it is not asked for, not seen.

Bad certificates and withheld acknowledgements are in `test_device_advisor_of_boto3.py`.
"""

import json
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.advised_device import Advised, status_and_words
from tests.conformance.local_iot_core_process import ARN, LocalCore, running_local_iot_core
from tests.conformance.plain_device import (
    CONNACK,
    PUBLISH,
    SUBACK,
    largest_record_before_shaking_hands,
    plain_device,
)

GOOD = "ECDHE-ECDSA-AES128-GCM-SHA256"
OTHER = "ECDHE-ECDSA-AES256-GCM-SHA384"
#: AWS IoT Core does not have it.
FOREIGN = "ECDHE-ECDSA-CHACHA20-POLY1305"


@pytest.fixture(name="core", scope="module")
def _core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCore]:
    with running_local_iot_core(tmp_path_factory.mktemp("core") / "events.jsonl") as core:
        yield core


@pytest.fixture(name="advised")
def _advised(core: LocalCore) -> Iterator[Advised]:
    advised = Advised(core, core.provision())
    yield advised
    for run in advised.api.list_suite_runs()["suiteRunsList"]:
        advised.api.stop_suite_run(suiteDefinitionId=run["suiteDefinitionId"], suiteRunId=run["suiteRunId"])


def start(advised: Advised, test_id: str, **configuration: Any) -> dict[str, str]:
    return advised.start(test_id, EXECUTION_TIMEOUT="180", **configuration)


def result(advised: Advised, run: dict[str, str]) -> tuple[str, str]:
    return status_and_words(advised.results(run)[0])


def test_five_connects_get_no_connack_and_the_sixth_gets_one(advised: Advised) -> None:
    start(advised, "MQTT_Connect_Jitter_Backoff_Retries")
    for _ in range(5):
        with plain_device(advised) as device:
            device.connect()
            assert device.hears_nothing()
    with plain_device(advised) as device:
        device.connect()
        assert device.receive() == (CONNACK, bytes(2))


def test_connections_are_hung_up_on_one_after_the_other(advised: Advised) -> None:
    start(advised, "MQTT_Reconnect_Backoff_Retries_On_Unstable_Connection")
    for _ in range(3):
        with plain_device(advised) as device:
            device.connect()
            assert device.receive() == (CONNACK, bytes(2))
            assert device.receive() == (0, b"")


def test_a_connection_that_is_not_to_be_hung_up_on_stands(advised: Advised) -> None:
    start(advised, "MQTT_Publish")
    with plain_device(advised) as device:
        device.connect()
        assert device.receive() == (CONNACK, bytes(2))
        assert device.hears_nothing()


@pytest.mark.parametrize("size", [20, None])
def test_records_are_as_small_as_asked_for(advised: Advised, size: int | None) -> None:
    wishes = {} if size is None else {"KITBENCH_RECORD_SIZE": str(size)}
    start(advised, "MQTT_Client_Puback_Qos1", PAYLOAD_SIZE="1", **wishes)
    with plain_device(advised) as device:
        device.connect()
        device.receive()
        device.subscribe(f"{device.client_id}/x")
        device.receive()
        sizes: list[int] = []
        while sum(sizes) < 1024:
            sizes.append(len(device.tls.recv(65536)))
    assert max(sizes) == 20 if size else max(sizes) > 1024


def offering(advised: Advised, suites: str) -> ssl.SSLContext:
    context = advised.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suites)
    return context


def test_the_endpoint_has_no_other_cipher_suites_than_asked_for(advised: Advised) -> None:
    start(advised, "MQTT_Publish", KITBENCH_CIPHERS=GOOD)
    with plain_device(advised, offering(advised, f"{OTHER}:{FOREIGN}:{GOOD}")) as device:
        assert (device.tls.cipher() or ("",))[0] == GOOD
    with pytest.raises(OSError, match=r"(?i)handshake|alert|reset"), plain_device(advised, offering(advised, OTHER)):
        pass


@pytest.mark.parametrize("suite", [GOOD, "ECDHE-RSA-AES256-GCM-SHA384"])
def test_a_suite_of_aws_passes_with_either_kind_of_certificate(advised: Advised, suite: str) -> None:
    run = start(advised, "TLS_Support_AWS_IoT_Cipher_Suites")
    with plain_device(advised, offering(advised, suite)) as device:
        assert (device.tls.cipher() or ("",))[0] == suite
        assert result(advised, run)[0] == "PASS"


def test_a_suite_that_aws_does_not_have_is_refused_there_and_taken_elsewhere(advised: Advised) -> None:
    run = start(advised, "TLS_Support_AWS_IoT_Cipher_Suites")
    context = offering(advised, FOREIGN)
    with pytest.raises(OSError, match=r"(?i)handshake|alert|reset"), plain_device(advised, context):
        pass
    assert result(advised, run)[0] == "FAIL"
    start(advised, "TLS_Connect")
    with plain_device(advised, context) as device:
        assert (device.tls.cipher() or ("",))[0] == FOREIGN


def test_a_device_with_small_buffers_fails_at_the_large_certificate_alone(advised: Advised) -> None:
    room = 4096
    run = start(advised, "TLS_Connect")
    assert largest_record_before_shaking_hands(advised, room) < room
    assert result(advised, run)[0] == "PASS"
    run = start(advised, "TLS_Large_Size_Server_Cert")
    for _ in range(3):
        assert largest_record_before_shaking_hands(advised, room) > room
    assert result(advised, run)[0] == "FAIL"


@pytest.mark.parametrize("present", [1, 0], ids=["kept", "expired"])
def test_a_device_comes_back_to_its_session_or_to_none(advised: Advised, present: int) -> None:
    name = "MQTT_Persistent_Session_Happy_Case" if present else "MQTT_Expired_Persistent_Session"
    run = start(advised, name, PAYLOAD_FOR_PUBLISH_VALIDATION="while away")
    with plain_device(advised) as device:
        device.connect(clean=False)
        assert device.receive() == (CONNACK, bytes(2))
        device.subscribe(f"{device.client_id}/x")
        assert device.receive()[0] == SUBACK
        assert device.receive() == (0, b"")
    with plain_device(advised) as device:
        device.connect(clean=False)
        assert device.receive() == (CONNACK, bytes([present, 0]))
        if present:
            kind, content = device.receive()
            assert (kind, content[-10:]) == (PUBLISH, b"while away")
            device.acknowledge(content)
        else:
            assert device.hears_nothing()
            device.subscribe(f"{device.client_id}/x")
        assert result(advised, run)[0] == "PASS"


def test_a_shadow_asks_for_another_state_once(core: LocalCore) -> None:
    advised = Advised(core, core.provision(statements=everything_but_shadows()))
    update = f"$aws/things/{advised.device.name}/shadow/update"
    run = start(advised, "Shadow_Update_Reported_State")
    with plain_device(advised) as device:
        device.connect()
        device.receive()
        device.subscribe(f"{update}/delta", 0)
        assert device.receive()[0] == SUBACK
        device.publish(update, b'{"state":{"reported":{"on":true}}}')
        kind, content = device.receive()
        assert kind == PUBLISH
        assert json.loads(content[content.index(b"{") :])["state"] == {"on": False}
        assert device.hears_nothing()
        device.publish(update, b'{"state":{"reported":{"on":false}}}')
        assert result(advised, run)[0] == "PASS"


def test_a_device_without_rights_of_its_own_may_use_any_topic_where_the_test_says_so(core: LocalCore) -> None:
    advised = Advised(core, core.provision(statements=everything_but_shadows()))
    for wide, outcome in (({}, "FAIL"), ({"KITBENCH_ANY_TOPIC": "1"}, "PASS")):
        run = start(advised, "MQTT_Subscribe", **wide)
        with plain_device(advised) as device:
            device.connect()
            device.receive()
            device.subscribe("hall/lamp")
            device.receive()
            assert result(advised, run)[0] == outcome


def everything_but_shadows() -> list[dict[str, Any]]:
    """Statements of a device whose policy does not name its shadow: the test's role does."""
    return [{"Effect": "Allow", "Action": "iot:Connect", "Resource": f"{ARN}:client/*"}]


def test_a_retained_message_is_kept_though_the_policy_has_no_word_of_it(core: LocalCore) -> None:
    rights = [*everything_but_shadows(), {"Effect": "Allow", "Action": "iot:Publish", "Resource": f"{ARN}:topic/up"}]
    advised = Advised(core, core.provision(statements=rights))
    run = start(advised, "MQTT_Publish_Retained_Messages")
    with advised.client() as client:
        client.connect("localhost", advised.port)
        client.publish("up", b"here", 1, retain=True)
        client.loop_start()
        assert result(advised, run)[0] == "PASS"
