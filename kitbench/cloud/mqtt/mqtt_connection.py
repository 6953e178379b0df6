"""One MQTT connection of the bench by AWS's own client, with bounded waits and named outcomes.

awscrt calls back from its own threads; denied operations show only as a hang-up, and it reconnects by itself.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, Final

from awscrt import auth, mqtt
from awscrt.exceptions import AwsCrtError
from awsiot import mqtt_connection_builder

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.things.client_identity import ClientIdentity
from kitbench.errors import CloudError, UsageError

#: awscrt's names of errors that say that the broker was not reached at all; anything else is its refusal.
_UNREACHED: Final = (
    "AWS_IO_DNS",
    "AWS_IO_SOCKET_CONNECTION_REFUSED",
    "AWS_IO_SOCKET_CONNECT_ABORTED",
    "AWS_IO_SOCKET_NETWORK_DOWN",
    "AWS_IO_SOCKET_NO_ROUTE_TO_HOST",
    "AWS_IO_SOCKET_TIMEOUT",
    "AWS_IO_TLS_NEGOTIATION_TIMEOUT",
    "AWS_IO_TLS_ERROR_DEFAULT_TRUST_STORE_NOT_FOUND",
    "AWS_IO_FILE_VALIDATION_FAILURE",
    "AWS_ERROR_FILE",
    "AWS_ERROR_MQTT_TIMEOUT",
)
_KEEP_ALIVE_S: Final = 30
_TCP_TIMEOUT_MS: Final = 5000
#: A SUBACK's return code for a refused filter, MQTT 3.1.1 section 3.9.3.
_SUBACK_FAILURE: Final = 0x80

#: s2n, awscrt's TLS, answers a certificate that it does not trust with 10 to 30 s of silence.
_SILENCE_FIX: Final = "check that the CA file vouches for the endpoint, and its name"
#: AWS accepts one CONNECT a second for a client id; what comes earlier is refused, whatever the policy says.
_CONNECT_PAUSE_S: Final = 1.2

OnMessage = Callable[[str, bytes, int, bool, bool], None]


class RefusedError(CloudError):
    """The broker was reached and did not let the client in, or refused a subscription."""


class ClosedError(CloudError):
    """The broker hung up on a client that it had let in."""


class _Pace:
    """Keeps this process's CONNECTs of one client id apart."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def wait(self, client_id: str) -> None:
        with self._lock:
            now = time.monotonic()
            begin = max(now, self._next.get(client_id, now))
            self._next[client_id] = begin + _CONNECT_PAUSE_S
        time.sleep(begin - now)


_PACE: Final = _Pace()


