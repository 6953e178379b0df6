"""The Jobs service judged by boto3 and by the jobs clients of AWS's own SDK, unmodified."""

import json
import queue
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from awscrt import mqtt, mqtt5, mqtt_request_response
from awsiot import V2ServiceException, iotjobs, mqtt5_client_builder, mqtt_connection_builder
from botocore.exceptions import ClientError

from tests.conformance.local_iot_core_process import ARN, Device, LocalCore, running_local_iot_core
from tests.conformance.mqtt_client import MqttClient

TIMEOUT_S = 20
ALLOW_ALL = {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}


@pytest.fixture(name="core", scope="module")
def _core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCore]:
    with running_local_iot_core(tmp_path_factory.mktemp("core") / "events.jsonl") as core:
        yield core


@pytest.fixture(name="iot", scope="module")
def _iot(core: LocalCore) -> Any:
    return core.client()


@pytest.fixture(name="data", scope="module")
def _data(core: LocalCore) -> Any:
    return core.client("iot-jobs-data")


def code_of(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


def new_thing(iot: Any) -> str:
    name = f"thing-{uuid.uuid4().hex[:8]}"
    iot.create_thing(thingName=name)
    return name


def new_job(iot: Any, *targets: str, **arguments: Any) -> str:
    """Make a job for things or groups, by the end of their ARN."""
    job_id = f"job-{uuid.uuid4().hex[:8]}"
    document = json.dumps({"operation": job_id})
    arns = [f"{ARN}:{target}" if "/" in target else f"{ARN}:thing/{target}" for target in targets]
    iot.create_job(jobId=job_id, targets=arns, document=document, **arguments)
    return job_id


class TestControlPlane:
    def test_job_is_described_listed_and_its_document_read(self, iot: Any) -> None:
        thing = new_thing(iot)
        job = new_job(iot, thing, description="reboot", timeoutConfig={"inProgressTimeoutInMinutes": 5})
        described = iot.describe_job(jobId=job)["job"]
        [listed] = [one for one in iot.list_jobs(status="IN_PROGRESS")["jobs"] if one["jobId"] == job]

        assert (described["status"], described["description"]) == ("IN_PROGRESS", "reboot")
        assert described["targets"] == [f"{ARN}:thing/{thing}"]
        assert described["timeoutConfig"] == {"inProgressTimeoutInMinutes": 5}
        assert described["jobProcessDetails"]["numberOfQueuedThings"] == 1
        assert listed["createdAt"].timestamp() == pytest.approx(time.time(), abs=60)
        assert json.loads(iot.get_job_document(jobId=job)["document"]) == {"operation": job}
        assert [one["jobId"] for one in iot.list_jobs(targetSelection="CONTINUOUS")["jobs"]] == []

    def test_executions_are_listed_by_job_and_by_thing(self, iot: Any) -> None:
        first, second = new_thing(iot), new_thing(iot)
        job = new_job(iot, first, second)
        of_job = iot.list_job_executions_for_job(jobId=job)["executionSummaries"]
        [of_thing] = iot.list_job_executions_for_thing(thingName=first, status="QUEUED")["executionSummaries"]
        page = iot.list_job_executions_for_job(jobId=job, maxResults=1)

        assert {one["thingArn"] for one in of_job} == {f"{ARN}:thing/{first}", f"{ARN}:thing/{second}"}
        assert of_thing["jobId"] == job
        assert len(page["executionSummaries"]) == 1
        assert len(iot.list_job_executions_for_job(jobId=job, nextToken=page["nextToken"])["executionSummaries"]) == 1

    def test_updated_timeout_holds_for_what_begins_later(self, iot: Any, data: Any) -> None:
        thing = new_thing(iot)
        job = new_job(iot, thing)
        iot.update_job(jobId=job, description="now with a limit", timeoutConfig={"inProgressTimeoutInMinutes": 2})
        begun = data.start_next_pending_job_execution(thingName=thing)["execution"]

        assert 60 < begun["approximateSecondsBeforeTimedOut"] <= 120
        assert iot.describe_job(jobId=job)["job"]["description"] == "now with a limit"

    def test_cancelled_job_lets_what_is_in_progress_go_on_unless_forced(self, iot: Any, data: Any) -> None:
        busy, waiting = new_thing(iot), new_thing(iot)
        job = new_job(iot, busy, waiting)
        data.start_next_pending_job_execution(thingName=busy)
        iot.cancel_job(jobId=job, reasonCode="WRONG", comment="another image")
        described = iot.describe_job(jobId=job)["job"]

        def state(thing: str) -> str:
            return str(iot.describe_job_execution(jobId=job, thingName=thing)["execution"]["status"])

        assert (described["status"], described["reasonCode"]) == ("CANCELED", "WRONG")
        assert (state(busy), state(waiting)) == ("IN_PROGRESS", "CANCELED")
        assert code_of(iot.cancel_job_execution, jobId=job, thingName=busy) == "InvalidStateTransitionException"
        wrong = {"jobId": job, "thingName": busy, "force": True, "expectedVersion": 7}
        assert code_of(iot.cancel_job_execution, **wrong) == "VersionConflictException"
        iot.cancel_job_execution(jobId=job, thingName=busy, force=True, statusDetails={"by": "hand"})
        forced = iot.describe_job_execution(jobId=job, thingName=busy)["execution"]
        assert (forced["status"], forced["forceCanceled"]) == ("CANCELED", True)
        assert forced["statusDetails"] == {"detailsMap": {"by": "hand"}}

    def test_job_and_execution_are_deleted_when_they_are_over(self, iot: Any) -> None:
        first, second = new_thing(iot), new_thing(iot)
        job = new_job(iot, first, second)
        number = iot.describe_job_execution(jobId=job, thingName=first)["execution"]["executionNumber"]
        one = {"jobId": job, "thingName": first, "executionNumber": number}
        early = (code_of(iot.delete_job_execution, **one), code_of(iot.delete_job, jobId=job))
        iot.delete_job_execution(**one, force=True)
        left = iot.list_job_executions_for_job(jobId=job)["executionSummaries"]
        iot.delete_job(jobId=job, force=True)

        assert early == ("InvalidStateTransitionException", "InvalidStateTransitionException")
        assert [item["thingArn"] for item in left] == [f"{ARN}:thing/{second}"]
        assert code_of(iot.describe_job, jobId=job) == "ResourceNotFoundException"
        assert iot.list_job_executions_for_thing(thingName=second)["executionSummaries"] == []

    def test_snapshot_reaches_who_is_in_the_group_and_continuous_who_comes(self, iot: Any) -> None:
        early, late = new_thing(iot), new_thing(iot)
        floor, room = f"floor-{early}", f"room-{early}"
        iot.create_thing_group(thingGroupName=floor)
        iot.create_thing_group(thingGroupName=room, parentGroupName=floor)
        iot.add_thing_to_thing_group(thingName=early, thingGroupName=room)
        snapshot = new_job(iot, f"thinggroup/{floor}")
        continuous = new_job(iot, f"thinggroup/{floor}", targetSelection="CONTINUOUS")
        iot.add_thing_to_thing_group(thingName=late, thingGroupName=floor)

        def reached(job: str) -> set[str]:
            found = iot.list_job_executions_for_job(jobId=job)["executionSummaries"]
            return {one["thingArn"].rpartition("/")[2] for one in found}

        assert reached(snapshot) == {early}
        assert reached(continuous) == {early, late}
        assert [one["jobId"] for one in iot.list_jobs(thingGroupName=floor)["jobs"]] == [continuous, snapshot]
        iot.remove_thing_from_thing_group(thingName=late, thingGroupName=floor)
        removed = iot.describe_job_execution(jobId=continuous, thingName=late)["execution"]["status"]
        assert removed == "REMOVED"

    def test_targets_are_added_to_a_continuous_job_only(self, iot: Any) -> None:
        first, second = new_thing(iot), new_thing(iot)
        snapshot, continuous = new_job(iot, first), new_job(iot, first, targetSelection="CONTINUOUS")
        iot.associate_targets_with_job(jobId=continuous, targets=[f"{ARN}:thing/{second}"])
        given = {"jobId": snapshot, "targets": [f"{ARN}:thing/{second}"]}

        assert len(iot.list_job_executions_for_job(jobId=continuous)["executionSummaries"]) == 2
        assert code_of(iot.associate_targets_with_job, **given) == "InvalidRequestException"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"document": "no JSON"}, "InvalidRequestException"),
            ({"document": "[1]"}, "InvalidRequestException"),
            ({"document": '{"url": "${aws:iot:s3-presigned-url:https://s3/x}"}'}, "NotImplementedException"),
            ({"document": None, "documentSource": "https://s3.amazonaws.com/b/k"}, "NotImplementedException"),
            ({"jobExecutionsRolloutConfig": {"maximumPerMinute": 5}}, "NotImplementedException"),
            ({"timeoutConfig": {"inProgressTimeoutInMinutes": 10_081}}, "InvalidRequestException"),
            ({"targets": [f"{ARN}:thing/nobody"]}, "ResourceNotFoundException"),
            ({"targets": [f"{ARN}:thinggroup/nowhere"]}, "ResourceNotFoundException"),
            ({"jobId": "with space"}, "InvalidRequestException"),
        ],
    )
    def test_bad_job_is_refused_and_nothing_is_queued(self, iot: Any, change: dict[str, Any], code: str) -> None:
        thing = new_thing(iot)
        good = {"jobId": f"bad-{thing}", "targets": [f"{ARN}:thing/{thing}"], "document": "{}"}
        given = {name: value for name, value in (good | change).items() if value is not None}

        assert code_of(iot.create_job, **given) == code
        assert iot.list_job_executions_for_thing(thingName=thing)["executionSummaries"] == []

    def test_same_id_is_a_conflict(self, iot: Any) -> None:
        thing = new_thing(iot)
        given = {"jobId": new_job(iot, thing), "targets": [f"{ARN}:thing/{thing}"], "document": "{}"}

        assert code_of(iot.create_job, **given) == "ResourceAlreadyExistsException"


