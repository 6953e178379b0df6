"""The local IoT core as its users start it: a process that prints where it is."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

ARN = "arn:aws:iot:us-east-1:000000000000"


@dataclass(frozen=True)
class Device:
    """A thing with its certificate, attached and ACTIVE."""

    name: str
    certificate_id: str
    certificate_arn: str
    certificate_pem: str
    key_pem: str
    policy_name: str


@dataclass(frozen=True)
class LocalCore:
    """A running local IoT core."""

    endpoint: dict[str, Any]
    events_path: Path

    @property
    def port(self) -> int:
        return int(self.endpoint["mqtt_port"])

    @property
    def ca_file(self) -> str:
        return str(self.endpoint["ca_file"])

    def client(self, service: str = "iot", *, region: str = "us-east-1") -> Any:
        return boto3.client(  # type: ignore[call-overload]  # the service is a variable here
            service,
            endpoint_url=self.endpoint["endpoint_url"],
            region_name=region,
            aws_access_key_id=self.endpoint["access_key_id"],
            aws_secret_access_key=self.endpoint["secret_access_key"],
        )

    def provision(self, *, statements: Sequence[dict[str, Any]] | None = None, active: bool = True) -> Device:
        iot, name = self.client(), f"kit-{uuid.uuid4().hex[:12]}"
        answer = iot.create_keys_and_certificate(setAsActive=active)
        iot.create_thing(thingName=name)
        document = {"Version": "2012-10-17", "Statement": statements or least_privilege(name)}
        iot.create_policy(policyName=name, policyDocument=json.dumps(document))
        iot.attach_policy(policyName=name, target=answer["certificateArn"])
        iot.attach_thing_principal(thingName=name, principal=answer["certificateArn"])
        return Device(
            name,
            answer["certificateId"],
            answer["certificateArn"],
            answer["certificatePem"],
            answer["keyPair"]["PrivateKey"],
            name,
        )

    def events(self) -> list[dict[str, Any]]:
        """Return all that was recorded; a line that is being written is left out."""
        whole, _, _ = self.events_path.read_text().rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    def reasons(self, event: str, client_id: str) -> list[str]:
        """Return the recorded reasons of a client's events of a kind."""
        return [
            item["reason"] for item in self.events() if item["event"] == event and item.get("client_id") == client_id
        ]


def least_privilege(name: str) -> list[dict[str, Any]]:
    """Return statements that let one client use topics under its own name."""
    return [
        {"Effect": "Allow", "Action": "iot:Connect", "Resource": f"{ARN}:client/{name}"},
        {
            "Effect": "Allow",
            "Action": ["iot:Publish", "iot:Receive", "iot:RetainPublish"],
            "Resource": f"{ARN}:topic/{name}/*",
        },
        {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": f"{ARN}:topicfilter/{name}/*"},
    ]


@contextmanager
def running_local_iot_core(events_path: Path, *options: str) -> Iterator[LocalCore]:
    """Run `kitbench local-iot-core --json` until the block ends; it must end by SIGTERM with status 0."""
    arguments = ["--json", "--die-with-parent", "--events", str(events_path), *options]
    process = subprocess.Popen(
        [sys.executable, "-m", "kitbench", "local-iot-core", *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield LocalCore(json.loads(process.stdout.readline()), events_path)
    finally:
        process.terminate()
        status = process.wait(60)
        process.stdout.close()
    assert status == 0
