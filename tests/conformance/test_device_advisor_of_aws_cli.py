"""Device Advisor of the local IoT core, driven by the AWS CLI as anybody has it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.conformance.advised_device import Advised, suite_of
from tests.conformance.aws_cli import AwsCli
from tests.conformance.local_iot_core_process import LocalCore, running_local_iot_core
from tests.optional_part import AWS_CLI

pytestmark = AWS_CLI.needed


@pytest.fixture(name="core", scope="module")
def _core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCore]:
    with running_local_iot_core(tmp_path_factory.mktemp("core") / "events.jsonl") as core:
        yield core


class AdvisorCli:
    """The commands of `aws iotdeviceadvisor`."""

    def __init__(self, core: LocalCore, home: Path) -> None:
        self._cli = AwsCli(core, home)

    def ask(self, command: str, *arguments: str) -> Any:
        """Return the answer of a command that succeeds."""
        return self._cli.ask("iotdeviceadvisor", command, *arguments)

    def refused(self, command: str, *arguments: str) -> str:
        """Return what a command that fails says."""
        return self._cli.refused("iotdeviceadvisor", command, *arguments)


def test_a_suite_is_made_tagged_run_and_reported(core: LocalCore, tmp_path: Path) -> None:
    advised, cli = Advised(core, core.provision()), AdvisorCli(core, tmp_path)
    configuration = json.dumps(suite_of("MQTT_Connect", EXECUTION_TIMEOUT="120"))
    suite = cli.ask("create-suite-definition", "--suite-definition-configuration", configuration, "--tags", "a=b")
    of_suite = ("--suite-definition-id", suite["suiteDefinitionId"])
    cli.ask("tag-resource", "--resource-arn", suite["suiteDefinitionArn"], "--tags", "c=d")
    cli.ask("untag-resource", "--resource-arn", suite["suiteDefinitionArn"], "--tag-keys", "a", "x")
    assert cli.ask("list-tags-for-resource", "--resource-arn", suite["suiteDefinitionArn"]) == {"tags": {"c": "d"}}

    device = json.dumps({"primaryDevice": advised.primary})
    run = cli.ask("start-suite-run", *of_suite, "--suite-run-configuration", device)
    assert cli.ask("get-endpoint")["endpoint"] == run["endpoint"]
    of_run = {"suiteDefinitionId": suite["suiteDefinitionId"], "suiteRunId": run["suiteRunId"]}
    with advised.client() as client:
        client.loop_start()
        advised.results(of_run)
    named = (*of_suite, "--suite-run-id", run["suiteRunId"])
    assert cli.ask("get-suite-run", *named)["status"] == "PASS"
    assert [one["passed"] for one in cli.ask("list-suite-runs", *of_suite)["suiteRunsList"]] == [1]
    url = cli.ask("get-suite-run-report", *named)["qualificationReportDownloadUrl"]
    with urlopen(url) as page:
        assert "wire only" in page.read().decode()


def test_what_is_not_modelled_is_refused_in_words(core: LocalCore, tmp_path: Path) -> None:
    configuration = json.dumps(suite_of("MQTT_Long_Duration"))
    said = AdvisorCli(core, tmp_path).refused(
        "create-suite-definition", "--suite-definition-configuration", configuration
    )
    assert "MQTT_Long_Duration of Device Advisor is not modelled" in said
