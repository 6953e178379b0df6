"""The job of the test about jobs: it is queued as soon as the device shows on the wire that it does jobs.

Not before, or a device that only listens would not hear of it; and before its first request is answered, or a device
that only asks, once, would get nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kitbench.local_iot_core.broker.message_broker import MessageBroker
from kitbench.local_iot_core.broker.session import Message
from kitbench.local_iot_core.device_advisor.stimulus import Stimulus, listens
from kitbench.local_iot_core.device_advisor.wire_log import WireLog
from kitbench.local_iot_core.jobs.job import parse_job
from kitbench.local_iot_core.jobs.job_execution import JobExecution
from kitbench.local_iot_core.jobs.job_service import JobService
from kitbench.local_iot_core.mqtt.mqtt_packets import Subscribe
from kitbench.local_iot_core.policies.registry import ARN_PREFIX, Registry, Thing

#: A topic or filter of the Jobs service, and whose.
JOBS_TOPIC: Final = re.compile(r"\$aws/things/([^/]+)/jobs/.+")
_ASKS_FOR_NOTHING: Final = '{"operation": "kitbench-test"}'
_USUAL_ID: Final = "kitbench-device-advisor"


class JobOffer:
    """The Jobs service of one test, and the job in it.

    Args:
        broker: of the test.
        log: of the wire.
        stimulus: says which job.
        any_thing: whatever thing the device asks for is its own: the bench named the one that is registered, and a
            firmware may know another name.

    Attributes:
        is_due: the job is to be queued when the device shows that it does jobs.
        execution: the job on the device's thing; None before.
    """

    def __init__(self, broker: MessageBroker, log: WireLog, stimulus: Stimulus, *, any_thing: bool = False) -> None:
        self._broker = broker
        self._log = log
        self._stimulus = stimulus
        self._any_thing = any_thing
        self._named: dict[str, Thing] = {}
        self._service = JobService(broker, self._fleet)
        self.is_due = False
        self.execution: JobExecution | None = None
        broker.on_request = self._take

    @property
    def is_own(self) -> bool:
        """The document is the author's, so that the device may be expected to know it."""
        return bool(self._stimulus.job_document)

    def tick(self) -> None:
        """Do what is due by the clock, and look whether the device listens to its jobs."""
        self._service.store.tick()
        if self._is_awaited():
            for thing in self._things_listened_to():
                self._queue(thing)

    def _fleet(self) -> Registry:
        registry = self._broker.registry
        return replace(registry, things={**registry.things, **self._named}) if self._named else registry

    def _is_awaited(self) -> bool:
        return self.is_due and self.execution is None

    def _take(self, message: Message) -> None:
        if self._is_awaited() and (match := JOBS_TOPIC.fullmatch(message.topic)) is not None:
            self._queue(match[1])
        self._service.take(message)

    def _things_listened_to(self) -> Iterator[str]:
        """Yield the things whose notifications would reach the device now."""
        for link, _, packet in self._log.received(Subscribe):
            for request in packet.requests:
                match = JOBS_TOPIC.fullmatch(request.topic_filter)
                client = "" if link.connect is None else link.connect.client_id
                thing = "" if match is None else match[1] if match[1] != "+" else client
                topics = (f"$aws/things/{thing}/jobs/notify", f"$aws/things/{thing}/jobs/notify-next")
                if thing and any(listens(self._log, topic) for topic in topics):
                    yield thing

    def _queue(self, thing: str) -> None:
        if self._any_thing:
            self._named[thing] = Thing(thing)
        if thing not in self._fleet().things or self.execution is not None:
            return
        stimulus, store = self._stimulus, self._service.store
        job_id = stimulus.job_id or _USUAL_ID
        document = stimulus.job_document or _ASKS_FOR_NOTHING
        request = {"jobId": job_id, "targets": [f"{ARN_PREFIX}thing/{thing}"], "document": document}
        store.create(parse_job(request, store.now()))
        self.execution = store.execution(thing, job_id)
