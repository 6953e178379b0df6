"""The local core's services, driven by the AWS CLI as a course's hand-out does it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conformance.aws_cli import AwsCli
from tests.conformance.local_iot_core_process import ARN, running_local_iot_core
from tests.optional_part import AWS_CLI

pytestmark = AWS_CLI.needed

TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ALLOW: Final = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture(name="aws", scope="module")
def _aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsCli]:
    folder = tmp_path_factory.mktemp("core")
    with running_local_iot_core(folder / "events.jsonl") as core:
        yield AwsCli(core, folder)


@pytest.fixture(name="role", scope="module")
def _role(aws: AwsCli) -> str:
    """The ARN of a role that AWS IoT may assume, and that may do everything."""
    trust = ("--assume-role-policy-document", json.dumps(TRUST))
    made = aws.ask("iam", "create-role", "--role-name", "lab", *trust)
    policy = ("--policy-name", "all", "--policy-document", json.dumps(ALLOW))
    aws.ask("iam", "put-role-policy", "--role-name", "lab", *policy)
    return str(made["Role"]["Arn"])


def wait_for(find: Callable[[], Any]) -> Any:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if found := find():
            return found
        time.sleep(0.2)
    return pytest.fail("nothing came within 60 s")


@pytest.mark.slow
def test_message_goes_by_one_rule_to_table_bucket_and_queue(aws: AwsCli, role: str, tmp_path: Path) -> None:
    attribute = ("--attribute-definitions", "AttributeName=device,AttributeType=S")
    key = ("--key-schema", "AttributeName=device,KeyType=HASH", "--billing-mode", "PAY_PER_REQUEST")
    aws.ask("dynamodb", "create-table", "--table-name", "readings", *attribute, *key)
    aws.ask("s3api", "create-bucket", "--bucket", "lab-readings")
    topic = aws.ask("sns", "create-topic", "--name", "alarms")["TopicArn"]
    queue = aws.ask("sqs", "create-queue", "--queue-name", "told")["QueueUrl"]
    subscriber = ("--protocol", "sqs", "--notification-endpoint", "arn:aws:sqs:us-east-1:000000000000:told")
    aws.ask("sns", "subscribe", "--topic-arn", topic, *subscriber)
    payload = {
        "sql": "SELECT topic(2) AS device, t FROM 'lab/+'",
        "actions": [
            {"dynamoDBv2": {"roleArn": role, "putItem": {"tableName": "readings"}}},
            {"s3": {"roleArn": role, "bucketName": "lab-readings", "key": "${topic(2)}.json"}},
            {"sns": {"roleArn": role, "targetArn": topic}},
        ],
    }
    aws.ask("iot", "create-topic-rule", "--rule-name", "lab", "--topic-rule-payload", json.dumps(payload))
    message = tmp_path / "message.json"
    message.write_text('{"t": 21.5}', encoding="utf-8")
    binary = () if _is_old(aws) else ("--cli-binary-format", "raw-in-base64-out")
    aws.ask("iot-data", "publish", "--topic", "lab/kit-7", "--payload", f"file://{message}", *binary)

    row = wait_for(lambda: aws.ask("dynamodb", "scan", "--table-name", "readings")["Items"])
    told = wait_for(lambda: aws.ask("sqs", "receive-message", "--queue-url", queue).get("Messages"))
    aws.ask("s3api", "get-object", "--bucket", "lab-readings", "--key", "kit-7.json", str(tmp_path / "object"))

    assert row == [{"device": {"S": "kit-7"}, "t": {"N": "21.5"}}]
    assert json.loads(json.loads(told[0]["Body"])["Message"]) == {"device": "kit-7", "t": 21.5}
    assert json.loads((tmp_path / "object").read_text()) == {"device": "kit-7", "t": 21.5}


@pytest.mark.slow
def test_job_is_made_started_finished_and_told(aws: AwsCli) -> None:
    aws.ask("iot", "create-thing", "--thing-name", "worker")
    document = ("--document", json.dumps({"do": "blink"}), "--targets", f"{ARN}:thing/worker")
    aws.ask("iot", "create-job", "--job-id", "blink", *document)
    pending = aws.ask("iot-jobs-data", "get-pending-job-executions", "--thing-name", "worker")["queuedJobs"]
    started = aws.ask("iot-jobs-data", "start-next-pending-job-execution", "--thing-name", "worker")["execution"]
    finished = ("--thing-name", "worker", "--job-id", "blink", "--status", "SUCCEEDED")
    aws.ask("iot-jobs-data", "update-job-execution", *finished)

    assert [one["jobId"] for one in pending] == ["blink"]
    assert (started["status"], json.loads(started["jobDocument"])) == ("IN_PROGRESS", {"do": "blink"})
    told = aws.ask("iot", "describe-job-execution", "--job-id", "blink", "--thing-name", "worker")["execution"]
    assert told["status"] == "SUCCEEDED"
    assert aws.ask("iot", "describe-job", "--job-id", "blink")["job"]["status"] == "COMPLETED"


@pytest.mark.slow
def test_template_is_made_described_changed_and_deleted(aws: AwsCli, role: str) -> None:
    resources = {
        "thing": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "SerialNumber"}}},
        "certificate": {
            "Type": "AWS::IoT::Certificate",
            "Properties": {"CertificateId": {"Ref": "AWS::IoT::Certificate::Id"}, "Status": "ACTIVE"},
        },
    }
    parameters = {name: {"Type": "String"} for name in ("SerialNumber", "AWS::IoT::Certificate::Id")}
    body = json.dumps({"Parameters": parameters, "Resources": resources})
    given = ("--provisioning-role-arn", role, "--template-body", body)
    named = ("--template-name", "fleet")
    aws.ask("iot", "create-provisioning-template", *named, *given, "--enabled")
    aws.ask("iot", "update-provisioning-template", *named, "--description", "of the lab", "--no-enabled")
    told = aws.ask("iot", "describe-provisioning-template", *named)
    listed = aws.ask("iot", "list-provisioning-templates")["templates"]
    aws.ask("iot", "delete-provisioning-template", *named)

    assert (told["description"], told["enabled"], json.loads(told["templateBody"])) == (
        "of the lab",
        False,
        json.loads(body),
    )
    assert [one["templateName"] for one in listed] == ["fleet"]
    assert "ResourceNotFoundException" in aws.refused("iot", "describe-provisioning-template", *named)


@pytest.mark.parametrize(
    ("service", "command", "arguments", "words"),
    [
        (
            "iot",
            "create-stream",
            ("--stream-id", "s", "--files", "fileId=1", "--role-arn", "r" * 20),
            "is not modelled",
        ),
        ("iot", "list-job-templates", (), "is not modelled"),
        ("lambda", "list-functions", (), "sends nothing on to AWS"),
        ("greengrassv2", "list-components", (), "sends nothing on to AWS"),
    ],
)
def test_what_is_not_here_is_refused_in_words(
    aws: AwsCli, service: str, command: str, arguments: tuple[str, ...], words: str
) -> None:
    assert words in aws.refused(service, command, *arguments)


def test_printed_environment_leads_the_cli_here_and_never_to_amazon(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kitbench", "local-iot-core"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BOTO_"))}
    # A proxy at which nobody listens: what goes anywhere but to this machine fails.
    nobody = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as core:
        assert core.stdout is not None
        printed = "".join(core.stdout.readline() for _ in range(10))
        typed = "aws sqs list-queues --endpoint-url $AWS_ENDPOINT_URL && aws sts get-caller-identity --output text"
        done = subprocess.run(
            ["sh", "-ec", f"{printed}\n{typed}"],
            env={**kept, **nobody, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        core.terminate()

    assert done.returncode == 0, done.stderr
    assert "000000000000" in done.stdout


def _is_old(aws: AwsCli) -> bool:
    """Return whether it is version 1, which takes payloads as they are."""
    done = aws.run("--version", "")
    return "aws-cli/1." in done.stdout + done.stderr
