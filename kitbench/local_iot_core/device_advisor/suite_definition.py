"""A suite of tests as `CreateSuiteDefinition` brings it: `rootGroup` is JSON, groups within groups and tests in them.

Source: AWS IoT Core developer guide, "Create a test suite definition".
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from kitbench.local_iot_core.device_advisor.behaviour import Plan
from kitbench.local_iot_core.device_advisor.catalogue import USUAL_TIMEOUT_S, TestCase, find_test_case
from kitbench.local_iot_core.device_advisor.configuration import (
    ANY_TOPIC,
    CLOCK_FACTOR,
    KNOWN,
    endpoint_wishes,
    state_of,
    stimulus_of,
)
from kitbench.local_iot_core.device_advisor.device_role import ROLE, WIDE_ROLE
from kitbench.local_iot_core.device_advisor.judging.terms import Terms
from kitbench.local_iot_core.device_advisor.stimulus import Stimulus
from kitbench.local_iot_core.policies.policy import Policy

Json: TypeAlias = dict[str, Any]

#: How many tests a suite may have, and how deep its groups may be.
_MOST_TESTS: Final = 100
_DEEPEST: Final = 4
#: How late an event may be seen, in seconds of this machine.
_LATE_S: Final = 0.02
_ATTEMPTS: Final = (5, 10)


class DefinitionError(ValueError):
    """A definition that AWS would refuse, or that asks for what is not modelled."""


@dataclass(frozen=True, slots=True)
class SuiteTest:
    """A test of a suite, with its configuration and that of its groups; by its id runs select it."""

    id: str
    name: str
    group: str
    case: TestCase
    configuration: Mapping[str, Any] = field(default_factory=dict)

    @property
    def timeout_s(self) -> float:
        """How long it may take, in seconds of the device."""
        return float(self.configuration.get("EXECUTION_TIMEOUT", USUAL_TIMEOUT_S))

    @property
    def clock_factor(self) -> float:
        """How much faster the device's clock runs than ours."""
        return float(self.configuration.get(CLOCK_FACTOR, 1.0))

    @property
    def plan(self) -> Plan:
        """How the endpoint treats the device."""
        return endpoint_wishes(self.configuration).plan(self.case.plan)

    @property
    def role(self) -> Policy:
        """What the device may do beside its own policies."""
        return WIDE_ROLE if self.uses_any_topic else ROLE

    @property
    def uses_any_topic(self) -> bool:
        """The device is the bench's, which knows nothing of a product's topics and things."""
        return str(self.configuration.get(ANY_TOPIC, "")) == "1"

    @property
    def stimulus(self) -> Stimulus:
        """What the device is sent."""
        return stimulus_of(self.configuration)

    def terms(self, now_s: float, **facts: Any) -> Terms:
        """Return what the test is judged by at a moment; `facts` are further fields of `Terms`."""
        given = self.configuration
        payload = given.get("PAYLOAD_FOR_PUBLISH_VALIDATION")
        return Terms(
            now_s,
            is_over=now_s >= self.timeout_s,
            noise_s=_LATE_S * self.clock_factor,
            topics=tuple(given.get("TOPIC_LIST_FOR_SUBSCRIPTION_VALIDATION_ID", ())),
            topic=str(given.get("TOPIC_FOR_PUBLISH_VALIDATION", "")),
            payload=None if payload is None else str(payload).encode(),
            trigger=str(given.get("TRIGGER_TOPIC", "")),
            attempts=int(given.get("RECONNECTION_ATTEMPTS", _ATTEMPTS[0])),
            shadow=str(given.get("SHADOW_NAME", "")),
            reported=state_of(given, "REPORTED_STATE"),
            **facts,
        )


def with_ids(text: str) -> str:
    """Return a root group in which every group and test has an id, new where it had none.

    Raises:
        DefinitionError: it is no JSON.
    """
    root = _load(text)
    _give_ids(root)
    return json.dumps(root)


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DefinitionError(f"rootGroup is no JSON: {str(error)[:100]}") from error


def _give_ids(node: Any, depth: int = 0) -> None:
    if not isinstance(node, dict) or depth > _DEEPEST:
        raise DefinitionError("rootGroup is no object of groups and tests")
    if not isinstance(node.get("id"), str):
        node["id"] = str(uuid.uuid4())
    children = node.get("tests", [])
    if not isinstance(children, list):
        raise DefinitionError("tests is no list")
    for child in children:
        _give_ids(child, depth + 1)


def parse_root_group(text: str) -> tuple[SuiteTest, ...]:
    """Return the tests of a root group in their order.

    Args:
        text: as `with_ids` returns it.

    Raises:
        DefinitionError: it has no test or too many, or one that is not modelled.
    """
    root = _load(text)
    tests = tuple(_walk(root, "", {}))
    if not tests:
        raise DefinitionError('rootGroup has no test: {"tests": [{"name": …, "test": {"id": …, "version": "0.0.0"}}]}')
    if len(tests) > _MOST_TESTS:
        raise DefinitionError(f"rootGroup has {len(tests)} tests, at most {_MOST_TESTS}")
    for test in tests:
        _check(test)
    return tests


def _walk(node: Json, group: str, inherited: Mapping[str, Any]) -> Iterator[SuiteTest]:
    configuration = node.get("configuration", {})
    if not isinstance(configuration, dict):
        raise DefinitionError("configuration is no object")
    merged = {**inherited, **configuration}
    name = str(node.get("name", ""))[:256]
    if "test" in node:
        yield SuiteTest(node["id"], name, group, _case_of(node["test"]), merged)
        return
    for child in node.get("tests", []):
        yield from _walk(child, name or group, merged)


def _case_of(test: Any) -> TestCase:
    if not isinstance(test, dict) or not isinstance(test.get("id"), str):
        raise DefinitionError("a test has no id")
    try:
        return find_test_case(test["id"])
    except LookupError as error:
        raise DefinitionError(str(error)) from error


def _check(test: SuiteTest) -> None:
    """Refuse a configuration whose keys are not known, or whose values are not what they should be."""
    if foreign := [key for key in test.configuration if key not in KNOWN]:
        raise DefinitionError(f"configuration of {test.case.id}: {foreign[0][:60]!r} is not modelled")
    try:
        terms = test.terms(0.0)
        timeout_s, factor = test.timeout_s, test.clock_factor
        _ = test.plan, test.stimulus
    except (TypeError, ValueError) as error:
        raise DefinitionError(f"configuration of {test.case.id}: {str(error)[:100]}") from error
    if not 0 < timeout_s <= 86_400 or not 0.01 <= factor <= 1000:
        raise DefinitionError(f"configuration of {test.case.id}: EXECUTION_TIMEOUT or {CLOCK_FACTOR} is out of bounds")
    if not _ATTEMPTS[0] <= terms.attempts <= _ATTEMPTS[1]:
        raise DefinitionError(f"configuration of {test.case.id}: RECONNECTION_ATTEMPTS is between 5 and 10")
    if not all(isinstance(topic, str) for topic in terms.topics):
        raise DefinitionError(f"configuration of {test.case.id}: topics are strings")
