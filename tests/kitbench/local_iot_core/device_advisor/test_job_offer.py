"""When the job of the test about jobs is queued, and for whom."""

from types import MappingProxyType

import pytest

from kitbench.local_iot_core.broker.events import EventLog
from kitbench.local_iot_core.broker.message_broker import MessageBroker
from kitbench.local_iot_core.broker.session import Message
from kitbench.local_iot_core.device_advisor.job_offer import JobOffer
from kitbench.local_iot_core.device_advisor.stimulus import Stimulus
from kitbench.local_iot_core.device_advisor.wire_event import Step
from kitbench.local_iot_core.mqtt.mqtt_packets import Suback, Subscribe, SubscriptionRequest
from kitbench.local_iot_core.policies.registry import Registry, Thing
from tests.kitbench.local_iot_core.device_advisor.wire_script import WireScript


class Scene:
    """A broker with the thing `kit`, and a device that is connected as `kit`."""

    def __init__(self, stimulus: Stimulus = Stimulus(), *, any_thing: bool = False, is_due: bool = True) -> None:  # noqa: B008
        registry = Registry(things=MappingProxyType({"kit": Thing("kit")}))
        self.broker = MessageBroker(EventLog(), registry=registry)
        self.script = WireScript()
        self.link = self.script.connect(0.0)
        self.offer = JobOffer(self.broker, self.script.log, stimulus, any_thing=any_thing)
        self.offer.is_due = is_due

    def subscribe(self, topic_filter: str, code: int = 0) -> None:
        """Subscribe, and be answered with a code."""
        subscribe = Subscribe(7, (SubscriptionRequest(topic_filter, 0),))
        self.script.note(self.link, 1.0, Step.RECEIVED, subscribe)
        self.script.note(self.link, 1.1, Step.SENT, Suback(7, (code,)))
        self.offer.tick()

    def ask(self, topic: str) -> None:
        """Publish an empty request."""
        self.broker.on_request(Message(topic, b"{}", publisher="kit"))


@pytest.mark.parametrize(
    "topic_filter",
    [
        "$aws/things/kit/jobs/notify",
        "$aws/things/kit/jobs/notify-next",
        "$aws/things/kit/jobs/#",
        "$aws/things/+/jobs/notify-next",
    ],
)
def test_who_listens_is_given_a_job(topic_filter: str) -> None:
    scene = Scene()
    scene.offer.tick()
    assert scene.offer.execution is None
    scene.subscribe(topic_filter)
    assert scene.offer.execution is not None
    assert (scene.offer.execution.thing, scene.offer.execution.status) == ("kit", "QUEUED")


@pytest.mark.parametrize("topic", ["$aws/things/kit/jobs/start-next", "$aws/things/kit/jobs/$next/get"])
def test_who_asks_is_given_a_job_before_the_answer(topic: str) -> None:
    scene = Scene()
    scene.ask(topic)
    assert scene.offer.execution is not None
    assert scene.offer.execution.status == ("IN_PROGRESS" if topic.endswith("start-next") else "QUEUED")


def test_nobody_else_is_given_one() -> None:
    for topic_filter, code in (
        ("$aws/things/other/jobs/notify", 0),
        ("$aws/things/kit/jobs/notify", 0x80),
        ("$aws/things/kit/jobs/get/accepted", 0),
        ("kit/jobs/notify", 0),
    ):
        scene = Scene()
        scene.subscribe(topic_filter, code)
        assert scene.offer.execution is None

    scene = Scene(is_due=False)
    scene.subscribe("$aws/things/kit/jobs/notify")
    scene.ask("$aws/things/kit/jobs/start-next")
    assert scene.offer.execution is None


def test_a_bench_takes_the_name_that_the_firmware_knows() -> None:
    scene = Scene(any_thing=True)
    scene.ask("$aws/things/lamp/jobs/start-next")
    assert scene.offer.execution is not None
    assert scene.offer.execution.thing == "lamp"


def test_the_job_is_the_one_of_the_configuration() -> None:
    scene = Scene(Stimulus(job_document='{"a": 1}', job_id="mine"))
    scene.ask("$aws/things/kit/jobs/start-next")
    assert scene.offer.execution is not None
    assert scene.offer.execution.job_id == "mine"
    assert scene.offer.is_own
    assert not Scene().offer.is_own
