"""Both clouds by the same code: AWS by its credential chain, the local IoT core by its line."""

import json
from pathlib import Path

import pytest
from botocore.stub import Stubber

from kitbench.cloud import endpoint as endpoint_module
from kitbench.cloud.endpoint import Endpoint, aws_endpoint, local_endpoint, require_credentials
from kitbench.cloud.root_ca import amazon_root_ca_1
from kitbench.cloud.things.client_identity import Topics
from kitbench.cloud.things.ledger import open_ledger
from kitbench.cloud.things.provisioning import provision
from kitbench.errors import CloudError, UsageError


@pytest.fixture(name="nobody")
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without AWS credentials: no variables, no files, no instance metadata."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    endpoint_module._session.cache_clear()


@pytest.fixture(name="somebody")
def _somebody(nobody: None, monkeypatch: pytest.MonkeyPatch, core_line: str) -> None:
    """A machine with credentials, whose AWS is the local IoT core."""
    core = json.loads(core_line)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", core["access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", core["secret_access_key"])
    monkeypatch.setenv("AWS_REGION", core["region"])
    monkeypatch.setenv("AWS_DEFAULT_REGION", core["region"])
    monkeypatch.setenv("AWS_ENDPOINT_URL", core["endpoint_url"])


def test_no_credentials_fail_at_once_and_say_what_to_do(nobody: None, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no AWS credentials found — run `aws configure`.*`--cloud local`"):
        aws_endpoint(tmp_path)


def test_no_region_is_said(nobody: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")

    with pytest.raises(UsageError, match="no AWS region given — set AWS_REGION"):
        aws_endpoint(tmp_path)


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_region_comes_from_either_variable(nobody: None, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv(name, "eu-west-1")

    assert require_credentials().region_name == "eu-west-1"


def test_unknown_profile_is_named(nobody: None, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"profile \(nobodys\) could not be found — see `aws configure list-profiles`"):
        aws_endpoint(tmp_path, profile="nobodys")


def test_credential_helper_that_fails_is_the_callers_fault(nobody: None, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\nregion = us-east-1\ncredential_process = false\n")

    with pytest.raises(UsageError, match="cannot find AWS credentials"):
        aws_endpoint(tmp_path)


def test_aws_that_cannot_be_reached_is_the_clouds_fault(
    somebody: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(CloudError, match=r"cannot ask AWS who we are.*check network"):
        aws_endpoint(tmp_path)


def test_aws_path_finds_account_endpoint_and_root(somebody: None, tmp_path: Path) -> None:
    found = aws_endpoint(tmp_path)

    assert (found.kind, found.region, found.account, found.partition) == ("aws", "us-east-1", "000000000000", "aws")
    assert found.mqtt_port == 8883
    assert found.ca_file.read_bytes() == amazon_root_ca_1()
    assert found.audit_delay_s > 600
    assert found.cloud_id == "aws:000000000000:us-east-1"


def test_aws_path_provisions_with_the_same_code(somebody: None, endpoint: Endpoint, tmp_path: Path) -> None:
    """`endpoint` watches that the account is clean afterwards."""
    found = aws_endpoint(tmp_path)

    with (
        open_ledger(found.cloud_id, folder=tmp_path / "ledgers") as ledger,
        provision(found, ledger, topics=Topics.both("kitbench/test")) as kit,
    ):
        assert kit.certificate_arn.startswith("arn:aws:iot:us-east-1:000000000000:cert/")


def test_endpoint_is_asked_for_by_its_type(nobody: None) -> None:
    """AWS's older endpoint chains to another root: Data-ATS must be asked for."""
    local = local_endpoint({**_LINE})
    client = local.client("iot")
    with Stubber(client) as stubber:
        answer = {"endpointAddress": "a-ats.iot.us-east-1.amazonaws.com"}
        stubber.add_response("describe_endpoint", answer, {"endpointType": "iot:Data-ATS"})
        assert client.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"].endswith("amazonaws.com")
        stubber.assert_no_pending_responses()


_LINE = {
    "endpoint_url": "http://127.0.0.1:1",
    "mqtt_host": "localhost",
    "mqtt_port": 2,
    "ca_file": "/tmp/root.pem",
    "region": "us-east-1",
    "account": "000000000000",
    "access_key_id": "AKIALOCAL",
    "secret_access_key": "SECRETLOCAL",
}


def test_local_line_is_read() -> None:
    found = local_endpoint(json.dumps(_LINE))

    assert (found.kind, found.mqtt_host, found.mqtt_port, found.websocket_port) == ("local", "localhost", 2, 2)
    assert found.arn("client/x") == "arn:aws:iot:us-east-1:000000000000:client/x"
    assert "SECRETLOCAL" not in repr(found)
    assert found.cloud_id == "aws:000000000000:us-east-1@http://127.0.0.1:1"


@pytest.mark.parametrize("line", ["", "{", "[]", "{}", json.dumps({**_LINE, "mqtt_port": "x"}), "null"])
def test_spoilt_local_line_is_one_line(line: str) -> None:
    with pytest.raises(CloudError, match="the local IoT core's description") as caught:
        local_endpoint(line)
    assert "\n" not in str(caught.value)