class TestHttps:
    def test_device_works_off_what_is_pending(self, iot: Any, data: Any) -> None:
        thing = new_thing(iot)
        first, second = new_job(iot, thing), new_job(iot, thing)
        queued = [one["jobId"] for one in data.get_pending_job_executions(thingName=thing)["queuedJobs"]]
        begun = data.start_next_pending_job_execution(thingName=thing, statusDetails={"step": "1"})["execution"]
        again = data.start_next_pending_job_execution(thingName=thing)["execution"]
        told = data.update_job_execution(
            jobId=first,
            thingName=thing,
            status="SUCCEEDED",
            expectedVersion=begun["versionNumber"],
            includeJobExecutionState=True,
            includeJobDocument=True,
        )
        following = data.describe_job_execution(jobId="$next", thingName=thing)["execution"]

        assert queued == [first, second]
        assert (begun["jobId"], begun["status"], begun["statusDetails"]) == (first, "IN_PROGRESS", {"step": "1"})
        assert (again["jobId"], again["versionNumber"]) == (first, begun["versionNumber"])
        assert told["executionState"]["status"] == "SUCCEEDED"
        assert json.loads(told["jobDocument"]) == {"operation": first}
        assert (following["jobId"], following["status"]) == (second, "QUEUED")
        assert iot.describe_job(jobId=first)["job"]["status"] == "COMPLETED"

    def test_refusals_have_their_names(self, iot: Any, data: Any) -> None:
        thing = new_thing(iot)
        job = new_job(iot, thing)
        one = {"jobId": job, "thingName": thing}

        assert code_of(data.update_job_execution, **one, status="SUCCEEDED", expectedVersion=9) == "VersionMismatch"
        data.update_job_execution(**one, status="FAILED")
        late = code_of(data.update_job_execution, **one, status="IN_PROGRESS")
        assert late == "InvalidStateTransitionException"
        assert code_of(data.describe_job_execution, **one) == "TerminalStateException"
        assert code_of(data.describe_job_execution, jobId="none", thingName=thing) == "ResourceNotFoundException"
        assert code_of(data.get_pending_job_executions, thingName="nobody") == "ResourceNotFoundException"
        assert "execution" not in data.start_next_pending_job_execution(thingName=thing)

    def test_endpoint_of_jobs_is_named(self, core: LocalCore, iot: Any) -> None:
        assert iot.describe_endpoint(endpointType="iot:Jobs")["endpointAddress"] == core.endpoint["mqtt_host"]


