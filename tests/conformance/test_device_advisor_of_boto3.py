"""Device Advisor of the local IoT core, driven by boto3, with plain devices on the wire."""

import json
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import paho.mqtt.client as paho
import pytest
from botocore.exceptions import ClientError

from tests.conformance.advised_device import LONG_S, Advised, status_and_words, subscribing, suite_of
from tests.conformance.local_iot_core_process import LocalCore, running_local_iot_core


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


def test_a_good_device_passes_a_suite_in_its_order_and_the_report_says_what_it_is(advised: Advised) -> None:
    run = advised.start("TLS_Connect", "MQTT_Connect", "MQTT_Subscribe", "MQTT_Publish", EXECUTION_TIMEOUT="120")
    with advised.client() as client:
        client.on_connect = subscribing(f"{advised.device.name}/x")
        client.loop_start()
        tests = advised.results(run)

    assert [test["status"] for test in tests] == ["PASS"] * 4
    assert tests[0]["testCaseDefinitionName"] == "my TLS_Connect"
    url = advised.api.get_suite_run_report(**run)["qualificationReportDownloadUrl"]
    with urlopen(url) as page, urlopen(url.replace(".html", ".json")) as values:
        assert "not AWS&#x27;s qualification" in page.read().decode()
        report = json.load(values)
    assert report["seen"] == "wire only"
    assert any("CONNECT" in line for line in report["tests"][1]["wire"])
    listed = advised.api.list_suite_runs(suiteDefinitionId=run["suiteDefinitionId"])["suiteRunsList"]
    assert [(one["status"], one["passed"], one["failed"]) for one in listed] == [("PASS", 4, 0)]


@pytest.mark.parametrize(
    ("test_id", "word"),
    [
        ("TLS_Unsecure_Server_Cert", "self-signed certificate in certificate chain"),
        ("TLS_Incorrect_Subject_Name_Server_Cert", "Hostname mismatch"),
        ("TLS_Expired_Server_Cert", "certificate has expired"),
    ],
)
def test_bad_certificates_are_seen_by_a_strict_client_and_taken_by_a_careless_one(
    advised: Advised, test_id: str, word: str
) -> None:
    run = advised.start(test_id, EXECUTION_TIMEOUT="120")
    with pytest.raises(ssl.SSLCertVerificationError, match=word):
        shake_hands(advised, advised.context())
    shake_hands(advised, advised.context())
    assert status_and_words(advised.results(run)[0])[0] == "PASS"

    run = advised.start(test_id, EXECUTION_TIMEOUT="120")
    careless = advised.context()
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    with advised.client(context=careless) as client:
        client.loop_start()
        status, words = status_and_words(advised.results(run)[0])
    assert status == "FAIL"
    assert "sent data" in words


def shake_hands(advised: Advised, context: ssl.SSLContext) -> int:
    """Complete TLS and hang up; return the size of the server's certificate."""
    with (
        socket.create_connection(("localhost", advised.port), 10) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as tls,
    ):
        return len(tls.getpeercert(binary_form=True) or b"")


def test_the_large_certificate_is_some_times_as_large(advised: Advised) -> None:
    run = advised.start("TLS_Connect", "TLS_Large_Size_Server_Cert", EXECUTION_TIMEOUT="120")
    usual = shake_hands(advised, advised.context())
    wait_until_second(advised, run)
    large = shake_hands(advised, advised.context())
    assert [test["status"] for test in advised.results(run)] == ["PASS", "PASS"]
    assert large > 4 * usual


def wait_until_second(advised: Advised, run: dict[str, str]) -> None:
    """Wait until the first test of a run has ended and the second has begun."""
    deadline = time.monotonic() + LONG_S
    while True:
        tests = advised.api.get_suite_run(**run)["testResult"]["groups"][0]["tests"]
        if tests[1]["status"] != "PENDING":
            return
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_client_without_aws_cipher_suites_fails(advised: Advised) -> None:
    run = advised.start("TLS_Support_AWS_IoT_Cipher_Suites", EXECUTION_TIMEOUT="120")
    context = advised.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-CCM")
    with pytest.raises(OSError, match=r"(?i)handshake|alert|reset"):
        shake_hands(advised, context)
    status, words = status_and_words(advised.results(run)[0])
    assert status == "FAIL"
    assert "0xc0ac" in words


@pytest.mark.parametrize("test_id", ["TLS_Receive_Maximum_Size_Fragments", "MQTT_Client_Puback_Qos1"])
def test_a_message_with_qos_1_comes_and_is_acknowledged_or_not(advised: Advised, test_id: str) -> None:
    run = advised.start(test_id, EXECUTION_TIMEOUT="120")
    sizes: list[int] = []
    with advised.client() as client:
        client.on_connect = subscribing(f"{advised.device.name}/x")
        client.on_message = lambda _client, _data, message: sizes.append(len(message.payload))
        client.loop_start()
        status, _ = status_and_words(advised.results(run)[0])
    assert status == "PASS"
    assert max(sizes) == (2 * 16384 if test_id.startswith("TLS") else 29)

    def acknowledge_nothing(client: paho.Client) -> None:
        client.manual_ack_set(True)
        client.on_connect = subscribing(f"{advised.device.name}/x")

    assert advised.judged(test_id, acknowledge_nothing)[0] == "FAIL"