class MqttConnection:
    """A connection under one identity; without one the bench's AWS credentials sign a WebSocket.

    Args:
        endpoint: host, port and CA.
        identity: thing with certificate and key file, or None.
        client_id: by default the identity's.
        on_message: called by a foreign thread with topic, payload, QoS, retained, duplicate.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        identity: ClientIdentity | None,
        *,
        client_id: str,
        on_message: OnMessage | None = None,
    ) -> None:
        self.client_id: Final = client_id
        self._on_message = on_message
        self._closed = threading.Event()
        self._reason = ""
        self.interruptions = 0
        common = {
            "endpoint": endpoint.mqtt_host,
            "ca_filepath": str(endpoint.ca_file),
            "client_id": client_id,
            "clean_session": True,
            "keep_alive_secs": _KEEP_ALIVE_S,
            "tcp_connect_timeout_ms": _TCP_TIMEOUT_MS,
            "reconnect_min_timeout_secs": 1,
            "reconnect_max_timeout_secs": 4,
            "on_connection_interrupted": self._interrupted,
            "on_connection_resumed": self._resumed,
        }
        self._connection = _signed(endpoint, common) if identity is None else _mutual(endpoint, identity, common)

    def connect(self, timeout_s: float = 10.0) -> None:
        """Connect.

        Raises:
            RefusedError: the broker was reached and refused.
            CloudError: the broker was not reached in time.
        """
        _PACE.wait(self.client_id)
        self._wait(self._connection.connect(), timeout_s, "connect", refused=RefusedError)

    def subscribe(self, topic: str, *, qos: int = 1, timeout_s: float = 10.0) -> None:
        """Subscribe and wait for the acknowledgement.

        Raises:
            RefusedError: the broker's SUBACK says no.
            ClosedError: the broker hung up, as AWS does with MQTT 3.1.1.
            CloudError: nothing came in time.
        """
        future, _ = self._connection.subscribe(topic, mqtt.QoS(qos), callback=self._received)
        answer = self._wait(future, timeout_s, f"subscribe to {topic}", refused=ClosedError)
        if answer["qos"] is None or int(answer["qos"]) == _SUBACK_FAILURE:
            raise RefusedError(f"{self.client_id}: subscription to {topic} refused", stage="cloud")

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, timeout_s: float = 10.0) -> None:
        """Publish; with QoS 1 wait for the acknowledgement.

        Raises:
            ClosedError: the broker hung up, as AWS does when the policy refuses.
            CloudError: no acknowledgement came in time.
        """
        future, _ = self._connection.publish(topic, payload, mqtt.QoS(qos))
        self._wait(future, timeout_s, f"publish on {topic}", refused=ClosedError)

    def closed_within(self, timeout_s: float) -> bool:
        """Wait whether the broker hangs up."""
        return self._closed.wait(timeout_s)

    def disconnect(self, timeout_s: float = 5.0) -> None:
        """Disconnect; a broker that does not answer is left alone."""
        try:
            self._connection.disconnect().result(timeout_s)
        except (AwsCrtError, RuntimeError, FutureTimeoutError):
            # awscrt raises RuntimeError when there is no connection any more.
            return

    def _wait(self, future: "Future[Any]", timeout_s: float, what: str, *, refused: type[CloudError]) -> Any:
        try:
            return self._result(future, timeout_s)
        except FutureTimeoutError as error:
            line = f"{self.client_id}: cannot {what}: no answer in {timeout_s:g} s"
            raise CloudError(line, stage="cloud", fix=_SILENCE_FIX if what == "connect" else "") from error
        except RuntimeError as error:
            raise ClosedError(f"{self.client_id}: cannot {what}: {error}", stage="cloud") from error
        except AwsCrtError as error:
            fault = CloudError if error.name.startswith(_UNREACHED) else refused
            raise fault(f"{self.client_id}: cannot {what}: {error.name}", stage="cloud") from error

    def _result(self, future: "Future[Any]", timeout_s: float) -> Any:
        """Wait for a future, or for the broker to hang up: awscrt would send again after each reconnection."""
        done = threading.Event()
        future.add_done_callback(lambda _: done.set())
        step_s = 0.02
        for _ in range(max(1, round(timeout_s / step_s))):
            if done.wait(step_s):
                return future.result(0)
            if self._closed.is_set():
                raise ClosedError(f"{self.client_id}: the broker hung up: {self._reason}", stage="cloud")
        raise FutureTimeoutError

    def _received(self, topic: str, payload: bytes, dup: bool, qos: Any, retain: bool, **_: object) -> None:  # noqa: FBT001 - awscrt's signature
        if self._on_message is not None:
            self._on_message(topic, payload, int(qos), retain, dup)

    def _interrupted(self, connection: object, error: Any, **_: object) -> None:
        del connection
        self._reason = getattr(error, "name", str(error))
        self.interruptions += 1
        self._closed.set()

    def _resumed(self, connection: Any, return_code: object, session_present: bool, **_: object) -> None:  # noqa: FBT001 - awscrt's signature
        del return_code
        if not session_present:
            connection.resubscribe_existing_topics()
        self._closed.clear()


def _mutual(endpoint: Endpoint, identity: ClientIdentity, common: dict[str, Any]) -> Any:
    if identity.private_key_file is None:
        raise UsageError(f"the key of {identity.thing_name} is in a secure element: the bench cannot connect with it")
    try:
        return mqtt_connection_builder.mtls_from_bytes(
            identity.certificate_pem, identity.private_key_file.read_bytes(), port=endpoint.mqtt_port, **common
        )
    except OSError as error:
        raise UsageError(f"cannot read the key file {identity.private_key_file}: {error.strerror}") from error
    except AwsCrtError as error:
        raise CloudError(
            f"certificate, key or CA of {identity.thing_name} unusable: {error.name}", stage="cloud"
        ) from error


def _signed(endpoint: Endpoint, common: dict[str, Any]) -> Any:
    credentials = endpoint.session().get_credentials()
    if credentials is None:
        raise UsageError("no AWS credentials to sign the WebSocket with", stage="cloud")
    frozen = credentials.get_frozen_credentials()
    provider = auth.AwsCredentialsProvider.new_static(frozen.access_key, frozen.secret_key, frozen.token)
    return mqtt_connection_builder.websockets_with_default_aws_signing(
        endpoint.region, provider, port=endpoint.websocket_port, **common
    )