def connection(core: LocalCore, device: Device) -> Any:
    return mqtt_connection_builder.mtls_from_bytes(
        device.certificate_pem.encode(),
        device.key_pem.encode(),
        endpoint=core.endpoint["mqtt_host"],
        port=core.port,
        ca_filepath=core.ca_file,
        client_id=device.name,
        clean_session=True,
    )


class TestClientOfMqtt3:
    def test_device_hears_of_a_job_starts_and_finishes_it(self, core: LocalCore, iot: Any) -> None:
        """The calls of AWS's jobs sample."""
        device = core.provision(statements=[ALLOW_ALL])
        mqtt3 = connection(core, device)
        mqtt3.connect().result(TIMEOUT_S)
        client = iotjobs.IotJobsClient(mqtt3)
        events: queue.Queue[Any] = queue.Queue()
        qos, thing = mqtt.QoS.AT_LEAST_ONCE, {"thing_name": device.name}
        begin, update = iotjobs.StartNextPendingJobExecutionSubscriptionRequest(**thing), {"job_id": "+", **thing}
        for subscribe, request in (
            (
                client.subscribe_to_next_job_execution_changed_events,
                iotjobs.NextJobExecutionChangedSubscriptionRequest(**thing),
            ),
            (client.subscribe_to_start_next_pending_job_execution_accepted, begin),
            (
                client.subscribe_to_update_job_execution_accepted,
                iotjobs.UpdateJobExecutionSubscriptionRequest(**update),
            ),
        ):
            subscribe(request, qos, events.put)[0].result(TIMEOUT_S)

        job = new_job(iot, device.name)
        told = events.get(timeout=TIMEOUT_S).execution
        client.publish_start_next_pending_job_execution(
            iotjobs.StartNextPendingJobExecutionRequest(**thing, client_token="t"), qos
        ).result(TIMEOUT_S)
        begun = events.get(timeout=TIMEOUT_S)
        client.publish_update_job_execution(
            iotjobs.UpdateJobExecutionRequest(
                **thing, job_id=job, status=iotjobs.JobStatus.SUCCEEDED, include_job_execution_state=True
            ),
            qos,
        ).result(TIMEOUT_S)
        last = [events.get(timeout=TIMEOUT_S) for _ in range(2)]
        mqtt3.disconnect().result(TIMEOUT_S)

        assert (told.job_id, told.job_document, told.status) == (job, {"operation": job}, "QUEUED")
        assert (begun.execution.job_id, begun.client_token) == (job, "t")
        [done] = [one for one in last if isinstance(one, iotjobs.UpdateJobExecutionResponse)]
        [none] = [one for one in last if isinstance(one, iotjobs.NextJobExecutionChangedEvent)]
        assert (done.execution_state.status, done.execution_state.version_number) == ("SUCCEEDED", 3)
        assert none.execution is None
        assert iot.describe_job(jobId=job)["job"]["status"] == "COMPLETED"


