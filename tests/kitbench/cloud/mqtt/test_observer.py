"""The observer sees what is published, says who did where that is certain, and never waits for ever."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kitbench.cloud.billing.meter import BudgetExceededError, Meter
from kitbench.cloud.endpoint import Endpoint, local_endpoint
from kitbench.cloud.hostile.hostile_authority import HostileAuthority
from kitbench.cloud.mqtt.bench_client import AttemptOutcome, attempt
from kitbench.cloud.mqtt.mqtt_connection import MqttConnection, RefusedError
from kitbench.cloud.mqtt.observer import NothingCameError, Observer
from kitbench.cloud.things.client_identity import ClientIdentity, Topics
from kitbench.cloud.things.ledger import open_ledger
from kitbench.cloud.things.provisioning import provision
from kitbench.errors import CloudError, KitError, UsageError


@dataclass
class Scene:
    """A kit's identity, and an observer of it with its meter."""

    endpoint: Endpoint
    kit: ClientIdentity
    eye: ClientIdentity
    observer: Observer
    meter: Meter

    @property
    def topic(self) -> str:
        return self.kit.topics.publish[0]

    def kit_publishes(self, payload: bytes) -> None:
        assert (
            attempt(self.endpoint, self.kit, publish=self.topic, payload=payload, stay_s=0).outcome
            is AttemptOutcome.CONNECTED
        )


