"""A plain device of paho's on Device Advisor's endpoint, and one test of it at a time, as boto3 asks for it."""

import json
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.conformance.local_iot_core_process import ARN, Device, LocalCore

ROLE: Final = "arn:aws:iam::000000000000:role/device-advisor"
#: Seconds for what must happen, however busy the machine is.
LONG_S: Final = 180.0


def suite_of(*test_ids: str, **configuration: Any) -> dict[str, Any]:
    """Return the configuration of a suite with these tests."""
    tests = [{"name": f"my {name}", "test": {"id": name, "version": "0.0.0"}} for name in test_ids]
    group = {"name": "my group", "configuration": configuration, "tests": tests}
    root = json.dumps({"configuration": {}, "tests": [group]})
    return {"suiteDefinitionName": "my suite", "rootGroup": root, "devicePermissionRoleArn": ROLE}


class Advised:
    """A device under test.

    Args:
        core: with Device Advisor.
        device: who.
    """

    def __init__(self, core: LocalCore, device: Device) -> None:
        self.core = core
        self.device = device
        self.api = core.client("iotdeviceadvisor")
        self.primary = {"thingArn": f"{ARN}:thing/{device.name}"}
        self.port = int(self.api.get_endpoint()["endpoint"].rpartition(":")[2])

    def start(self, *test_ids: str, **configuration: Any) -> dict[str, str]:
        """Start a run of tests; return its ids."""
        suite = self.api.create_suite_definition(suiteDefinitionConfiguration=suite_of(*test_ids, **configuration))
        ids = {"suiteDefinitionId": suite["suiteDefinitionId"]}
        run = self.api.start_suite_run(**ids, suiteRunConfiguration={"primaryDevice": self.primary})
        return ids | {"suiteRunId": run["suiteRunId"]}

    def judged(self, test_id: str, device: Callable[[paho.Client], None], **configuration: Any) -> tuple[str, str]:
        """Run a test whose verdict comes with its end, on a client that `device` sets up; return status and words.

        A busy machine's client may not be there in time: a test that is not judged is run again with more time.
        """
        for timeout_s in (2, 6, 18, 54):
            run = self.start(test_id, **configuration, EXECUTION_TIMEOUT=str(timeout_s))
            with self.client() as client:
                device(client)
                client.loop_start()
                status, words = status_and_words(self.results(run)[0])
            if status != "ERROR":
                break
        return status, words

    def results(self, run: dict[str, str], *, within_s: float = LONG_S) -> list[dict[str, Any]]:
        """Return the tests of a run that has ended."""
        deadline = time.monotonic() + within_s
        while (answer := self.api.get_suite_run(**run))["status"] in {"PENDING", "RUNNING"}:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return [test for group in answer["testResult"]["groups"] for test in group["tests"]]

    @contextmanager
    def client(self, *, context: ssl.SSLContext | None = None, keep_alive_s: int = 60) -> Iterator[paho.Client]:
        """Yield a client with the device's certificate, not connected yet."""
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=self.device.name)
        client.tls_set_context(context or self.context())
        client.keepalive = keep_alive_s
        client.reconnect_delay_set(1, 1)
        client.connect_async("localhost", self.port, keep_alive_s)
        try:
            yield client
        finally:
            client.disconnect()
            client.loop_stop()

    def context(self) -> ssl.SSLContext:
        """Return a strict TLS context with the device's certificate."""
        context = ssl.create_default_context(cafile=self.core.ca_file)
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
            certificate.write_text(self.device.certificate_pem)
            key.write_text(self.device.key_pem)
            context.load_cert_chain(certificate, key)
        return context


def status_and_words(test: dict[str, Any]) -> tuple[str, str]:
    """Return how a test of a run ended, and why."""
    return test["status"], test["testScenarios"][0]["systemMessage"]


def subscribing(topic: str, qos: int = 1) -> Callable[..., None]:
    """Return paho's `on_connect` of a device that subscribes and publishes."""

    def on_connect(client: paho.Client, *_: Any) -> None:
        client.subscribe(topic, qos)
        client.publish(topic, b"21", 0)

    return on_connect
