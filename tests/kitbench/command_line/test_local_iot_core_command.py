"""`kitbench local-iot-core`: what it prints, how it ends, what it refuses."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from kitbench.command_line import cli, run
from kitbench.exit_status import ExitStatus

COMMAND = [sys.executable, "-m", "kitbench", "local-iot-core"]


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def client(endpoint: dict[str, str]) -> Any:
    """Return a boto3 client of the control plane."""
    return boto3.client(
        "iot",
        endpoint_url=endpoint["endpoint_url"],
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def finish(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[str, str]:
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == ExitStatus.GOOD
    return out, err


def test_json_is_one_line_and_sigint_ends_it() -> None:
    process = start("--json")
    assert process.stdout is not None
    endpoint = json.loads(process.stdout.readline())

    assert {"endpoint_url", "mqtt_host", "mqtt_port", "ca_file", "region"} <= set(endpoint)
    assert Path(endpoint["ca_file"]).read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert finish(process, signal.SIGINT) == ("", "")
    assert not Path(endpoint["ca_file"]).exists()


#: Calls each service that is offered and some that are not, on a machine whose resolver knows nothing of AWS.
CALLS: Final = """
import json, socket, boto3
known = socket.getaddrinfo
def resolve(host, *rest, **options):
    assert "amazonaws" not in str(host), f"asked for {host}"
    return known(host, *rest, **options)
socket.getaddrinfo = resolve
def outcome(service, call, **arguments):
    try:
        getattr(boto3.client(service), call)(**arguments)
        return "answered"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
