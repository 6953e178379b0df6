"""What the run's own certificate and key may do, and what not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kitbench.cloud.endpoint import Endpoint, local_endpoint
from kitbench.cloud.mqtt.bench_client import AttemptOutcome, attempt
from kitbench.cloud.mqtt.mqtt_connection import ClosedError, RefusedError
from kitbench.cloud.things.client_identity import ClientIdentity, Topics
from kitbench.cloud.things.ledger import open_ledger
from kitbench.cloud.things.provisioning import provision, set_active
from kitbench.errors import CloudError, UsageError


@pytest.fixture(name="core", scope="module")
def _core(core_line: str) -> Endpoint:
    return local_endpoint(core_line)


@pytest.fixture(name="kit", scope="module")
def _kit(core: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientIdentity]:
    with (
        open_ledger(core.cloud_id, folder=tmp_path_factory.mktemp("ledgers")) as ledger,
        provision(core, ledger, topics=Topics.both(ledger.run.topic())) as kit,
    ):
        yield kit


def test_own_topic_is_allowed(core: Endpoint, kit: ClientIdentity) -> None:
    topic = kit.topics.publish[0]

    assert attempt(core, kit, subscribe=topic, publish=topic).outcome is AttemptOutcome.CONNECTED


def test_foreign_topic_is_refused_by_hanging_up(core: Endpoint, kit: ClientIdentity) -> None:
    published = attempt(core, kit, publish="somebody/else")
    subscribed = attempt(core, kit, subscribe="somebody/else")

    assert (published.outcome, published.step) == (AttemptOutcome.CLOSED, "publish")
    assert (subscribed.outcome, subscribed.step) == (AttemptOutcome.CLOSED, "subscribe")


def test_foreign_client_id_is_not_let_in(core: Endpoint, kit: ClientIdentity) -> None:
    result = attempt(core, kit, client_id="somebody-else")

    assert (result.outcome, result.step) == (AttemptOutcome.REFUSED, "connect")


def test_deactivated_certificate_is_not_let_in_and_comes_back(core: Endpoint, kit: ClientIdentity) -> None:
    set_active(core, kit, active=False)
    inactive = attempt(core, kit)
    set_active(core, kit, active=True)
    active = attempt(core, kit)

    assert inactive.outcome is AttemptOutcome.REFUSED
    assert active.outcome is AttemptOutcome.CONNECTED


def test_quick_successors_are_not_taken_for_denials(core: Endpoint, kit: ClientIdentity) -> None:
    """AWS takes one CONNECT a second for a client id."""
    assert [attempt(core, kit, stay_s=0).outcome for _ in range(2)] == [AttemptOutcome.CONNECTED] * 2


def test_broker_that_is_not_there_shows_nothing(core: Endpoint, kit: ClientIdentity) -> None:
    with pytest.raises(CloudError, match="cannot connect"):
        attempt(replace(core, mqtt_port=9), kit)


def test_key_in_a_secure_element_cannot_be_used_on_the_bench(core: Endpoint, kit: ClientIdentity) -> None:
    with pytest.raises(UsageError, match="secure element"):
        attempt(core, replace(kit, private_key_file=None))


def test_key_file_that_is_gone_is_named(core: Endpoint, kit: ClientIdentity, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read the key file .*gone\.key"):
        attempt(core, replace(kit, private_key_file=tmp_path / "gone.key"))


class Scripted:
    """A connection whose steps end as told, one entry for each connection that is made."""

    def __init__(self, *ends: dict[str, Exception | bool]) -> None:
        self._ends = list(ends)
        self._now: dict[str, Exception | bool] = {}
        self.steps: list[str] = []

    def __call__(self, *_: object, **__: object) -> "Scripted":
        self._now = self._ends.pop(0)
        return self

    def _step(self, name: str) -> None:
        self.steps.append(name)
        if isinstance(end := self._now.get(name), Exception):
            raise end

    def connect(self, _timeout_s: float) -> None:
        self._step("connect")

    def subscribe(self, _topic: str, **_: object) -> None:
        self._step("subscribe")

    def publish(self, *_: object, **__: object) -> None:
        self._step("publish")

    def closed_within(self, _seconds: float) -> bool:
        self._step("stay")
        return bool(self._now.get("stay"))

    def disconnect(self) -> None:
        self._step("disconnect")


REFUSED, CLOSED = RefusedError("not authorized"), ClosedError("it hung up")


@pytest.mark.parametrize(
    ("ends", "outcome", "step"),
    [
        ([{}], AttemptOutcome.CONNECTED, "stay"),
        ([{"stay": True}], AttemptOutcome.CLOSED, "stay"),
        ([{"publish": CLOSED}], AttemptOutcome.CLOSED, "publish"),
        ([{"subscribe": REFUSED}], AttemptOutcome.REFUSED, "subscribe"),
        ([{"connect": REFUSED}, {"connect": REFUSED}], AttemptOutcome.REFUSED, "connect"),
        ([{"connect": REFUSED}, {}], AttemptOutcome.CONNECTED, "stay"),
    ],
    ids=["good", "later", "publish", "subscribe", "connect", "second connect"],
)
def test_outcome_is_that_of_the_last_step(
    monkeypatch: pytest.MonkeyPatch, ends: list[dict[str, Exception | bool]], outcome: AttemptOutcome, step: str
) -> None:
    scripted = Scripted(*ends)
    monkeypatch.setattr("kitbench.cloud.mqtt.bench_client.MqttConnection", scripted)
    identity: Any = SimpleNamespace(client_id="kit")

    seen = attempt(cast("Any", None), identity, subscribe="a", publish="a")

    assert (seen.outcome, seen.step) == (outcome, step)
    assert scripted.steps.count("disconnect") == len(ends)
