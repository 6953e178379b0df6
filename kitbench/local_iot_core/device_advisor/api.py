"""The API of Device Advisor, `iotdeviceadvisor` of boto3 and the AWS CLI.

Source: AWS IoT Core Device Advisor API reference, per operation.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from kitbench.local_iot_core.apis.data_plane_api import DataPlaneCall, DataPlaneError, page_of
from kitbench.local_iot_core.device_advisor.advisor import ANY_DEVICE, ConflictError, DeviceAdvisor, StartedRun, Suite
from kitbench.local_iot_core.device_advisor.page import to_html
from kitbench.local_iot_core.device_advisor.report import REPORT_PATH, report_of
from kitbench.local_iot_core.device_advisor.suite_definition import DefinitionError, SuiteTest
from kitbench.local_iot_core.device_advisor.suite_run import Status, TestRun
from kitbench.local_iot_core.device_advisor.tagging import ARN, add_tags, parse_tags, remove_tags, tags_of

Json: TypeAlias = dict[str, Any]

_PAGE_SIZE: Final = 25


class AdvisorApi:
    """Answers calls in the loop's thread.

    Args:
        advisor: what is asked.
        host: name of the endpoint that devices connect to.
        base_url: of the control plane, which serves reports, too.
    """

    def __init__(self, advisor: DeviceAdvisor, host: str, base_url: str) -> None:
        self._advisor = advisor
        self._host = host
        self._base_url = base_url
        self._operations: dict[str, Callable[[DataPlaneCall], Json]] = {
            "CreateSuiteDefinition": self._create_suite,
            "UpdateSuiteDefinition": self._update_suite,
            "GetSuiteDefinition": self._get_suite,
            "ListSuiteDefinitions": self._list_suites,
            "DeleteSuiteDefinition": self._delete_suite,
            "GetEndpoint": self._get_endpoint,
            "StartSuiteRun": self._start_run,
            "StopSuiteRun": self._stop_run,
            "GetSuiteRun": self._get_run,
            "ListSuiteRuns": self._list_runs,
            "GetSuiteRunReport": self._get_report,
            "ListTagsForResource": lambda call: {"tags": self._tags(call)},
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }

    def answer(self, call: DataPlaneCall) -> bytes:
        """Return the body of the answer.

        Raises:
            DataPlaneError: AWS would refuse the call.
        """
        try:
            return json.dumps(self._operations[call.operation](call)).encode()
        except DefinitionError as error:
            raise DataPlaneError(400, "ValidationException", str(error)) from error
        except ConflictError as error:
            raise DataPlaneError(400, "ConflictException", str(error)) from error

    def report(self, path: str) -> tuple[str, bytes]:
        """Return content type and body of a report by the path of its address.

        Raises:
            DataPlaneError: there is none.
        """
        token, _, name = path.removeprefix(REPORT_PATH).partition("/")
        started = next((one for one in self._advisor.runs.values() if one.token == token), None)
        if started is None or name not in {"report.html", "report.json"}:
            raise DataPlaneError(404, "ResourceNotFoundException", "there is no such report")
        report = report_of(started.run, name=started.suite.name, device=started.device or "any")
        if name == "report.json":
            return "application/json", json.dumps(report, indent=2).encode()
        return "text/html; charset=utf-8", to_html(report).encode()

    def close(self) -> None:
        """Stop every run and listen no more."""
        self._advisor.close()

    # Suites

    def _create_suite(self, call: DataPlaneCall) -> Json:
        body = _body(call)
        suite = self._advisor.define(_suite_configuration(body), parse_tags(body.get("tags")))
        return _suite_names(suite) | {"createdAt": suite.created}

    def _update_suite(self, call: DataPlaneCall) -> Json:
        former = self._suite(call)
        suite = self._advisor.define(_suite_configuration(_body(call)), {}, suite_id=former.id)
        times = {"createdAt": suite.created, "lastUpdatedAt": suite.modified}
        return _suite_names(suite) | {"suiteDefinitionVersion": _version(suite)} | times

    def _get_suite(self, call: DataPlaneCall) -> Json:
        suite = self._suite(call)
        return {
            "suiteDefinitionId": suite.id,
            "suiteDefinitionArn": f"{ARN}suitedefinition/{suite.id}",
            "suiteDefinitionVersion": _version(suite),
            "latestVersion": _version(suite),
            "suiteDefinitionConfiguration": dict(suite.configuration),
            "createdAt": suite.created,
            "lastModifiedAt": suite.modified,
            "tags": dict(suite.tags),
        }

    def _list_suites(self, call: DataPlaneCall) -> Json:
        rows = [_suite_row(suite) for suite in self._advisor.suites.values()]
        page, token = page_of(rows, call.query.get("nextToken"), call.query.get("maxResults", str(_PAGE_SIZE)))
        return {"suiteDefinitionInformationList": page} | token

    def _delete_suite(self, call: DataPlaneCall) -> Json:
        suite = self._suite(call)
        if any(one.suite.id == suite.id and one.run.ended is None for one in self._advisor.runs.values()):
            raise DataPlaneError(400, "ValidationException", "a run of the suite is under way; stop it first")
        del self._advisor.suites[suite.id]
        return {}

    def _suite(self, call: DataPlaneCall) -> Suite:
        suite = self._advisor.suites.get(call.labels["suiteDefinitionId"])
        if suite is None:
            raise DataPlaneError(404, "ResourceNotFoundException", "there is no suite definition of this id")
        wanted = call.query.get("suiteDefinitionVersion") or _body(call).get("suiteDefinitionVersion")
        if wanted and wanted != _version(suite):
            raise DataPlaneError(404, "ResourceNotFoundException", f"only {_version(suite)}, the latest, is kept")
        return suite

    # Tags

    def _tags(self, call: DataPlaneCall) -> dict[str, str]:
        return tags_of(self._advisor, call.labels["resourceArn"])

    def _tag(self, call: DataPlaneCall) -> Json:
        add_tags(self._tags(call), _body(call).get("tags"))
        return {}

    def _untag(self, call: DataPlaneCall) -> Json:
        remove_tags(self._tags(call), call.tag_keys)
        return {}

    # Runs

    def _get_endpoint(self, call: DataPlaneCall) -> Json:
        device = call.query.get("thingArn") or call.query.get("certificateArn") or ANY_DEVICE
        return {"endpoint": f"{self._host}:{self._advisor.endpoint(device)}"}

    def _start_run(self, call: DataPlaneCall) -> Json:
        suite, body = self._suite(call), _body(call)
        configuration = body.get("suiteRunConfiguration")
        if not isinstance(configuration, dict) or not isinstance(configuration.get("primaryDevice"), dict):
            raise DataPlaneError(400, "ValidationException", "suiteRunConfiguration needs a primaryDevice")
        tests = _selected(suite, configuration)
        started = self._advisor.start(suite, configuration, tests, parse_tags(body.get("tags")))
        return {
            "suiteRunId": started.run.id,
            "suiteRunArn": _run_arn(started),
            "createdAt": started.run.created,
            "endpoint": f"{self._host}:{started.port}",
        }

    def _stop_run(self, call: DataPlaneCall) -> Json:
        self._run(call).run.stop()
        return {}

    def _get_run(self, call: DataPlaneCall) -> Json:
        started = self._run(call)
        answer: Json = {
            "suiteDefinitionId": started.suite.id,
            "suiteDefinitionVersion": _version(started.suite),
            "suiteRunId": started.run.id,
            "suiteRunArn": _run_arn(started),
            "suiteRunConfiguration": dict(started.configuration),
            "testResult": {"groups": self._groups(started)},
            "startTime": started.run.created,
            "status": started.run.status.value,
            "tags": dict(started.tags),
        }
        return answer | ({"endTime": started.run.ended} if started.run.ended is not None else {})

    def _groups(self, started: StartedRun) -> list[Json]:
        groups: dict[str, list[Json]] = {}
        for test in started.run.tests:
            groups.setdefault(test.test.group, []).append(_test_row(test, self._report_url(started)))
        return [
            {"groupId": f"{started.run.id[:-4]}{number:04}", "groupName": name, "tests": tests}
            for number, (name, tests) in enumerate(groups.items())
        ]

    def _list_runs(self, call: DataPlaneCall) -> Json:
        wanted = call.query.get("suiteDefinitionId")
        rows = [_run_row(one) for one in self._advisor.runs.values() if wanted in (None, one.suite.id)]
        page, token = page_of(rows, call.query.get("nextToken"), call.query.get("maxResults", str(_PAGE_SIZE)))
        return {"suiteRunsList": page} | token

    def _get_report(self, call: DataPlaneCall) -> Json:
        started = self._run(call)
        if started.run.ended is None:
            raise DataPlaneError(400, "ValidationException", "the run has not ended yet")
        return {"qualificationReportDownloadUrl": self._report_url(started)}

    def _report_url(self, started: StartedRun) -> str:
        return f"{self._base_url}{REPORT_PATH}{started.token}/report.html"

    def _run(self, call: DataPlaneCall) -> StartedRun:
        started = self._advisor.runs.get(call.labels["suiteRunId"])
        if started is None or started.suite.id != call.labels["suiteDefinitionId"]:
            raise DataPlaneError(404, "ResourceNotFoundException", "there is no run of these ids")
        return started


def _body(call: DataPlaneCall) -> Json:
    try:
        body = json.loads(call.body or b"{}")
    except ValueError as error:
        raise DataPlaneError(400, "ValidationException", "the body is no JSON") from error
    if not isinstance(body, dict):
        raise DataPlaneError(400, "ValidationException", "the body is no object")
    return body


def _suite_configuration(body: Json) -> Mapping[str, Any]:
    configuration = body.get("suiteDefinitionConfiguration")
    needed = ("suiteDefinitionName", "rootGroup", "devicePermissionRoleArn")
    if not isinstance(configuration, dict) or not all(configuration.get(key) for key in needed):
        raise DefinitionError(f"suiteDefinitionConfiguration needs {', '.join(needed)}")
    if configuration.get("isLongDurationTest"):
        raise DefinitionError("long duration tests are not modelled")
    protocol = configuration.get("protocol", "")
    if str(protocol).endswith("_OverWebSocket"):
        raise DefinitionError("tests over WebSocket are not modelled: the endpoint judges MQTT over TLS")
    return configuration


def _selected(suite: Suite, configuration: Json) -> tuple[SuiteTest, ...]:
    """Return the tests that a run asks for by their ids, which GetSuiteDefinition tells; all by default."""
    wanted = configuration.get("selectedTestList") or []
    chosen = tuple(test for test in suite.tests if not wanted or test.id in wanted)
    if not chosen:
        raise DataPlaneError(400, "ValidationException", "selectedTestList names no test of the suite")
    return chosen


def _version(suite: Suite) -> str:
    return f"v{suite.version}"


def _suite_names(suite: Suite) -> Json:
    arn = f"{ARN}suitedefinition/{suite.id}"
    return {"suiteDefinitionId": suite.id, "suiteDefinitionArn": arn, "suiteDefinitionName": suite.name}


def _suite_row(suite: Suite) -> Json:
    configuration = suite.configuration
    return {
        "suiteDefinitionId": suite.id,
        "suiteDefinitionName": suite.name,
        "defaultDevices": configuration.get("devices", []),
        "intendedForQualification": bool(configuration.get("intendedForQualification")),
        "createdAt": suite.created,
    }


def _run_arn(started: StartedRun) -> str:
    return f"{ARN}suiterun/{started.suite.id}/{started.run.id}"


def _run_row(started: StartedRun) -> Json:
    statuses = [test.status for test in started.run.tests]
    row: Json = {
        "suiteDefinitionId": started.suite.id,
        "suiteDefinitionVersion": _version(started.suite),
        "suiteDefinitionName": started.suite.name,
        "suiteRunId": started.run.id,
        "createdAt": started.run.created,
        "startedAt": started.run.created,
        "status": started.run.status.value,
        "passed": sum(status in {Status.PASS, Status.PASS_WITH_WARNINGS} for status in statuses),
        "failed": statuses.count(Status.FAIL),
    }
    return row | ({"endAt": started.run.ended} if started.run.ended is not None else {})


def _test_row(test: TestRun, report_url: str) -> Json:
    row: Json = {
        "testCaseRunId": test.id,
        "testCaseDefinitionId": test.test.id,
        "testCaseDefinitionName": test.test.name or test.test.case.name,
        "status": test.status.value,
        "logUrl": report_url,
    }
    row |= {key: value for key, value in (("startTime", test.started), ("endTime", test.ended)) if value is not None}
    verdict = test.verdict
    if verdict is None:
        return row
    words = f"{verdict.reason}; to fix: {verdict.fix}" if verdict.fix else verdict.reason
    if test.status is Status.PASS_WITH_WARNINGS:
        row["warnings"] = words
    elif test.status is not Status.PASS:
        row["failure"] = f"not judged: {words}" if test.status is Status.ERROR else words
    scenario = {"testCaseScenarioId": test.test.case.id, "testCaseScenarioType": "Basic", "status": test.status.value}
    return row | {"testScenarios": [scenario | {"systemMessage": words}]}
