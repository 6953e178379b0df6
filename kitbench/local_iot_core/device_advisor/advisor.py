"""Device Advisor as one thing: suites, their runs, and an endpoint for each device. It lives in the loop's thread."""

import asyncio
import secrets
import socket
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from kitbench.local_iot_core.apis.certificate_authority import CertificateAuthority
from kitbench.local_iot_core.broker.events import EventLog
from kitbench.local_iot_core.broker.message_broker import MessageBroker
from kitbench.local_iot_core.device_advisor.device_role import DeviceRole
from kitbench.local_iot_core.device_advisor.endpoint import AdvisorEndpoint
from kitbench.local_iot_core.device_advisor.server_credentials import ServerCredentials
from kitbench.local_iot_core.device_advisor.stage import Stage
from kitbench.local_iot_core.device_advisor.suite_definition import SuiteTest, parse_root_group, with_ids
from kitbench.local_iot_core.device_advisor.suite_run import SuiteRun
from kitbench.local_iot_core.policies.registry import ARN_PREFIX, Certificate

#: How often tests are looked at, in seconds.
_TICK_S: Final = 0.05
#: Suites and runs that are kept; the oldest runs go.
_MOST_SUITES: Final = 100
_MOST_RUNS: Final = 200
#: The endpoint of whoever names no device.
ANY_DEVICE: Final = ""


class ConflictError(Exception):
    """What is asked for cannot be done now; the text says why."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite definition, in the version that is the latest.

    Attributes:
        configuration: as it was given.
        created, modified: in seconds since 1970.
    """

    id: str
    configuration: Mapping[str, Any]
    tests: tuple[SuiteTest, ...]
    version: int = 1
    created: float = field(default_factory=time.time)
    modified: float = field(default_factory=time.time)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The suite's name."""
        return str(self.configuration["suiteDefinitionName"])


@dataclass(frozen=True, slots=True)
class StartedRun:
    """A run and what it is of.

    Attributes:
        device: ARN of thing or certificate, or "" for whoever comes.
        configuration: as it was given.
        token: that the address of its report ends with.
    """

    run: SuiteRun
    suite: Suite
    device: str
    configuration: Mapping[str, Any]
    port: int
    tags: dict[str, str] = field(default_factory=dict)
    token: str = field(default_factory=secrets.token_urlsafe)


class DeviceAdvisor:
    """All of Device Advisor.

    Args:
        broker: of the account: its registry says which certificates are whose, its limits hold for devices under test.
        authority: that devices trust.
        hosts: names and addresses of the endpoint; it listens on `listen`.
        folder: private.
    """

    def __init__(
        self, broker: MessageBroker, authority: CertificateAuthority, hosts: Sequence[str], *, listen: str, folder: Path
    ) -> None:
        self._broker = broker
        self._credentials = ServerCredentials(authority, hosts, folder)
        self._listen = listen
        self._endpoints: dict[str, AdvisorEndpoint] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.suites: dict[str, Suite] = {}
        self.runs: dict[str, StartedRun] = {}

    def define(self, configuration: Mapping[str, Any], tags: dict[str, str], *, suite_id: str = "") -> Suite:
        """Make a suite, or a new version of one.

        Raises:
            DefinitionError: it cannot be run.
            ConflictError: there are too many.
        """
        configuration = {**configuration, "rootGroup": with_ids(str(configuration["rootGroup"]))}
        tests = parse_root_group(configuration["rootGroup"])
        if suite_id:
            former = self.suites[suite_id]
            suite = replace(
                former, configuration=configuration, tests=tests, version=former.version + 1, modified=time.time()
            )
        elif len(self.suites) >= _MOST_SUITES:
            raise ConflictError(f"there are {_MOST_SUITES} suites already; delete some")
        else:
            suite = Suite(str(uuid.uuid4()), configuration, tests, tags=tags)
        self.suites[suite.id] = suite
        return suite

    def endpoint(self, device: str) -> int:
        """Return the port that a device is to connect to; its listening begins with the first question."""
        if device not in self._endpoints:
            listener = socket.create_server((self._listen, 0))
            endpoint = AdvisorEndpoint(self._credentials, listener)
            self._endpoints[device] = endpoint
            task = asyncio.get_running_loop().create_task(endpoint.serve())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self._endpoints[device].port

    def start(
        self, suite: Suite, configuration: Mapping[str, Any], tests: tuple[SuiteTest, ...], tags: dict[str, str]
    ) -> StartedRun:
        """Start a run; with `parallelRun` on the device's own endpoint.

        Raises:
            ConflictError: there is a run on that endpoint already.
        """
        primary = configuration.get("primaryDevice", {})
        device = str(primary.get("thingArn") or primary.get("certificateArn") or ANY_DEVICE)
        place = device if configuration.get("parallelRun") else ANY_DEVICE
        port = self.endpoint(place)
        endpoint = self._endpoints[place]
        if any(one.port == port and one.run.ended is None for one in self.runs.values()):
            raise ConflictError("a suite runs already on this endpoint; wait, stop it, or use parallelRun")
        is_device, role = self._is_device(device), DeviceRole()

        def open_stage(test: SuiteTest) -> Stage:
            endpoint.stage = Stage(
                test.plan,
                self._make_broker,
                clock_factor=test.clock_factor,
                is_device=is_device,
                stimulus=test.stimulus,
                any_thing=test.uses_any_topic,
                registry=lambda: role.granted(self._broker.registry, is_device, test.role),
            )
            return endpoint.stage

        run = SuiteRun(tests, open_stage, lambda: {"policies": self._policies(device)})
        started = StartedRun(run, suite, device, configuration, port, tags)
        self.runs[run.id] = started
        self._forget_old_runs()
        self._tick(run, endpoint)
        return started

    def close(self) -> None:
        """Stop every run and listen no more."""
        for started in self.runs.values():
            started.run.stop()
        for endpoint in self._endpoints.values():
            endpoint.stop()

    def _tick(self, run: SuiteRun, endpoint: AdvisorEndpoint) -> None:
        run.tick()
        if run.ended is None:
            asyncio.get_running_loop().call_later(_TICK_S, self._tick, run, endpoint)
        else:
            endpoint.stage = None

    def _make_broker(self, clock: Callable[[], float]) -> MessageBroker:
        # A device that hurries is judged for it, and not refused: no quota on its CONNECTs.
        limits = replace(self._broker.limits, connects_per_s=None)
        return MessageBroker(EventLog(), registry=self._broker.registry, limits=limits, clock=clock)

    def _certificates(self, device: str) -> list[Certificate]:
        """Return the certificates of a device by its thing's or certificate's ARN."""
        kind, _, name = device.removeprefix(ARN_PREFIX).partition("/")
        return [
            certificate
            for certificate in self._broker.registry.certificates.values()
            if (kind == "cert" and certificate.certificate_id == name)
            or (kind == "thing" and any(thing.name == name for thing in certificate.things))
        ]

    def _is_device(self, device: str) -> Callable[[str | None], bool]:
        if not device:
            return lambda _identifier: True
        # Asked anew each time: a certificate may be attached while the run waits for the device.
        return lambda identifier: any(one.certificate_id == identifier for one in self._certificates(device))

    def _policies(self, device: str) -> tuple[Any, ...] | None:
        found = self._certificates(device)
        return tuple(policy for certificate in found for policy in certificate.policies) if found else None

    def _forget_old_runs(self) -> None:
        for run_id in [*self.runs][:-_MOST_RUNS]:
            if self.runs[run_id].run.ended is not None:
                del self.runs[run_id]