def test_a_broker_that_sends_no_suback_no_puback_and_no_pingresp_is_silent_in_that_alone(advised: Advised) -> None:
    heard: list[str] = []
    run = advised.start("MQTT_No_Ack_PingResp", EXECUTION_TIMEOUT="120")

    def on_connect(client: Any, *_: Any) -> None:
        heard.append("connack")
        client.subscribe(f"{advised.device.name}/x", 1)

    with advised.client(keep_alive_s=1) as client:
        client.on_connect = on_connect
        client.on_subscribe = lambda *_: heard.append("suback")
        client.on_disconnect = lambda *_: heard.append("hung up")
        client.loop_start()
        status, words = status_and_words(advised.results(run)[0])
    assert (status, heard[:2]) == ("PASS", ["connack", "hung up"])
    assert "PINGREQ that nobody answered" in words


@pytest.mark.parametrize(
    ("test_id", "silent"), [("MQTT_Publish_Retry_No_Puback", "puback"), ("MQTT_Subscribe_Retry_No_Suback", "suback")]
)
def test_a_client_that_does_not_retry_fails(advised: Advised, test_id: str, silent: str) -> None:
    heard: set[str] = set()

    def on_connect(client: Any, *_: Any) -> None:
        client.subscribe(f"{advised.device.name}/x", 0)
        client.publish(f"{advised.device.name}/x", b"1", 1)

    def ask_once(client: paho.Client) -> None:
        client.on_connect = on_connect
        client.on_subscribe = lambda *_: heard.add("suback")
        client.on_publish = lambda *_: heard.add("puback")

    status, words = advised.judged(test_id, ask_once)
    assert status == "FAIL"
    assert "did not come again" in words
    assert heard == {{"puback": "suback", "suback": "puback"}[silent]}