@pytest.fixture(name="scene", scope="module")
def _scene(core_line: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    endpoint, meter = local_endpoint(core_line), Meter()
    with open_ledger(endpoint.cloud_id, folder=tmp_path_factory.mktemp("ledgers")) as ledger:
        topics = Topics.both(ledger.run.topic())
        with (
            provision(endpoint, ledger, topics=topics) as kit,
            provision(endpoint, ledger, "observer", topics=topics.for_observer([kit.client_id])) as eye,
            Observer(endpoint, topics=eye.topics, identity=eye, watched=[kit], meter=meter) as observer,
        ):
            yield Scene(endpoint, kit, eye, observer, meter)


def test_message_of_the_kit_is_recorded_with_its_client(scene: Scene) -> None:
    begun, mark = time.time(), scene.observer.mark()

    scene.kit_publishes(b"hello from ESP32")
    message = scene.observer.wait_for(lambda m: b"hello" in m.payload, what="a greeting", timeout_s=20, after=mark)

    assert (message.topic, message.payload, message.client_id) == (
        scene.topic,
        b"hello from ESP32",
        scene.kit.client_id,
    )
    assert message.qos == 1
    assert begun <= message.time <= time.time()


def test_own_message_comes_back_as_the_observers(scene: Scene) -> None:
    mark = scene.observer.mark()

    scene.observer.publish(scene.topic, b"nonce 1")
    message = scene.observer.wait_for(lambda m: m.payload == b"nonce 1", what="the nonce", timeout_s=20, after=mark)

    assert message.client_id == scene.eye.client_id


def test_presence_names_the_certificate(scene: Scene) -> None:
    begun = time.time()

    scene.kit_publishes(b"x")
    came = scene.observer.wait_for_presence(scene.kit.client_id, "connected", timeout_s=20, after=begun)
    went = scene.observer.wait_for_presence(scene.kit.client_id, "disconnected", timeout_s=20, after=begun)

    assert came.principal == scene.kit.certificate_id
    assert went.reason == "CLIENT_INITIATED_DISCONNECT"


def test_wait_that_ends_says_what_came_instead(scene: Scene) -> None:
    mark = scene.observer.mark()
    scene.observer.publish(scene.topic, b"something else")
    scene.observer.wait_for(lambda m: m.payload == b"something else", what="it", timeout_s=20, after=mark)

    with pytest.raises(
        NothingCameError,
        match=r"a nonce did not arrive in the cloud within 1 s; what came instead: 1 messages.*something else",
    ) as caught:
        scene.observer.wait_for(lambda _: False, what="a nonce", timeout_s=1, after=mark)

    assert isinstance(caught.value, KitError)


def test_wait_for_presence_ends_too(scene: Scene) -> None:
    with pytest.raises(NothingCameError, match=r"did not see stranger connected within [\d.]+ s; what came instead"):
        scene.observer.wait_for_presence("stranger", "connected", timeout_s=0.1)


def crashed() -> None:
    raise KitError("it crashed")


def test_wait_ends_when_it_has_become_pointless(scene: Scene) -> None:
    # Nobody waits out the hour: the test's own time limit would show it.
    with pytest.raises(KitError, match="it crashed"):
        scene.observer.wait_for(lambda _: False, what="a nonce", timeout_s=3600, unless=crashed)
    with pytest.raises(KitError, match="it crashed"):
        scene.observer.wait_for_presence("stranger", "connected", timeout_s=3600, unless=crashed)


def test_what_has_come_already_is_returned_though_waiting_is_pointless(scene: Scene) -> None:
    begun, mark = time.time(), scene.observer.mark()
    scene.kit_publishes(b"last words")
    scene.observer.wait_for(lambda m: m.payload == b"last words", what="them", timeout_s=20, after=mark)

    observer = scene.observer
    message = observer.wait_for(lambda _: True, what="them", timeout_s=1, after=mark, unless=crashed)
    came = observer.wait_for_presence(scene.kit.client_id, "connected", timeout_s=1, after=begun, unless=crashed)

    assert message.payload == b"last words"
    assert came.time > begun


def test_traffic_is_metered_for_all_who_pay(scene: Scene) -> None:
    before = scene.meter.reading().units
    mark = scene.observer.mark()

    scene.kit_publishes(b"counted")
    scene.observer.wait_for(lambda m: m.payload == b"counted", what="it", timeout_s=20, after=mark)
    deadline = time.monotonic() + 10
    grown: dict[str, int] = {}
    # The message is there a little before it is counted.
    while grown.get("kit publish_out", 0) < 1 and time.monotonic() < deadline:
        units = scene.meter.reading().units
        grown = {kind: units[kind] - before.get(kind, 0) for kind in units}
        time.sleep(0.01)

    assert (grown["kit connect"], grown["kit publish_in"], grown["kit publish_out"]) == (1, 1, 1)
    assert grown["observer publish_out"] >= 1


@pytest.mark.parametrize("qos", [0, 1])
def test_kit_pays_for_acknowledging_what_came_with_qos_1_alone(scene: Scene, qos: int) -> None:
    before = scene.meter.reading().units.get("kit puback", 0)
    mark = scene.observer.mark()

    scene.observer.publish(scene.topic, b"to the kit", qos=qos)
    # One thread counts, in order: once the second message is there, the first has been counted.
    scene.observer.publish(scene.topic, b"and one more", qos=0)
    scene.observer.wait_for(lambda m: m.payload == b"and one more", what="both", timeout_s=20, after=mark)

    assert scene.meter.reading().units.get("kit puback", 0) - before == qos


def test_record_without_gaps_passes_the_check(scene: Scene) -> None:
    scene.observer.check()


def test_budget_stops_the_wait(scene: Scene) -> None:
    stops: list[bool] = []
    meter = Meter(12, on_stop=lambda: stops.append(True))
    topics = Topics((scene.topic,), (scene.topic,))
    with Observer(scene.endpoint, topics=topics, client_id=f"{scene.eye.client_id}2", meter=meter) as observer:
        for _ in range(10):
            observer.publish(scene.topic, b"flood")
        with pytest.raises(BudgetExceededError, match="of 12 messages"):
            observer.wait_for(lambda _: False, what="nothing", timeout_s=20)

    assert stops[0]


def test_observer_by_websocket_needs_no_certificate(scene: Scene) -> None:
    topics = Topics((scene.topic,), (scene.topic,))
    with Observer(scene.endpoint, topics=topics, client_id=f"{scene.eye.client_id}3") as observer:
        scene.kit_publishes(b"seen by signature")
        message = observer.wait_for(lambda m: m.payload == b"seen by signature", what="it", timeout_s=20)

    assert message.client_id is None


def test_observer_that_may_not_subscribe_is_told(scene: Scene) -> None:
    with (
        pytest.raises(CloudError, match="cannot subscribe to somebody/else"),
        Observer(scene.endpoint, topics=Topics(subscribe=("somebody/else",)), identity=scene.kit),
    ):
        pytest.fail("it subscribed")


def test_broker_that_is_not_there_is_the_clouds_fault(scene: Scene) -> None:
    nowhere = replace(scene.endpoint, mqtt_port=9)
    with pytest.raises(CloudError, match="cannot connect") as caught:
        Observer(nowhere, topics=Topics(), identity=scene.kit).start()
    assert not isinstance(caught.value, RefusedError)


def test_ca_that_does_not_vouch_ends_in_bounded_time(scene: Scene, tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(HostileAuthority(tmp_path).ca_pem)
    connection = MqttConnection(replace(scene.endpoint, ca_file=ca_file), scene.eye, client_id="x")

    with pytest.raises(CloudError, match=r"no answer in 1 s — check that the CA file vouches"):
        connection.connect(timeout_s=1)


def test_observer_needs_a_client_id(scene: Scene) -> None:
    with pytest.raises(UsageError, match="client id"):
        Observer(scene.endpoint, topics=Topics())