@pytest.fixture(name="jobs")
def _jobs(core: LocalCore) -> Iterator[tuple[Device, Any]]:
    """Return a device and its jobs client of MQTT 5, of the SDK's second generation."""
    device = core.provision(statements=[ALLOW_ALL])
    connected: queue.Queue[Any] = queue.Queue()
    client = mqtt5_client_builder.mtls_from_bytes(
        device.certificate_pem.encode(),
        device.key_pem.encode(),
        endpoint="localhost",
        port=core.port,
        ca_filepath=core.ca_file,
        connect_options=mqtt5.ConnectPacket(client_id=device.name),
        on_lifecycle_connection_success=connected.put,
    )
    client.start()
    connected.get(timeout=TIMEOUT_S)
    options = mqtt_request_response.ClientOptions(max_request_response_subscriptions=2, max_streaming_subscriptions=2)
    options.operation_timeout_in_seconds = TIMEOUT_S
    yield device, iotjobs.IotJobsClientV2(client, options)
    client.stop()


class TestClientOfMqtt5:
    def test_every_request_is_answered(self, iot: Any, jobs: tuple[Device, Any]) -> None:
        device, client = jobs
        thing = {"thing_name": device.name}
        job = new_job(iot, device.name)
        pending = client.get_pending_job_executions(iotjobs.GetPendingJobExecutionsRequest(**thing)).result(TIMEOUT_S)
        described = client.describe_job_execution(
            iotjobs.DescribeJobExecutionRequest(**thing, job_id="$next", include_job_document=False)
        ).result(TIMEOUT_S)
        begun = client.start_next_pending_job_execution(
            iotjobs.StartNextPendingJobExecutionRequest(**thing, step_timeout_in_minutes=7)
        ).result(TIMEOUT_S)
        done = client.update_job_execution(
            iotjobs.UpdateJobExecutionRequest(**thing, job_id=job, status="REJECTED", status_details={"why": "old"})
        ).result(TIMEOUT_S)

        assert [one.job_id for one in pending.queued_jobs] == [job]
        assert (described.execution.job_id, described.execution.job_document) == (job, None)
        assert (begun.execution.status, begun.execution.execution_number) == ("IN_PROGRESS", 1)
        assert done.execution_state is None
        shown = iot.describe_job_execution(jobId=job, thingName=device.name)["execution"]
        assert (shown["status"], shown["statusDetails"]["detailsMap"]) == ("REJECTED", {"why": "old"})

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"status": "CANCELED"}, "InvalidRequest"),
            ({"status": "IN_PROGRESS", "expected_version": 5}, "VersionMismatch"),
            ({"job_id": "nowhere"}, "ResourceNotFound"),
            ({"status_details": {"a b": "x"}}, "InvalidRequest"),
            ({"step_timeout_in_minutes": 0}, "InvalidRequest"),
        ],
    )
    def test_update_is_rejected_with_its_code(
        self, iot: Any, jobs: tuple[Device, Any], changed: dict[str, Any], code: str
    ) -> None:
        device, client = jobs
        job = new_job(iot, device.name)
        given = {"thing_name": device.name, "job_id": job, "status": "SUCCEEDED"} | changed

        with pytest.raises(V2ServiceException) as caught:
            client.update_job_execution(iotjobs.UpdateJobExecutionRequest(**given)).result(TIMEOUT_S)

        assert caught.value.modeled_error.code == code
        assert iot.describe_job_execution(jobId=job, thingName=device.name)["execution"]["status"] == "QUEUED"

    def test_state_comes_with_a_transition_that_is_not_allowed(self, iot: Any, jobs: tuple[Device, Any]) -> None:
        device, client = jobs
        job = new_job(iot, device.name)
        given = {"thing_name": device.name, "job_id": job}
        client.update_job_execution(iotjobs.UpdateJobExecutionRequest(**given, status="FAILED")).result(TIMEOUT_S)

        with pytest.raises(V2ServiceException) as late:
            client.update_job_execution(iotjobs.UpdateJobExecutionRequest(**given, status="SUCCEEDED")).result(
                TIMEOUT_S
            )
        with pytest.raises(V2ServiceException) as over:
            client.describe_job_execution(iotjobs.DescribeJobExecutionRequest(**given)).result(TIMEOUT_S)

        assert late.value.modeled_error.code == "InvalidStateTransition"
        assert late.value.modeled_error.execution_state.status == "FAILED"
        assert over.value.modeled_error.code == "TerminalStateReached"


