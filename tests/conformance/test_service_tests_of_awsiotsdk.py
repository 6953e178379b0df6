"""The programs of the service tests of AWS's own SDK, unmodified, on the local core, and what they leave behind.

They are no part of this repository: `KITBENCH_AWS_SDK` names a checkout of aws/aws-iot-device-sdk-python-v2. Without it
they are skipped. Its samples connect to port 8883 with the system's root CAs, and cannot be led here unmodified.
"""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.conformance.local_iot_core_process import ARN, Device, LocalCore, running_local_iot_core
from tests.optional_part import AWS_SDK

CHECKOUT: Final = os.environ.get("KITBENCH_AWS_SDK", "")
PROGRAMS: Final = Path(CHECKOUT, "servicetests", "tests")
pytestmark = AWS_SDK.needed
ALLOW_ALL: Final = {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}


@pytest.fixture(name="core", scope="module")
def _core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCore]:
    with running_local_iot_core(tmp_path_factory.mktemp("core") / "events.jsonl") as core:
        yield core


def run(core: LocalCore, folder: Path, program: str, device: Device, *arguments: str) -> str:
    """Run a program of the service tests as a device; return what it prints, once it has ended well."""
    (folder / "certificate.pem").write_text(device.certificate_pem)
    (folder / "key.pem").write_text(device.key_pem)
    where = ["--endpoint", "localhost", "--port", str(core.port), "--ca_file", core.ca_file]
    who = ["--cert", str(folder / "certificate.pem"), "--key", str(folder / "key.pem"), "--client_id", device.name]
    command = [sys.executable, str(PROGRAMS / program), *where, *who, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("version", ["3", "5"])
class TestPrograms:
    def test_jobs(self, core: LocalCore, tmp_path: Path, version: str) -> None:
        iot, device = core.client(), core.provision(statements=[ALLOW_ALL])
        job, group = f"job-{uuid.uuid4().hex[:8]}", f"group-{uuid.uuid4().hex[:8]}"
        target = iot.create_thing_group(thingGroupName=group)["thingGroupArn"]
        iot.create_job(jobId=job, targets=[target], document='{"a": 1}', targetSelection="CONTINUOUS")
        iot.add_thing_to_thing_group(thingName=device.name, thingGroupName=group)

        run(core, tmp_path, "JobsExecution/jobs.py", device, *args(version, thing_name=device.name, job_time="1"))

        shown = iot.describe_job_execution(jobId=job, thingName=device.name)["execution"]
        assert shown["status"] == "SUCCEEDED"

    @pytest.mark.parametrize("name", ["", "named"])
    def test_shadow(self, core: LocalCore, tmp_path: Path, version: str, name: str) -> None:
        device = core.provision(statements=[ALLOW_ALL])
        value = uuid.uuid4().hex[:8]
        given = args(version, thing_name=device.name, shadow_property="color", shadow_value=value)
        given += ["--shadow_name", name] if name else []

        run(core, tmp_path, "ShadowUpdate/shadow_update.py", device, *given)

        asked = {"shadowName": name} if name else {}
        shadow = json.load(core.client("iot-data").get_thing_shadow(thingName=device.name, **asked)["payload"])
        assert shadow["state"]["reported"] == {"color": value}

    @pytest.mark.parametrize("with_csr", [False, True])
    def test_fleet_provisioning(self, core: LocalCore, tmp_path: Path, version: str, *, with_csr: bool) -> None:
        iot, serial = core.client(), uuid.uuid4().hex[:8]
        template = make_template(core)
        given = args(version, template_name=template, template_parameters=json.dumps({"SerialNumber": serial}))
        if with_csr:
            (tmp_path / "csr.pem").write_bytes(csr())
            given += ["--csr", str(tmp_path / "csr.pem")]

        run(core, tmp_path, "FleetProvisioning/fleet_provisioning.py", core.provision(statements=[ALLOW_ALL]), *given)

        [principal] = iot.list_thing_principals(thingName=f"kit_{serial}")["principals"]
        status = iot.describe_certificate(certificateId=principal.rpartition("/")[2])["certificateDescription"][
            "status"
        ]
        assert (principal.startswith(f"{ARN}:cert/"), status) == (True, "ACTIVE")


def args(version: str, **given: str) -> list[str]:
    return ["--mqtt_version", version, *(word for name, value in given.items() for word in (f"--{name}", value))]


def csr() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


def make_template(core: LocalCore) -> str:
    """Make a template whose role may do what AWS's own policy for provisioning allows; return its name."""
    iam, name = core.client("iam"), f"template-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    policy = "arn:aws:iam::aws:policy/service-role/AWSIoTThingsRegistration"
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    resources: dict[str, Any] = {
        "thing": {
            "Type": "AWS::IoT::Thing",
            "Properties": {"ThingName": {"Fn::Join": ["", ["kit_", {"Ref": "SerialNumber"}]]}},
        },
        "certificate": {
            "Type": "AWS::IoT::Certificate",
            "Properties": {"CertificateId": {"Ref": "AWS::IoT::Certificate::Id"}, "Status": "ACTIVE"},
        },
        "policy": {
            "Type": "AWS::IoT::Policy",
            "Properties": {"PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [ALLOW_ALL]})},
        },
    }
    body = json.dumps({"Parameters": {"SerialNumber": {"Type": "String"}}, "Resources": resources})
    core.client().create_provisioning_template(
        templateName=name, templateBody=body, provisioningRoleArn=role, enabled=True
    )
    return name
