"""Judge of a device that is given a job.

Source: AWS IoT Core developer guide, Device Advisor, "Job execution".
"""

import json
from typing import Any, Final

from kitbench.local_iot_core.device_advisor.job_offer import JOBS_TOPIC
from kitbench.local_iot_core.device_advisor.judging.terms import Terms, nothing_to_judge
from kitbench.local_iot_core.device_advisor.verdict import Verdict, failed, not_judged, passed
from kitbench.local_iot_core.device_advisor.wire_log import WireLog
from kitbench.local_iot_core.jobs.job_execution import JobExecution
from kitbench.local_iot_core.mqtt.mqtt_packets import Publish, Subscribe

_LISTEN: Final = "subscribe to $aws/things/THING/jobs/notify-next, and ask by …/jobs/$next/get after CONNACK"
_UPDATE: Final = 'publish {"status": "SUCCEEDED"} on $aws/things/THING/jobs/JOB/update when the job is done'


def judge_job_execution(log: WireLog, terms: Terms) -> Verdict | None:
    """Look whether the device does the job that it is given, and says so."""
    job = terms.job
    if job is not None and job.status == "SUCCEEDED":
        return passed(f"the device was given job {job.job_id!r}, and said that it SUCCEEDED")
    if job is not None and not job.is_pending:
        return _ended_otherwise(job, terms)
    if not terms.is_over:
        return None
    if (verdict := nothing_to_judge(log)) is not None:
        return verdict
    return _without_job(log) if job is None else _left_undone(log, job)


def _ended_otherwise(job: JobExecution, terms: Terms) -> Verdict:
    details = f" ({json.dumps(dict(job.details))[:120]})" if job.details else ""
    said = f"the device was given job {job.job_id!r}, and said that it {job.status}{details}"
    if terms.is_own_job:
        return failed(said, "see the device's log for why, or whether the document is one that it knows")
    return not_judged(
        f"{said}: the document is the test's own, which asks for nothing", "give one that it knows: JOB_DOCUMENT"
    )


def _left_undone(log: WireLog, job: JobExecution) -> Verdict:
    """Return a verdict on a device that was given a job, and never said that it has ended."""
    given = f"the device was given job {job.job_id!r}"
    if (refusal := _last_refusal(log)) is not None:
        return failed(f"{given}, and what it said of it was refused: {refusal}", _UPDATE)
    if job.status == "IN_PROGRESS":
        return failed(f"{given}, said that it is IN_PROGRESS, and never how it ended", _UPDATE)
    return failed(f"{given}, and said nothing of it", _UPDATE)


def _without_job(log: WireLog) -> Verdict:
    asked = {match[1] for topic in _topics(log) if (match := JOBS_TOPIC.fullmatch(topic))}
    if asked:
        return not_judged(
            f"the device asks for jobs of {min(asked)[:60]!r}, which is no thing here or which it did not listen to",
            f"use the thing's name, which is the client id here; {_LISTEN}",
        )
    return not_judged("the device neither listens to jobs nor asks for them", f"{_LISTEN}, or leave the test out")


def _topics(log: WireLog) -> list[str]:
    """Return what the device published on and subscribed to."""
    filters = [request.topic_filter for _, _, packet in log.received(Subscribe) for request in packet.requests]
    return [*filters, *(packet.topic for _, _, packet in log.received(Publish))]


def _last_refusal(log: WireLog) -> str | None:
    """Return in words why the Jobs service refused what the device said last; None where it did not."""
    answers = [
        (moment, packet)
        for link in log.links
        for moment, packet in link.sent(Publish)
        if JOBS_TOPIC.fullmatch(packet.topic) and packet.topic.endswith(("/update/accepted", "/update/rejected"))
    ]
    if not answers or not answers[-1][1].topic.endswith("/rejected"):
        return None
    body: dict[str, Any] = json.loads(answers[-1][1].payload)
    return f"{body.get('code')}: {str(body.get('message'))[:120]}"
