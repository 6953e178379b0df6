"""Judge of a device that is given a job."""

import json

import pytest

from kitbench.local_iot_core.device_advisor.judging.jobs import judge_job_execution
from kitbench.local_iot_core.device_advisor.judging.terms import Terms
from kitbench.local_iot_core.device_advisor.verdict import CaseOutcome, Verdict
from kitbench.local_iot_core.device_advisor.wire_event import Step
from kitbench.local_iot_core.jobs.job_execution import JobExecution
from kitbench.local_iot_core.mqtt.mqtt_packets import Publish
from tests.kitbench.local_iot_core.device_advisor.wire_script import WireScript

TOPIC = "$aws/things/kit/jobs/j/update"


def execution(*statuses: str, **details: str) -> JobExecution:
    found = JobExecution("j", "kit", 0.0, 0.0)
    for status in statuses:
        found.move(status, 1.0, details)
    return found


def verdict_on(script: WireScript, job: JobExecution | None, *, is_own_job: bool = False) -> Verdict:
    verdict = judge_job_execution(script.log, Terms(60.0, is_over=True, job=job, is_own_job=is_own_job))
    assert verdict is not None
    return verdict


@pytest.mark.parametrize(
    ("statuses", "document", "outcome", "words"),
    [
        (("IN_PROGRESS", "SUCCEEDED"), "test's", CaseOutcome.PASSED, "SUCCEEDED"),
        (("SUCCEEDED",), "own", CaseOutcome.PASSED, "SUCCEEDED"),
        (("IN_PROGRESS",), "test's", CaseOutcome.FAILED, "never how it ended"),
        ((), "test's", CaseOutcome.FAILED, "said nothing of it"),
        (("IN_PROGRESS", "FAILED"), "own", CaseOutcome.FAILED, 'FAILED ({"why": "no room"})'),
        # A device may reject what it does not know, and the test's own document is known to nobody.
        (("REJECTED",), "test's", CaseOutcome.NOT_JUDGED, "JOB_DOCUMENT"),
    ],
)
def test_a_job_is_judged_by_how_it_ended(
    statuses: tuple[str, ...], document: str, outcome: CaseOutcome, words: str
) -> None:
    script = WireScript()
    script.connect(0.0)
    verdict = verdict_on(script, execution(*statuses, why="no room"), is_own_job=document == "own")
    assert verdict.outcome is outcome
    assert words in f"{verdict.reason} {verdict.fix}"


def test_a_job_under_way_is_waited_for() -> None:
    script = WireScript()
    script.connect(0.0)
    assert judge_job_execution(script.log, Terms(5.0, job=execution("IN_PROGRESS"))) is None
    assert judge_job_execution(script.log, Terms(5.0)) is None


def test_a_refused_update_is_told_unless_a_later_one_was_taken() -> None:
    script = WireScript()
    link = script.connect(0.0)
    refusal = {"code": "InvalidRequest", "message": "status is 'DONE'"}
    script.note(link, 2.0, Step.SENT, Publish(f"{TOPIC}/rejected", json.dumps(refusal).encode()))
    assert "InvalidRequest: status is 'DONE'" in verdict_on(script, execution()).reason

    script.note(link, 3.0, Step.SENT, Publish(f"{TOPIC}/accepted", b"{}"))
    assert "never how it ended" in verdict_on(script, execution("IN_PROGRESS")).reason


def test_a_device_without_jobs_or_with_anothers_is_not_judged() -> None:
    script = WireScript()
    link = script.connect(0.0)
    verdict = verdict_on(script, None)
    assert (verdict.outcome, "neither listens" in verdict.reason) == (CaseOutcome.NOT_JUDGED, True)

    script.note(link, 1.0, Step.RECEIVED, Publish("$aws/things/other/jobs/start-next", b"{}"))
    verdict = verdict_on(script, None)
    assert (verdict.outcome, "'other'" in verdict.reason) == (CaseOutcome.NOT_JUDGED, True)
    assert verdict_on(WireScript(), None).outcome is CaseOutcome.NOT_JUDGED