print(boto3.client("iot").describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"])
print(json.dumps([
    outcome("iot", "list_things"), outcome("sts", "get_caller_identity"), outcome("cloudtrail", "lookup_events"),
    outcome("iot-data", "publish", topic="a", payload=b"x"),
    outcome("iot", "create_thing", thingName="kit"),
    outcome("iot-jobs-data", "get_pending_job_executions", thingName="kit"),
    outcome("iotdeviceadvisor", "list_suite_definitions"), outcome("dynamodb", "list_tables"),
    outcome("iam", "list_roles"), outcome("s3", "list_buckets"), outcome("sqs", "list_queues"),
    outcome("sns", "list_topics"),
    outcome("iot", "list_streams"), outcome("ssm", "describe_parameters"), outcome("lambda", "list_functions"),
    outcome("secretsmanager", "list_secrets"), outcome("greengrass", "list_groups"),
]))
"""


#: What a shell may have of AWS before: each of these would win over what is exported, or end every call.
LEFTOVERS: Final = {
    "AWS_PROFILE": "no-such-profile",
    "AWS_SESSION_TOKEN": "of-somebody",
    "AWS_ENDPOINT_URL_IOT": "https://iot.eu-central-1.amazonaws.com",
    "AWS_ENDPOINT_URL_IOT_DATA_PLANE": "https://data.iot.eu-central-1.amazonaws.com",
    "AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com",
    "AWS_REGION": "eu-central-1",
}


@pytest.mark.parametrize("left", [{}, LEFTOVERS], ids=["clean", "used before"])
def test_nothing_that_is_typed_in_the_printed_environment_goes_to_aws(left: dict[str, str]) -> None:
    process = start()
    assert process.stdout is not None
    printed = "".join(process.stdout.readline() for _ in range(10))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    answer = subprocess.run(
        ["sh", "-ec", f'{printed}\nexec "$@"', "sh", sys.executable, "-c", CALLS],
        env=clean | left,
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )

    finish(process)
    host, outcomes = answer.stdout.splitlines()
    offered, refused = json.loads(outcomes)[:12], json.loads(outcomes)[12:]
    assert host == "localhost"
    assert offered == ["answered"] * 12
    assert "is not modelled" in refused[0]
    assert all("UnrecognizedClientException" in text and "sends nothing on to AWS" in text for text in refused[1:])
    assert "root CA" in printed


#: Asks for the very host that its argument names, as version 1 of the AWS CLI does for sqs.
ASKS: Final = """
import sys, boto3
client = boto3.client("sts", endpoint_url=sys.argv[1], verify=sys.argv[2] or None)
try:
    client.get_caller_identity()
except Exception as error:
    print(type(error).__name__)
"""


def test_host_that_this_core_did_not_certify_is_not_believed() -> None:
    ours, other = start(), start("--json")
    assert ours.stdout is not None
    assert other.stdout is not None
    printed = "".join(ours.stdout.readline() for _ in range(10))
    endpoint = json.loads(other.stdout.readline())

    def ask(certified_by: str) -> str:
        url = f"https://localhost:{endpoint['mqtt_port']}"
        typed = ["sh", "-ec", f'{printed}\nexec "$@"', "sh", sys.executable, "-c", ASKS, url, certified_by]
        return subprocess.run(typed, capture_output=True, text=True, check=True, timeout=100).stdout.strip()

    believed, not_believed = ask(endpoint["ca_file"]), ask("")
    finish(ours)
    finish(other)
    assert not_believed == "SSLError"
    assert believed not in {"", "SSLError"}


def test_foreign_profile_and_account_of_the_environment_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    process = start("--json")
    assert process.stdout is not None
    endpoint = json.loads(process.stdout.readline())
    monkeypatch.delenv("AWS_PROFILE")
    arn = client(endpoint).create_thing(thingName="kit")["thingArn"]

    finish(process)
    assert arn == "arn:aws:iot:us-east-1:000000000000:thing/kit"


def test_listening_elsewhere_is_said_aloud() -> None:
    process = start("--json", "--listen", "127.0.0.2")
    assert process.stdout is not None
    endpoint = json.loads(process.stdout.readline())
    socket.create_connection((endpoint["mqtt_host"], endpoint["mqtt_port"]), timeout=10).close()
    answer = client(endpoint).describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]
    _, err = finish(process)

    assert answer == "127.0.0.2"

    assert endpoint["mqtt_host"] == "127.0.0.2"
    assert err.startswith("WARNING: the message broker listens on 127.0.0.2:")
    assert endpoint["endpoint_url"].startswith("http://127.0.0.1:")


def test_it_dies_with_its_parent() -> None:
    code = (
        "import subprocess, sys; "
        f"process = subprocess.Popen({[*COMMAND, '--json', '--die-with-parent']!r}, stdout=subprocess.PIPE); "
        "print(process.stdout.readline().decode(), process.pid)"
    )
    parent = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    pid = int(parent.stdout.split()[-1])

    until = time.monotonic() + 60
    while time.monotonic() < until and _is_running(pid):
        time.sleep(0.05)
    assert not _is_running(pid)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    "arguments",
    [
        ["--listen", "everywhere"],
        ["--listen", "0.0.0.0"],
        ["--events", "/no/such/folder/events.jsonl"],
        ["--port", "70000"],
        ["--x"],
    ],
)
def test_bad_arguments_are_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(cli, ["local-iot-core", *arguments]) == ExitStatus.USAGE
    assert "Traceback" not in capsys.readouterr().err


def test_busy_port_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    former = signal.getsignal(signal.SIGINT)
    with socket.create_server(("127.0.0.1", 0)) as busy:
        status = run(cli, ["local-iot-core", "--port", str(busy.getsockname()[1])])

    assert status == ExitStatus.CANNOT_JUDGE
    [line] = capsys.readouterr().err.splitlines()
    assert "cannot listen on 127.0.0.1" in line
    assert signal.getsignal(signal.SIGINT) is former


@pytest.mark.parametrize("name", ["", "-x", "a b", "a" * 254, "x\n", "*.example.org"])
def test_host_name_that_is_none_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = run(cli, ["local-iot-core", f"--host-name={name}"])

    assert status == ExitStatus.USAGE
    assert "is no host name" in capsys.readouterr().err