@pytest.mark.parametrize(("last", "status"), [("SUCCEEDED", "PASS"), ("FAILED", "FAIL"), ("IN_PROGRESS", "FAIL")])
def test_a_device_does_its_job_or_does_not(advised: Advised, last: str, status: str) -> None:
    topic = f"$aws/things/{advised.device.name}/jobs"
    documents: list[Any] = []

    def on_message(client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        execution = json.loads(message.payload).get("execution")
        if execution:
            documents.append(execution["jobDocument"])
            for state in ("IN_PROGRESS", last):
                client.publish(f"{topic}/{execution['jobId']}/update", json.dumps({"status": state}), 1)

    def listen(client: paho.Client, *_: Any) -> None:
        # And no more: who publishes on a topic that is AWS's own loses the connection.
        client.subscribe(f"{topic}/notify-next", 1)

    def work(client: paho.Client) -> None:
        client.on_message = on_message
        client.on_connect = listen

    found, words = advised.judged("Job_Execution", work, JOB_DOCUMENT='{"operation": "reboot"}', JOB_JOBID="night-7")
    assert (found, "night-7" in words) == (status, True), words
    assert documents[0] == {"operation": "reboot"}


def test_a_constant_second_of_waiting_fails_and_the_endpoint_hangs_up_at_intervals(advised: Advised) -> None:
    run = advised.start("MQTT_Reconnect_Backoff_Retries_On_Unstable_Connection", EXECUTION_TIMEOUT="120")
    heard: list[str] = []
    with advised.client() as client:
        client.on_connect = lambda *_: heard.append("connack")
        client.on_disconnect = lambda *_: heard.append("hung up")
        client.loop_start()
        status, words = status_and_words(advised.results(run)[0])
    assert status == "FAIL"
    assert "constant" in words
    assert heard[:6] == ["connack", "hung up"] * 3


def test_one_run_at_a_time_unless_in_parallel_and_a_run_can_be_stopped(advised: Advised) -> None:
    first = advised.start("MQTT_Connect")
    with pytest.raises(ClientError, match="ConflictException"):
        advised.start("MQTT_Connect")
    parallel = advised.api.start_suite_run(
        suiteDefinitionId=first["suiteDefinitionId"],
        suiteRunConfiguration={"primaryDevice": advised.primary, "parallelRun": True},
    )
    assert (
        parallel["endpoint"] == advised.api.get_endpoint(**advised.primary)["endpoint"] != f"localhost:{advised.port}"
    )
    for run_id in (first["suiteRunId"], parallel["suiteRunId"]):
        ids = {"suiteDefinitionId": first["suiteDefinitionId"], "suiteRunId": run_id}
        advised.api.stop_suite_run(**ids)
        assert advised.api.get_suite_run(**ids)["status"] == "STOPPED"


def test_another_device_is_nobody_and_its_connections_are_told(core: LocalCore, advised: Advised) -> None:
    stranger = Advised(core, core.provision())
    for timeout_s in (3, 9, 27, 81):
        run = advised.start("MQTT_Connect", EXECUTION_TIMEOUT=str(timeout_s))
        with stranger.client() as client:
            client.loop_start()
            status, words = status_and_words(advised.results(run)[0])
        assert status == "ERROR"
        if "connections" in words:
            break
    assert "connections of other devices" in words


def test_suites_are_kept_changed_listed_and_deleted(advised: Advised) -> None:
    api = advised.api
    made = api.create_suite_definition(suiteDefinitionConfiguration=suite_of("MQTT_Connect"), tags={"a": "b"})
    ids = {"suiteDefinitionId": made["suiteDefinitionId"]}
    changed = api.update_suite_definition(**ids, suiteDefinitionConfiguration=suite_of("TLS_Connect", "MQTT_Publish"))
    got = api.get_suite_definition(**ids)
    tests = json.loads(got["suiteDefinitionConfiguration"]["rootGroup"])["tests"][0]["tests"]
    assert (changed["suiteDefinitionVersion"], got["latestVersion"], got["tags"]) == ("v2", "v2", {"a": "b"})
    assert [test["test"]["id"] for test in tests] == ["TLS_Connect", "MQTT_Publish"]

    run = api.start_suite_run(
        **ids, suiteRunConfiguration={"primaryDevice": advised.primary, "selectedTestList": [tests[1]["id"]]}
    )
    ran = api.get_suite_run(**ids, suiteRunId=run["suiteRunId"])["testResult"]["groups"][0]["tests"]
    assert [test["testCaseDefinitionName"] for test in ran] == ["my MQTT_Publish"]
    with pytest.raises(ClientError, match="under way"):
        api.delete_suite_definition(**ids)
    api.stop_suite_run(**ids, suiteRunId=run["suiteRunId"])
    api.delete_suite_definition(**ids)
    listed = api.list_suite_definitions()["suiteDefinitionInformationList"]
    assert ids["suiteDefinitionId"] not in [one["suiteDefinitionId"] for one in listed]


def test_suites_and_runs_carry_tags(advised: Advised) -> None:
    api = advised.api
    suite = api.create_suite_definition(suiteDefinitionConfiguration=suite_of("MQTT_Connect"), tags={"a": "b"})
    ids = {"suiteDefinitionId": suite["suiteDefinitionId"]}
    run = api.start_suite_run(**ids, suiteRunConfiguration={"primaryDevice": advised.primary}, tags={"run": "1"})

    api.tag_resource(resourceArn=suite["suiteDefinitionArn"], tags={"a": "c", "team": "x y"})
    api.tag_resource(resourceArn=run["suiteRunArn"], tags={"night": "2"})
    assert api.list_tags_for_resource(resourceArn=suite["suiteDefinitionArn"])["tags"] == {"a": "c", "team": "x y"}
    api.untag_resource(resourceArn=suite["suiteDefinitionArn"], tagKeys=["a", "team", "never"])
    assert api.get_suite_definition(**ids)["tags"] == {}
    assert api.get_suite_run(**ids, suiteRunId=run["suiteRunId"])["tags"] == {"run": "1", "night": "2"}

    with pytest.raises(ClientError, match="at most 50"):
        api.tag_resource(resourceArn=run["suiteRunArn"], tags={str(number): "x" for number in range(49)})
    assert len(api.list_tags_for_resource(resourceArn=run["suiteRunArn"])["tags"]) == 2
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        api.list_tags_for_resource(resourceArn=suite["suiteDefinitionArn"][:-1] + "?")


def test_what_is_not_there_or_not_modelled_is_refused_in_words(
    core: LocalCore, advised: Advised, tmp_path: Path
) -> None:
    del tmp_path
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        advised.api.get_suite_run(suiteDefinitionId="0" * 36, suiteRunId="0" * 36)
    with pytest.raises(ClientError, match="MQTT_Long_Duration of Device Advisor is not modelled"):
        advised.start("MQTT_Long_Duration")
    with pytest.raises(ClientError, match="JOB_JOBID without JOB_DOCUMENT"):
        advised.start("Job_Execution", JOB_JOBID="mine")
    with pytest.raises(ClientError, match="JOB_DOCUMENT_SOURCE' is not modelled"):
        advised.start("Job_Execution", JOB_DOCUMENT_SOURCE="https://s3.amazonaws.com/bucket/key")
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{core.endpoint['endpoint_url']}/device-advisor/guess/report.html")
