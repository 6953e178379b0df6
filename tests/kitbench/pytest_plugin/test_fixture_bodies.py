"""What the fixtures of on-kit tests decide by themselves; that they bring a kit to life is shown by `tests/kit`."""

import contextlib
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kitbench.bench.builds.variant import Variant
from kitbench.cloud.billing.meter import BudgetExceededError, Meter
from kitbench.cloud.mqtt.observer import NothingCameError
from kitbench.errors import BenchError
from kitbench.firmware.own_endpoint import OwnEndpoint
from kitbench.pytest_plugin import fixture_bodies
from kitbench.traffic_rules import TrafficRules

OWN = "kitbench/run/topic"
COURSE = "test_topic/esp32"


def test_no_test_begins_once_the_budget_is_spent() -> None:
    meter, before = Meter(10), time.time()
    assert before <= fixture_bodies.test_began(meter) <= time.time()
    meter.count("publish_in", 100, times=11)

    with pytest.raises(BudgetExceededError):
        fixture_bodies.test_began(meter)


@pytest.mark.parametrize(
    ("menu", "source", "named", "chosen", "kept", "topic"),
    [
        ("config EXAMPLE_TOPIC\n    string\n", "test_topic/esp32", True, "", "", OWN),
        ("config EXAMPLE_TOPIC\n    string\n", "test_topic/esp32", True, "class/esp32", "", "class/esp32"),
        ("config AWS_EXAMPLE_CLIENT_ID\n    string\n", "test_topic/esp32", False, "", "", COURSE),
        (None, "test_topic/esp32", False, "", "", COURSE),
        (None, "topic_of_run()", True, "", "", COURSE),
        (None, "sensors/telemetry", False, "", "", OWN),
        (None, "sensors/telemetry", False, "class/esp32", "", "class/esp32"),
        ("config EXAMPLE_TOPIC\n    string\n", "test_topic/esp32", True, "", "s07/data", "s07/data"),
        ("config EXAMPLE_TOPIC\n    string\n", "test_topic/esp32", True, "class/esp32", "s07/data", "class/esp32"),
    ],
    ids=[
        "own",
        "class's",
        "fixed",
        "no menu",
        "graded",
        "somebody else's",
        "class's without a menu",
        "kept",
        "class's before kept",
    ],
)
def test_fixed_topic_is_held_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    menu: str | None,
    source: str,
    named: bool,
    chosen: str,
    kept: str,
    topic: str,
) -> None:
    leased = [] if topic == OWN else [topic]
    held: list[str] = []
    over: list[str] = []

    @contextlib.contextmanager
    def lease(_cloud: object, _run: object, name: str, *, hold_s: float) -> Iterator[None]:
        assert hold_s > 0
        held.append(name)
        yield
        over.append(name)

    monkeypatch.setattr(fixture_bodies, "lease", lease)
    (tmp_path / "main").mkdir()
    if menu is not None:
        (tmp_path / "main" / "Kconfig.projbuild").write_text(menu, encoding="utf-8")
    (tmp_path / "main" / "main.c").write_text(f'const char *topic = "{source}";', encoding="utf-8")
    variants = (Variant.EMBEDDED_KEY,) if named else ()
    run: Any = SimpleNamespace(
        options=SimpleNamespace(
            source=SimpleNamespace(project=tmp_path), variants=variants, traffic=TrafficRules(topic=chosen)
        ),
        names=SimpleNamespace(topic=lambda: OWN),
    )
    cloud: Any = None

    body = fixture_bodies.topic(run, cloud, OwnEndpoint(topic=kept))

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
    observer: Any = Observer(comes=comes)
    cloud: Any = SimpleNamespace(events_file=None)
    kit: Any = SimpleNamespace(check=lambda: None, last_line=lambda: "wifi: no access point")
    with contextlib.nullcontext() if comes else pytest.raises(NothingCameError, match="wifi: no access point"):
        fixture_bodies.connected_kit(kit, observer, thing, cloud, 0.0)
    waits: list[float] = observer.waits
    return waits[0]


def test_kit_that_did_not_come_is_waited_for_shortly_the_next_time() -> None:
    thing = SimpleNamespace(client_id="kit-1", connected_last_time=True)

    waits = [wait_for_kit(thing, comes=comes) for comes in (False, False, True, True)]

    long, short = fixture_bodies.CONNECTED_WITHIN_S, fixture_bodies.SECOND_CHANCE_S
    assert waits == [long, short, short, long]


def test_reason_of_the_cloud_comes_first_for_a_kit_that_did_not_come(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    event = {"time": datetime.now(UTC).isoformat(), "event": "connect_refused", "reason": "no policy allows it"}
    events.write_text(json.dumps(event) + "\n", encoding="utf-8")
    observer: Any = Observer(comes=False)
    cloud: Any = SimpleNamespace(events_file=events)
    kit: Any = SimpleNamespace(check=lambda: None, last_line=lambda: "Error(-12)")
    thing: Any = SimpleNamespace(client_id="kit-1", connected_last_time=True)

    with pytest.raises(NothingCameError) as refused:
        fixture_bodies.connected_kit(kit, observer, thing, cloud, 0.0)

    assert refused.value.message.startswith(
        "the kit did not connect: the cloud refused the connection: no policy allows it; its last line was 'Error(-12)'"
    )


@pytest.mark.parametrize("in_flash", ["handed over", "another"])
def test_no_test_passes_on_another_app_than_the_one_handed_over(monkeypatch: pytest.MonkeyPatch, in_flash: str) -> None:
    builds = [{"artefact": "app.bin", "flashed_app_sha256": ""}]
    run: Any = SimpleNamespace(report=SimpleNamespace(builds=builds))
    firmware: Any = SimpleNamespace(app_sha256="handed over", flash_size=4, flash_image=lambda size: size)
    reads: list[int] = []
    kit: Any = SimpleNamespace(close=lambda: None, read_flash=reads.append)
    monkeypatch.setattr(fixture_bodies, "flashed_app_sha256", lambda _firmware, _read: in_flash)

    for _test in range(3):
        with pytest.raises(BenchError, match=r"not app\.bin") if in_flash == "another" else contextlib.nullcontext():
            fixture_bodies.prove_flashed(run, kit, firmware)

    assert reads == [4]
