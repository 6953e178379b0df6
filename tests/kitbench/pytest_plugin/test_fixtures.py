"""What the fixtures of on-kit tests decide by themselves; that they bring a kit to life is shown by `tests/kit`."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kitbench.cloud.meter import BudgetExceededError, Meter
from kitbench.cloud.observer import NothingCameError
from kitbench.pytest_plugin import fixtures
from kitbench.traffic_rules import TrafficRules


def body_of(fixture: object) -> Any:
    """Return the function behind a fixture."""
    named: Any = fixture
    return named.__wrapped__


def test_no_test_begins_once_the_budget_is_spent() -> None:
    meter, before = Meter(10), time.time()
    assert before <= body_of(fixtures.test_began)(meter) <= time.time()
    meter.count("publish_in", 100, times=11)

    with pytest.raises(BudgetExceededError):
        body_of(fixtures.test_began)(meter)


@pytest.mark.parametrize(
    ("menu", "chosen", "topic", "leased"),
    [
        ("config EXAMPLE_TOPIC\n    string\n", "", "kitbench/run/topic", []),
        ("config EXAMPLE_TOPIC\n    string\n", "class/esp32", "class/esp32", ["class/esp32"]),
        ("config AWS_EXAMPLE_CLIENT_ID\n    string\n", "", "test_topic/esp32", ["test_topic/esp32"]),
        (None, "", "test_topic/esp32", ["test_topic/esp32"]),
        (None, "class/esp32", "class/esp32", ["class/esp32"]),
    ],
    ids=["own", "class's", "fixed", "no menu", "class's without a menu"],
)
def test_fixed_topic_is_held_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, menu: str | None, chosen: str, topic: str, leased: list[str]
) -> None:
    held: list[str] = []
    over: list[str] = []

    @contextlib.contextmanager
    def lease(_cloud: object, _run: object, name: str, *, hold_s: float) -> Iterator[None]:
        assert hold_s > 0
        held.append(name)
        yield
        over.append(name)

    monkeypatch.setattr(fixtures, "lease", lease)
    (tmp_path / "main").mkdir()
    if menu is not None:
        (tmp_path / "main" / "Kconfig.projbuild").write_text(menu, encoding="utf-8")
    run = SimpleNamespace(
        options=SimpleNamespace(source=SimpleNamespace(project=tmp_path), traffic=TrafficRules(topic=chosen)),
        names=SimpleNamespace(topic=lambda: "kitbench/run/topic"),
    )

    body = body_of(fixtures.topic)(run, None)

    assert next(body) == topic
    assert (held, over) == (leased, [])
    assert list(body) == []
    assert over == leased


class Observer:
    """An observer to which a kit comes, or not; it keeps how long it was asked to wait."""

    def __init__(self, *, comes: bool) -> None:
        self._comes = comes
        self.waits: list[float] = []

    def wait_for_presence(self, client_id: str, event: str, *, timeout_s: float, **_: object) -> str:
        self.waits.append(timeout_s)
        if not self._comes:
            raise NothingCameError(f"waited for {client_id} {event}")
        return client_id


def wait_for_kit(thing: Any, *, comes: bool) -> float:
    """Let the fixture wait for the kit; return how long it would have waited."""
    observer = Observer(comes=comes)
    kit = SimpleNamespace(check=lambda: None, last_line=lambda: "wifi: no access point")
    with contextlib.nullcontext() if comes else pytest.raises(NothingCameError, match="wifi: no access point"):
        body_of(fixtures.connected_kit)(kit, observer, thing, SimpleNamespace(events_file=None), 0.0)
    return observer.waits[0]


def test_kit_that_did_not_come_is_waited_for_shortly_the_next_time() -> None:
    thing = SimpleNamespace(client_id="kit-1", came_last_time=True)

    waits = [wait_for_kit(thing, comes=comes) for comes in (False, False, True, True)]

    long, short = fixtures.CONNECTED_WITHIN_S, fixtures.SECOND_CHANCE_S
    assert waits == [long, short, short, long]
