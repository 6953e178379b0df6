"""Asks the local core's Device Advisor for one test at a time, through its API."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.request import urlopen

from kitbench.bench.device_advisor.suite_choice import clock_factor_of, timeout_s
from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.failure import cloud_errors
from kitbench.errors import CloudError
from kitbench.local_iot_core.device_advisor.catalogue import TestCase
from kitbench.local_iot_core.device_advisor.configuration import ANY_TOPIC, CLOCK_FACTOR

#: The API wants a role; here nobody assumes it.
_ROLE: Final = "arn:aws:iam::000000000000:role/device-advisor"
_UNDER_WAY: Final = frozenset({"PENDING", "RUNNING", "STOPPING"})
_READ_WITHIN_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class AdvisorRun:
    """A run of one test."""

    suite_id: str
    run_id: str


class AdvisorClient:
    """Device Advisor of a local core.

    Args:
        cloud: the local core.
        clock_factor: how much faster the kit's clock runs than ours.
        job_document: of the job that the kit is given, JSON; "" for one that asks for nothing.
    """

    def __init__(self, cloud: Endpoint, *, clock_factor: float, job_document: str = "") -> None:
        self._client = cloud.client("iotdeviceadvisor")
        self._clock_factor = clock_factor
        self._job_document = job_document

    def port(self) -> int:
        """Return the port that the kit has to connect to.

        Raises:
            CloudError: the cloud has no Device Advisor.
        """
        with cloud_errors("device advisor", "ask for the endpoint"):
            return int(self._client.get_endpoint()["endpoint"].rpartition(":")[2])

    def start(self, case: TestCase, device: Mapping[str, str]) -> AdvisorRun:
        """Start one test; `device` names a thing or certificate by its ARN, or nobody."""
        factor = clock_factor_of(case, self._clock_factor)
        configuration = {"EXECUTION_TIMEOUT": str(timeout_s(case, factor)), CLOCK_FACTOR: str(factor)}
        if device:
            # Its policy is the bench's own, for the topics of the course.
            configuration[ANY_TOPIC] = "1"
        if self._job_document:
            configuration["JOB_DOCUMENT"] = self._job_document
        test = {"name": case.name, "configuration": configuration, "test": {"id": case.id, "version": "0.0.0"}}
        group = json.dumps({"tests": [{"name": case.name, "tests": [test]}]})
        suite = {"suiteDefinitionName": case.name, "rootGroup": group, "devicePermissionRoleArn": _ROLE}
        with cloud_errors("device advisor", f"start {case.id}"):
            made = self._client.create_suite_definition(suiteDefinitionConfiguration=suite)
            suite_id = made["suiteDefinitionId"]
            run = self._client.start_suite_run(
                suiteDefinitionId=suite_id, suiteRunConfiguration={"primaryDevice": dict(device)}
            )
        return AdvisorRun(suite_id, run["suiteRunId"])

    def is_under_way(self, run: AdvisorRun) -> bool:
        """Return whether the test has no verdict yet."""
        with cloud_errors("device advisor", "ask how far it is"):
            return self._ask(self._client.get_suite_run, run)["status"] in _UNDER_WAY

    def stop(self, run: AdvisorRun) -> None:
        """End the test case that runs, and wait for its verdict."""
        with cloud_errors("device advisor", "stop the test"):
            self._ask(self._client.stop_suite_run, run)

    def result(self, run: AdvisorRun) -> dict[str, Any]:
        """Return what the report says of the test that has ended, and forget its suite.

        Raises:
            CloudError: the report cannot be read.
        """
        with cloud_errors("device advisor", "read the report"):
            url = self._ask(self._client.get_suite_run_report, run)["qualificationReportDownloadUrl"]
            self._client.delete_suite_definition(suiteDefinitionId=run.suite_id)
        try:
            with urlopen(url.replace("report.html", "report.json"), timeout=_READ_WITHIN_S) as answer:  # noqa: S310 - http, ours
                tests: list[dict[str, Any]] = json.load(answer)["tests"]
        except (OSError, ValueError) as error:
            raise CloudError(f"the report cannot be read: {error}", stage="device advisor") from error
        return tests[0]

    def _ask(self, call: Callable[..., dict[str, Any]], run: AdvisorRun) -> dict[str, Any]:
        return call(suiteDefinitionId=run.suite_id, suiteRunId=run.run_id)
