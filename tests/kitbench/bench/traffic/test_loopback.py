"""Whether the cloud answers: a flood that stopped the run must not be blamed on the cloud."""

from typing import Any, cast

import pytest

from kitbench.bench.traffic.loopback import hears_itself
from kitbench.cloud.billing.meter import BudgetExceededError
from kitbench.cloud.mqtt.message import Message
from kitbench.cloud.mqtt.observer import NothingCameError
from kitbench.errors import CloudError, KitbenchError


class ScriptedObserver:
    """An observer whose publish or wait ends as told."""

    def __init__(self, *, publish: KitbenchError | None = None, wait: KitbenchError | None = None) -> None:
        self._publish = publish
        self._wait = wait

    def mark(self) -> int:
        return 0

    def publish(self, topic: str, payload: bytes) -> None:
        del topic, payload
        if self._publish is not None:
            raise self._publish

    def wait_for(self, *_: object, **__: object) -> None:
        if self._wait is not None:
            raise self._wait


@pytest.mark.parametrize(
    ("observer", "answers"),
    [
        (ScriptedObserver(), True),
        (ScriptedObserver(wait=BudgetExceededError("stopped at 700 of 800 messages")), True),
        (ScriptedObserver(publish=CloudError("no acknowledgement")), False),
        (ScriptedObserver(wait=CloudError("the connection broke")), False),
        (ScriptedObserver(wait=NothingCameError("waited 10 s")), False),
    ],
)
def test_cloud_answers_unless_publish_or_echo_fails(observer: ScriptedObserver, *, answers: bool) -> None:
    assert hears_itself(cast("Any", observer), "topic") is answers


class DeafObserver(ScriptedObserver):
    """An observer to whom the messages of others come; its own come back where it hears itself."""

    def __init__(self, *, hears: bool) -> None:
        super().__init__()
        self._hears = hears
        self._payloads = [b"hello from ESP32 (QOS0) : 1 "]

    def publish(self, topic: str, payload: bytes) -> None:
        del topic
        if self._hears:
            self._payloads.append(payload)

    def wait_for(self, predicate: Any, *, what: str, timeout_s: float, after: int) -> None:  # type: ignore[override]  # spelled out
        if not any(predicate(Message(1.0, "topic", payload, 1)) for payload in self._payloads[after:]):
            raise NothingCameError(f"waited {timeout_s:g} s for {what}")


@pytest.mark.parametrize("hears", [True, False])
def test_only_its_own_probe_is_an_echo(*, hears: bool) -> None:
    assert hears_itself(cast("Any", DeafObserver(hears=hears)), "topic") is hears
