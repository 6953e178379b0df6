"""The configuration of a test, as `rootGroup` has it: AWS's keys, and ours for what AWS has no key for.

Sources: AWS IoT Core developer guide, Device Advisor's pages on TLS, MQTT, shadows and job execution.
"""

import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from kitbench.local_iot_core.device_advisor.behaviour import LARGEST_RECORD, Behaviour, Plan
from kitbench.local_iot_core.device_advisor.stimulus import Stimulus
from kitbench.local_iot_core.device_advisor.wire_log import WireLog
from kitbench.local_iot_core.jobs.job import parse_document
from kitbench.local_iot_core.jobs.job_error import JobError

#: How much faster the device's clock runs than ours, as a virtual kit's may.
CLOCK_FACTOR: Final = "KITBENCH_CLOCK_FACTOR"
#: The longest TLS record of data that the endpoint sends, in bytes.
RECORD_SIZE: Final = "KITBENCH_RECORD_SIZE"
#: The cipher suites of TLS 1.2 that the endpoint has, as OpenSSL lists them.
CIPHERS: Final = "KITBENCH_CIPHERS"
#: "1" for a device whose own policy is not to be judged: it may use any topic.
ANY_TOPIC: Final = "KITBENCH_ANY_TOPIC"
KNOWN: Final = (
    "EXECUTION_TIMEOUT",
    "TOPIC_LIST_FOR_SUBSCRIPTION_VALIDATION_ID",
    "TOPIC_FOR_PUBLISH_VALIDATION",
    "PAYLOAD_FOR_PUBLISH_VALIDATION",
    "PAYLOAD_SIZE",
    "PAYLOAD_FORMAT",
    "TRIGGER_TOPIC",
    "RECONNECTION_ATTEMPTS",
    "SHADOW_NAME",
    "REPORTED_STATE",
    "DESIRED_STATE",
    "JOB_DOCUMENT",
    "JOB_JOBID",
    "PAYLOAD",
    CLOCK_FACTOR,
    RECORD_SIZE,
    CIPHERS,
    ANY_TOPIC,
)
#: PAYLOAD_SIZE in kilobytes.
_LARGEST_KB: Final = 128
_JOB_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class EndpointWishes:
    """How the endpoint is to differ from what a test makes of it.

    Attributes:
        record_size: in bytes; None for the test's.
        ciphers: "" for the test's.
    """

    record_size: int | None = None
    ciphers: str = ""

    def plan(self, plan: Plan) -> Plan:
        """Return a test's plan with these wishes."""

        def wished(log: WireLog) -> Behaviour:
            behaviour = plan(log)
            size, ciphers = self.record_size or behaviour.record_size, self.ciphers or behaviour.ciphers
            return replace(behaviour, record_size=size, ciphers=ciphers)

        return wished


def endpoint_wishes(given: Mapping[str, Any]) -> EndpointWishes:
    """Return what a configuration wishes of the endpoint.

    Raises:
        ValueError: a value is out of bounds, or no cipher suite of OpenSSL's.
    """
    size = int(given[RECORD_SIZE]) if RECORD_SIZE in given else None
    if size is not None and not 1 <= size <= LARGEST_RECORD:
        raise ValueError(f"{RECORD_SIZE} is between 1 and {LARGEST_RECORD}")
    ciphers = str(given.get(CIPHERS, ""))
    if ciphers:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).set_ciphers(ciphers)
        except ssl.SSLError as error:
            raise ValueError(f"{CIPHERS} names no cipher suite of OpenSSL's") from error
    return EndpointWishes(size, ciphers)


def stimulus_of(given: Mapping[str, Any]) -> Stimulus:
    """Return what the device is to be sent.

    Raises:
        ValueError: a value is out of bounds.
        TypeError: a value is of another kind.
    """
    # AWS has PAYLOAD in the test of persistent sessions, and the longer name in the others.
    payload = given.get("PAYLOAD", given.get("PAYLOAD_FOR_PUBLISH_VALIDATION"))
    content = None if payload is None else str(payload).encode()
    if "PAYLOAD_SIZE" in given:
        size = int(given["PAYLOAD_SIZE"])
        if not 0 <= size <= _LARGEST_KB:
            raise ValueError(f"PAYLOAD_SIZE is between 0 and {_LARGEST_KB}, in kilobytes")
        content = b"x" * min(size * 1024, _LARGEST_KB * 1024 - 1024)
    form = str(given.get("PAYLOAD_FORMAT", ""))
    if form and "${payload}" not in form:
        raise ValueError("PAYLOAD_FORMAT has no ${payload}")
    topic, desired = str(given.get("TRIGGER_TOPIC", "")), state_of(given, "DESIRED_STATE")
    return Stimulus(topic, content, form, desired, *_job_of(given))


def _job_of(given: Mapping[str, Any]) -> tuple[str, str]:
    """Return document and id of the job that a device is to do, each "" where it is not given."""
    document, job_id = str(given.get("JOB_DOCUMENT", "")), str(given.get("JOB_JOBID", ""))
    if document:
        try:
            parse_document(document)
        except (JobError, NotImplementedError) as error:
            raise ValueError(f"JOB_DOCUMENT: {error}") from error
    if job_id and not document:
        raise ValueError("JOB_JOBID without JOB_DOCUMENT, for a job that is there already, is not modelled")
    if job_id and not _JOB_ID.fullmatch(job_id):
        raise ValueError("JOB_JOBID has 1 to 64 letters, digits, - and _")
    return document, job_id


def state_of(given: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """Return a state of a shadow, which is an object or its JSON; None where none is given.

    Raises:
        ValueError: it is no JSON.
        TypeError: it is no object.
    """
    state = given.get(key)
    if isinstance(state, str):
        state = json.loads(state)
    if state is not None and not isinstance(state, dict):
        raise TypeError(f"{key} is no object")
    return state
