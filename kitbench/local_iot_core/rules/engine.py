"""The rules engine: which rules a message triggers, and their actions, one after the other in a thread of its own.

Source: AWS IoT Core developer guide, "Rules for AWS IoT", "Error handling (error action)", "Basic Ingest".
"""

import base64
import queue
import threading
from dataclasses import dataclass, replace
from typing import Final

from kitbench.local_iot_core.broker.events import EventKind, EventLog
from kitbench.local_iot_core.mqtt.topic import matches
from kitbench.local_iot_core.rules.action_run import ActionError, ActionRun
from kitbench.local_iot_core.rules.evaluation import Occasion, select
from kitbench.local_iot_core.rules.rule import Action, Rule
from kitbench.local_iot_core.rules.syntax import SqlError
from kitbench.local_iot_core.rules.value import UNDEFINED, Value

#: Topics by which a message reaches one rule and nobody else.
BASIC_INGEST: Final = "$aws/rules/"
#: A message that rules have republished so often goes no further: its rules run in a circle.
MOST_HOPS: Final = 10
#: Messages that wait for the engine's thread.
_WAITING: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Work:
    rules: tuple[Rule, ...]
    occasion: Occasion


class RulesEngine:
    """Takes messages from the message broker and does what rules say.

    Args:
        run: does actions.
        events: records what rules did, and why an action failed.
    """

    def __init__(self, run: ActionRun, events: EventLog) -> None:
        self._run = run
        self._events = events
        self._rules: tuple[Rule, ...] = ()
        self._work: queue.Queue[_Work | None] = queue.Queue(_WAITING)
        self._thread: threading.Thread | None = None

    def use(self, rules: tuple[Rule, ...]) -> None:
        """Take the rules there are now; the thread starts with the first."""
        self._rules = rules
        if rules and self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="rules engine", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread, if it was begun, once it has done what waits."""
        if self._thread is not None:
            self._work.put(None)
            self._thread.join()

    @property
    def is_idle(self) -> bool:
        """Whether there is no rule that could be triggered."""
        return not self._rules

    def take(self, occasion: Occasion) -> None:
        """Take a message; never waits, and records one that is lost."""
        triggered = tuple(rule for rule in self._rules if rule.is_enabled and _is_for(rule, occasion.topic))
        if not triggered:
            return
        if occasion.hops >= MOST_HOPS:
            why = f"rules have republished it {occasion.hops} times: they run in a circle"
            self._events.record(EventKind.RULE_FAILED, rule=triggered[0].name, topic=occasion.topic, reason=why)
            return
        try:
            self._work.put_nowait(_Work(triggered, occasion))
        except queue.Full:
            why = f"{_WAITING} messages wait for the rules engine"
            self._events.record(EventKind.RULE_FAILED, rule=triggered[0].name, topic=occasion.topic, reason=why)

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            for rule in work.rules:
                self._guarded(rule, work.occasion)

    def _guarded(self, rule: Rule, occasion: Occasion) -> None:
        """Trigger a rule; a fault of ours in one must not end the others."""
        try:
            self._trigger(rule, occasion)
        except Exception as error:  # noqa: BLE001 - whatever a statement does to a message
            reason = f"{type(error).__name__}: {error}"
            self._events.record(EventKind.RULE_FAILED, rule=rule.name, topic=occasion.topic, reason=reason)

    def _trigger(self, rule: Rule, occasion: Occasion) -> None:
        seen = _seen_by(rule, occasion)
        selected = select(rule.query, seen)
        if selected is UNDEFINED:
            return
        failures = [problem for action in rule.actions if (problem := self._do(rule, action, selected, seen))]
        if failures and rule.error_action is not None:
            self._do(rule, rule.error_action, _report(rule, seen, failures), seen)

    def _do(self, rule: Rule, action: Action, selected: Value, occasion: Occasion) -> str:
        """Do one action; return why it failed, or ""."""
        try:
            self._run.run(action, selected, occasion)
        except (ActionError, SqlError) as error:
            reason = f"{action.kind}: {error}"
            self._events.record(EventKind.RULE_FAILED, rule=rule.name, topic=occasion.topic, reason=reason)
            return reason
        except Exception as error:  # noqa: BLE001 - a fault of ours in one action must not end all rules
            reason = f"{action.kind}: {type(error).__name__}: {error}"
            self._events.record(EventKind.RULE_FAILED, rule=rule.name, topic=occasion.topic, reason=reason)
            return reason
        self._events.record(EventKind.RULE_RAN, rule=rule.name, topic=occasion.topic, action=action.kind)
        return ""


def _is_for(rule: Rule, topic: str) -> bool:
    if topic.startswith(BASIC_INGEST):
        return topic.removeprefix(BASIC_INGEST).split("/")[0] == rule.name
    return bool(rule.topic_filter) and matches(rule.topic_filter, topic)


def _seen_by(rule: Rule, occasion: Occasion) -> Occasion:
    """Return the message as a rule's SQL sees it: Basic Ingest's prefix is no part of the topic."""
    topic = occasion.topic
    if topic.startswith(BASIC_INGEST):
        topic = topic.removeprefix(f"{BASIC_INGEST}{rule.name}").removeprefix("/")
    return replace(occasion, topic=topic, version=rule.version)


def _report(rule: Rule, occasion: Occasion, failures: list[str]) -> Value:
    """Return what an error action gets."""
    return {
        "ruleName": rule.name,
        "topic": occasion.topic,
        "clientId": occasion.client_id or "n/a",
        "base64OriginalPayload": base64.b64encode(occasion.payload).decode(),
        "failures": [{"failedAction": text.partition(":")[0], "errorMessage": text} for text in failures],
    }
