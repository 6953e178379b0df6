"""The local IoT core as one thing to start and stop: control plane, message broker, CA, events."""

import asyncio
import secrets
import shutil
import ssl
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from kitbench.errors import BenchError
from kitbench.local_iot_core.apis.certificate_authority import CertificateAuthority, write_certificate
from kitbench.local_iot_core.broker.connection import Connection
from kitbench.local_iot_core.broker.events import EventKind, EventLog
from kitbench.local_iot_core.broker.limits import Limits
from kitbench.local_iot_core.broker.message_broker import MessageBroker
from kitbench.local_iot_core.broker.session import Message
from kitbench.local_iot_core.control_plane import ControlPlane, DataPlane
from kitbench.local_iot_core.endpoint import LOOPBACK, Endpoint
from kitbench.local_iot_core.kept.state_folder import StateFolder
from kitbench.local_iot_core.mqtt import reserved_topic
from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from kitbench.local_iot_core.policies.authorization import Peer
from kitbench.local_iot_core.policies.registry import Registry
from kitbench.local_iot_core.rules.action_run import ActionRun
from kitbench.local_iot_core.rules.engine import RulesEngine
from kitbench.local_iot_core.rules.evaluation import Occasion
from kitbench.local_iot_core.rules.mqtt_header import header_values
from kitbench.local_iot_core.rules.rule import Rule
from kitbench.local_iot_core.rules.services import MotoServices
from kitbench.local_iot_core.transport.sigv4 import Credentials
from kitbench.local_iot_core.transport.tls_stream import Receiver, TlsStream, make_context, trust

if TYPE_CHECKING:
    from kitbench.local_iot_core.console.server import Console
    from kitbench.local_iot_core.device_advisor.api import AdvisorApi
    from kitbench.local_iot_core.jobs.job_service import JobService
    from kitbench.local_iot_core.provisioning.fleet_provisioning import FleetProvisioning

#: MQTT's first packet begins with 0x10, a WebSocket with the upgrade request.
_HTTP: Final = b"GET "
#: How often keep-alives and expiries are looked at, in seconds.
_TICK_S: Final = 0.25
_START_TIMEOUT_S: Final = 30.0