class TestPolicies:
    def test_device_that_may_not_publish_to_its_jobs_is_hung_up_on(self, core: LocalCore) -> None:
        device = core.provision()
        with MqttClient(core, device) as client:
            client.publish(f"$aws/things/{device.name}/jobs/get", b"{}")
            time.sleep(0.5)

        [reason] = core.reasons("publish_refused", device.name)
        assert "iot:Publish" in reason

    def test_answer_is_for_the_asker_alone_and_needs_iot_receive(self, core: LocalCore, iot: Any) -> None:
        asker, listener = core.provision(statements=[ALLOW_ALL]), core.provision(statements=[ALLOW_ALL])
        deaf = core.provision(
            statements=[{"Effect": "Allow", "Action": ["iot:Connect", "iot:Publish"], "Resource": "*"}]
        )
        topic = f"$aws/things/{asker.name}/jobs/"
        with MqttClient(core, listener, subscribe=f"{topic}#") as other, MqttClient(core, asker) as client:
            client.publish(f"{topic}start-next", b'{"clientToken": "mine"}')
            answered = json.loads(client.next_payload())
            new_job(iot, asker.name)
            heard = [json.loads(other.next_payload()) for _ in range(3)]
        with MqttClient(core, deaf) as client:
            client.publish(f"$aws/things/{deaf.name}/jobs/get", b"{}")
            time.sleep(0.5)

        assert answered["clientToken"] == "mine"
        assert [set(one) for one in heard] == [{"clientToken"}, {"timestamp", "jobs"}, {"timestamp", "execution"}]
        assert "iot:Receive" in core.reasons("delivery_refused", deaf.name)[0]

    def test_what_the_service_says_is_not_for_clients_to_publish(self, core: LocalCore) -> None:
        device = core.provision(statements=[ALLOW_ALL])
        with MqttClient(core, device) as client:
            client.publish(f"$aws/things/{device.name}/jobs/notify-next", b"{}")
            time.sleep(0.5)

        assert "is reserved" in core.reasons("publish_refused", device.name)[0]

    def test_rejected_request_is_recorded_with_its_reason(self, core: LocalCore) -> None:
        device = core.provision(statements=[ALLOW_ALL])
        with MqttClient(core, device) as client:
            client.publish(f"$aws/things/{device.name}/jobs/get", b"no JSON")
            answered = json.loads(client.next_payload())

        assert answered["code"] == "InvalidJson"
        assert core.reasons("request_rejected", device.name) == ["InvalidJson: payload is not JSON"]
