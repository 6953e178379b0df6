"""What a local IoT core keeps between runs, seen by boto3 and by a client's certificate."""

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives import serialization

from kitbench.errors import BenchError
from kitbench.local_iot_core.service import LocalIotCore
from tests.kitbench.local_iot_core.certificates import self_signed

POLICY = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"}}


@contextmanager
def running(state: Path) -> Iterator[tuple[Any, LocalIotCore]]:
    with LocalIotCore(state=state) as core:
        yield client_of(core, "iot"), core


def client_of(core: LocalIotCore, service: str) -> Any:
    endpoint = core.endpoint
    keys = {"aws_access_key_id": endpoint.access_key_id, "aws_secret_access_key": endpoint.secret_access_key}
    where = {"endpoint_url": endpoint.endpoint_url, "region_name": endpoint.region}
    return boto3.client(service, **where, **keys)  # type: ignore[call-overload]  # options as one


def make_role(core: LocalIotCore) -> None:
    """Make the role `r`, which AWS IoT may assume."""
    trust = {"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    client_of(core, "iam").create_role(RoleName="r", AssumeRolePolicyDocument=document)


def test_things_certificates_policies_and_attachments_are_there_again(tmp_path: Path) -> None:
    with running(tmp_path / "state") as (iot, core):
        iot.create_thing_type(thingTypeName="sensor")
        iot.create_thing(thingName="kit", thingTypeName="sensor", attributePayload={"attributes": {"room": "2.31"}})
        made = iot.create_keys_and_certificate(setAsActive=True)
        iot.create_policy(policyName="may", policyDocument=json.dumps(POLICY))
        iot.create_policy_version(policyName="may", policyDocument=json.dumps(POLICY), setAsDefault=True)
        iot.attach_policy(policyName="may", target=made["certificateArn"])
        iot.attach_thing_principal(thingName="kit", principal=made["certificateArn"])
        iot.update_certificate(certificateId=made["certificateId"], newStatus="INACTIVE")
        before = [iot.describe_thing(thingName="kit"), iot.get_policy(policyName="may")]
        root = Path(core.endpoint.ca_file).read_bytes()

    with running(tmp_path / "state") as (iot, core):
        after = [iot.describe_thing(thingName="kit"), iot.get_policy(policyName="may")]
        certificate = iot.describe_certificate(certificateId=made["certificateId"])["certificateDescription"]
        policies = iot.list_attached_policies(target=made["certificateArn"])["policies"]
        principals = iot.list_thing_principals(thingName="kit")["principals"]
        known = core.broker.registry.certificates[made["certificateId"]]
        same_root = Path(core.endpoint.ca_file).read_bytes() == root

    for answer in (*before, *after):
        for varying in ("ResponseMetadata", "creationDate", "lastModifiedDate"):
            answer.pop(varying, None)
    assert after == before
    assert before[1]["defaultVersionId"] == "2"
    assert certificate["status"] == "INACTIVE"
    assert certificate["certificatePem"] == made["certificatePem"]
    assert [policy["policyName"] for policy in policies] == ["may"]
    assert principals == [made["certificateArn"]]
    assert (known.status, known.things[0].name, known.policies[0].name) == ("INACTIVE", "kit", "may")
    assert same_root


def test_rules_are_there_again_and_listen(tmp_path: Path) -> None:
    action = {"republish": {"roleArn": "arn:aws:iam::000000000000:role/r", "topic": "out"}}
    on = {"sql": "SELECT a FROM 'in'", "actions": [action], "description": "of the lab"}
    with running(tmp_path) as (iot, core):
        make_role(core)
        iot.create_topic_rule(ruleName="on", topicRulePayload=on)
        iot.create_topic_rule(ruleName="off", topicRulePayload=on | {"ruleDisabled": True})
        iot.create_topic_rule(ruleName="gone", topicRulePayload=on)
        iot.delete_topic_rule(ruleName="gone")
        before = [iot.get_topic_rule(ruleName=name)["rule"] for name in ("on", "off")]

    with running(tmp_path) as (iot, core):
        after = [iot.get_topic_rule(ruleName=name)["rule"] for name in ("on", "off")]
        names = [one["ruleName"] for one in iot.list_topic_rules()["rules"]]
        listens = not core._rules.is_idle

    for told in (*before, *after):
        del told["createdAt"]
    assert after == before
    assert names == ["on", "off"]
    assert listens


def test_what_was_deleted_stays_away(tmp_path: Path) -> None:
    with running(tmp_path) as (iot, _):
        iot.create_thing(thingName="kit")
        iot.create_thing(thingName="other")
        iot.delete_thing(thingName="kit")

    with running(tmp_path) as (iot, _):
        assert [thing["thingName"] for thing in iot.list_things()["things"]] == ["other"]


def test_certificate_of_another_ca_is_trusted_again(tmp_path: Path) -> None:
    certificate_pem = self_signed("mine")[0].public_bytes(serialization.Encoding.PEM).decode()
    with running(tmp_path) as (iot, _):
        made = iot.register_certificate_without_ca(certificatePem=certificate_pem, status="ACTIVE")

    trusted: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kitbench.local_iot_core.service.trust", lambda _context, pem: trusted.append(pem))
        with running(tmp_path) as (_, core):
            assert core.broker.registry.certificates[made["certificateId"]].status == "ACTIVE"

    assert [pem.strip() for pem in trusted] == [certificate_pem.strip().encode()]


def test_keys_of_devices_are_not_kept_and_the_cas_is_its_users_alone(tmp_path: Path) -> None:
    with running(tmp_path / "state") as (iot, _):
        made = iot.create_keys_and_certificate(setAsActive=True)

    files = [path for path in (tmp_path / "state").iterdir() if path.is_file()]
    body = made["keyPair"]["PrivateKey"].splitlines()[1]
    assert not any(body in path.read_text() for path in files)
    (key_file,) = (path for path in files if "PRIVATE KEY" in path.read_text())
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert (tmp_path / "state/.gitignore").read_text() == "*\n"


def test_git_passes_over_a_folder_that_had_files_too(tmp_path: Path) -> None:
    (tmp_path / "device").mkdir()

    with running(tmp_path):
        assert (tmp_path / ".gitignore").read_text() == "*\n"


def test_folder_belongs_to_one_core_at_a_time(tmp_path: Path) -> None:
    with running(tmp_path), pytest.raises(BenchError, match="in use by another local IoT core"):
        LocalIotCore(state=tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("registry.json", "{}"),
        ("registry.json", "no JSON"),
        ("local_root_ca.key", "no key"),
        ("registry.json", "[]"),
        ("registry.json", "[" * 100_000),
    ],
)
def test_what_cannot_be_read_is_said_with_its_file(tmp_path: Path, name: str, content: str) -> None:
    with running(tmp_path):
        pass
    (tmp_path / name).write_text(content)

    with pytest.raises(BenchError, match=r"(registry\.json|local_root_ca\.pem) cannot be used"), running(tmp_path):
        pass