class LocalIotCore:
    """AWS IoT Core on this machine; a context manager.

    Args:
        listen: address of the message broker; the control plane never leaves the loopback.
        port: of the message broker; 0 takes a free one.
        events_path: JSON lines of what happened, or None.
        limits: quotas; AWS's by default.
        host_names: names and addresses that its certificate is for beyond those that it listens on: what an emulator's
            network calls this machine, say.
        console_port: of the test client's page on the loopback; 0 takes a free one, None serves no page.
        state: folder that keeps the CA, things, certificates, policies and rules between runs; None forgets them.

    Raises:
        BenchError: the folder of the state cannot be used.
    """

    def __init__(  # noqa: PLR0913 - what may be chosen, by name
        self,
        *,
        listen: str = LOOPBACK,
        port: int = 0,
        events_path: Path | None = None,
        limits: Limits | None = None,
        host_names: Sequence[str] = (),
        console_port: int | None = None,
        state: Path | None = None,
    ) -> None:
        self._kept = None if state is None else StateFolder(state)
        self.events = EventLog(events_path)
        self.broker = MessageBroker(self.events, limits=limits)
        self._listen = listen
        self._host_names = host_names
        self._port = port
        self._mqtt_host = "localhost" if listen == LOOPBACK else listen
        self._authority = CertificateAuthority() if self._kept is None else self._kept.authority
        self._credentials = Credentials(f"AKIALOCAL{secrets.token_hex(5).upper()}", secrets.token_urlsafe(30))
        self._directory = Path(tempfile.mkdtemp(prefix="kitbench-iot-"))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="message broker", daemon=True)
        self._ready = threading.Event()
        self._problem: OSError | None = None
        self._context = self._make_context()
        self._control_plane = ControlPlane(
            self._authority,
            self.events,
            DataPlane(
                self._registry_changed,
                self._trust_foreign,
                self._ask_broker,
                self._use_rules,
                self._job_service,
                self._fleet_provisioning,
                self._advisor,
            ),
            mqtt_host=self._mqtt_host,
            kept=self._kept,
        )
        services = MotoServices(self._control_plane.call, self._republish)
        self._console_port = console_port
        self._console: Console | None = None
        self._advisor_api: AdvisorApi | None = None
        self._jobs: JobService | None = None
        self._provisioning: FleetProvisioning | None = None
        self._rules = RulesEngine(ActionRun(services), self.events)
        self.broker.on_message = self._offer_to_rules
        self.broker.on_request = self._offer_to_services

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Endpoint:
        """Start both planes; return where they are.

        Raises:
            BenchError: the address or port cannot be had.
        """
        self._thread.start()
        if not self._ready.wait(_START_TIMEOUT_S):
            raise BenchError("the message broker did not start in time", stage="cloud")
        if self._problem is not None:
            raise BenchError(
                f"the message broker cannot listen on {self._listen}:{self._port}: {self._problem.strerror}",
                stage="cloud",
            ) from self._problem
        self._control_plane.start()
        endpoint = self.endpoint
        self.events.record(EventKind.STARTED, mqtt_port=endpoint.mqtt_port, endpoint_url=endpoint.endpoint_url)
        return endpoint

    @property
    def endpoint(self) -> Endpoint:
        """Where the local IoT core is reached, once it has started."""
        return Endpoint(
            endpoint_url=self._control_plane.url,
            mqtt_host=self._mqtt_host,
            mqtt_port=self._bound_port,
            ca_file=str(self._directory / "root_ca.pem"),
            access_key_id=self._credentials.access_key_id,
            secret_access_key=self._credentials.secret_access_key,
        )

    def stop(self) -> None:
        """Stop both planes and remove their files."""
        self._control_plane.stop()
        self._rules.stop()
        if self._provisioning is not None:
            self._provisioning.stop()
        if self._thread.is_alive() and self._problem is None:
            self._loop.call_soon_threadsafe(self._stop_event.set)
        if self._thread.ident is not None:
            self._thread.join()
        else:
            self._loop.close()
        self.events.record(EventKind.STOPPED)
        self.events.close()
        if self._kept is not None:
            self._kept.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _names(self) -> list[str]:
        """Return the names and addresses that clients may call this machine by."""
        return ["localhost", LOOPBACK, self._listen, *self._host_names]

    def _make_context(self) -> ssl.SSLContext:
        chain, key = self._authority.issue_server_certificate(self._names())
        write_certificate(self._directory / "root_ca.pem", self._authority.certificate_pem)
        chain_path, key_path = self._directory / "server.pem", self._directory / "server.key"
        chain_path.write_bytes(chain)
        # mkdtemp made the directory private; ssl reads keys from files only.
        key_path.write_bytes(key)
        context = make_context(str(chain_path), str(key_path), self._authority.certificate_pem)
        key_path.unlink()
        return context

    def _registry_changed(self, registry: Registry) -> None:
        """Make the change known before the caller hears that it is done."""
        self.broker.registry = registry
        self._loop.call_soon_threadsafe(self._follow_registry, registry)

    def _follow_registry(self, registry: Registry) -> None:
        self.broker.registry_changed(registry)
        if self._jobs is not None:
            self._jobs.store.fleet_changed()

    def _ask_broker(self, question: Callable[[MessageBroker], Any]) -> Any:
        """Run a question in the message broker's thread; return its answer or raise its error."""
        future: Future[Any] = Future()

        def run() -> None:
            try:
                future.set_result(question(self.broker))
            except Exception as error:  # noqa: BLE001 - it is raised where the question came from
                future.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return future.result(_START_TIMEOUT_S)

    def _advisor(self, base_url: str) -> "AdvisorApi":
        """Return Device Advisor's API, loaded only when it is asked for: the process starts for every submission."""
        if self._advisor_api is None:
            from kitbench.local_iot_core.device_advisor.advisor import DeviceAdvisor  # noqa: PLC0415
            from kitbench.local_iot_core.device_advisor.api import AdvisorApi  # noqa: PLC0415

            names = self._names()
            advisor = DeviceAdvisor(self.broker, self._authority, names, listen=self._listen, folder=self._directory)
            self._advisor_api = AdvisorApi(advisor, self._mqtt_host, base_url)
        return self._advisor_api

    def _job_service(self) -> "JobService":
        """Return the Jobs service, loaded only when it is asked for."""
        if self._jobs is None:
            from kitbench.local_iot_core.jobs.job_service import JobService  # noqa: PLC0415

            self._jobs = JobService(self.broker)
        return self._jobs

    def _fleet_provisioning(self) -> "FleetProvisioning":
        """Return fleet provisioning, loaded only when it is asked for."""
        if self._provisioning is None:
            from kitbench.local_iot_core.provisioning.fleet_provisioning import FleetProvisioning  # noqa: PLC0415

            self._provisioning = FleetProvisioning(self._control_plane.change, self._reply, self.events)
        return self._provisioning

    def _reply(self, client_id: str | None, message: Message) -> None:
        """Hand an answer to a client that has subscribed to it; from any thread."""
        self._loop.call_soon_threadsafe(partial(self.broker.reply, client_id, message, to_subscriber=True))

    def _offer_to_services(self, message: Message) -> None:
        """Hand a message on a service's topic to the service."""
        if reserved_topic.is_job_request(message.topic):
            self._job_service().take(message)
        elif reserved_topic.is_request(message.topic):
            self._fleet_provisioning().take(message)

    def _use_rules(self, rules: tuple[Rule, ...]) -> None:
        self._rules.use(rules)

    def _offer_to_rules(self, message: Message) -> None:
        """Hand a message to the rules engine, with who published it."""
        if self._rules.is_idle:
            return
        client = self.broker.clients.get(message.publisher or "")
        peer = Peer("") if client is None else client.peer
        pairs: Any = message.properties.get(Property.USER_PROPERTY, [])
        self._rules.take(
            Occasion(
                message.topic,
                message.payload,
                message.publisher or "",
                peer.principal,
                peer.address,
                user_properties=tuple(pairs),
                mqtt_properties=header_values(message.properties),
                hops=message.hops,
            )
        )

    def _republish(self, topic: str, payload: bytes, qos: int, hops: int) -> None:
        self._ask_broker(lambda broker: broker.serve(Message(topic, payload, qos, hops=hops)))

    def _trust_foreign(self, certificate_pem: bytes) -> None:
        trust(self._context, certificate_pem)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._stop_event = asyncio.Event()
        try:
            server = await self._loop.create_server(self._accept, self._listen, self._port, backlog=1024)
        except OSError as error:
            self._problem = error
            self._ready.set()
            return
        self._bound_port: int = server.sockets[0].getsockname()[1]
        try:
            await self._start_console()
        except OSError as error:
            self._problem = error
            self._ready.set()
            return
        self._ready.set()
        while not self._stop_event.is_set():
            self._tick()
            try:
                await asyncio.wait_for(self._stop_event.wait(), _TICK_S)
            except TimeoutError:
                continue
        self.broker.close()
        if self._advisor_api is not None:
            self._advisor_api.close()
        if self._console is not None:
            self._console.stop()
        server.close()
        await asyncio.sleep(0)

    async def _start_console(self) -> None:
        if self._console_port is None:
            return
        # Loaded only when it is asked for: the process starts for every submission.
        from kitbench.local_iot_core.console.server import Console  # noqa: PLC0415

        about = {"mqtt": f"{self._mqtt_host}:{self._bound_port}"}
        self._console = Console(self.broker, self._control_plane.shown, about)
        await self._console.start(self._console_port)

    @property
    def console_url(self) -> str:
        """The address of the test client's page, once the service has started; "" without one."""
        return self._console.url if self._console is not None else ""

    def _tick(self) -> None:
        try:
            self.broker.tick()
            if self._jobs is not None:
                self._jobs.store.tick()
        except Exception as error:  # noqa: BLE001 - a fault of ours with one client must not end the service of all
            self._loop.call_exception_handler({"message": "tick of the message broker failed", "exception": error})

    def _accept(self) -> TlsStream:
        return TlsStream(
            self._context,
            open_receiver=self._open_receiver,
            on_refused=self._tls_refused,
            handshake_timeout_s=self.broker.limits.connect_timeout_s,
        )

    def _open_receiver(self, stream: TlsStream, first: bytes) -> Receiver:
        if not first.startswith(_HTTP):
            return Connection(self.broker, stream, Peer(stream.address, stream.certificate_id()))
        # Loaded for the first WebSocket only: the process starts for every submission.
        from kitbench.local_iot_core.transport.websocket import WebSocket  # noqa: PLC0415

        return WebSocket(
            stream,
            open_connection=partial(Connection, self.broker),
            on_refused=self._tls_refused,
            credentials=self._credentials,
            maximum_size=self.broker.limits.packet_size,
        )

    def _tls_refused(self, address: str, reason: str) -> None:
        self.events.record(EventKind.TLS_REFUSED, address=address, reason=reason)
