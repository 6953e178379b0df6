"""A kit that runs esp-mqtt, with either kind of key, on the local IoT core; paho looks on."""

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from kitbench.virtual_kit.atecc608a import ChipBus, Profile, make_chip
from tests.conformance.local_iot_core_process import Device, LocalCore, running_local_iot_core
from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram
from tests.kitbench.virtual_kit.cpu.mqtt_broker_rig import c_string
from tests.kitbench.virtual_kit.cpu.mqtt_program import PROGRAM, Kit

_ANYTHING = [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]


@pytest.fixture(name="core", scope="module")
def _core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCore]:
    with running_local_iot_core(tmp_path_factory.mktemp("core") / "events.jsonl") as core:
        yield core


@pytest.fixture(name="onlooker")
def _onlooker(core: LocalCore, tmp_path: Path) -> Iterator[tuple[Client, "queue.Queue[bytes]"]]:
    """A paho client that is subscribed to `up`, and the payloads it got."""
    device, subscribed = core.provision(statements=_ANYTHING), queue.Queue[Any]()
    connected: queue.Queue[None] = queue.Queue()
    payloads: queue.Queue[bytes] = queue.Queue()
    for name, text in (("certificate", device.certificate_pem), ("key", device.key_pem)):
        (tmp_path / name).write_text(text)
    client = Client(CallbackAPIVersion.VERSION2, "onlooker")
    client.tls_set(core.ca_file, str(tmp_path / "certificate"), str(tmp_path / "key"))
    client.on_subscribe = lambda *arguments: subscribed.put(arguments[3])
    client.on_message = lambda _client, _data, message: payloads.put(bytes(message.payload))
    client.on_connect = lambda *_arguments: connected.put(None)
    client.connect("localhost", core.port)
    client.loop_start()
    connected.get(timeout=20)
    client.subscribe("up", 1)
    subscribed.get(timeout=20)
    yield client, payloads
    client.disconnect()
    client.loop_stop()


def from_chip(core: LocalCore) -> tuple[ChipBus, str]:
    """Return a chip's bus and the certificate that the cloud made from a request that its key signed."""
    chip, iot = make_chip(Profile.TCUSTOM_LOCKED), core.client()
    device = core.provision(statements=_ANYTHING)
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(
        chip.state.keys[0], hashes.SHA256()
    )  # fmt: skip
    pem = request.public_bytes(Encoding.PEM).decode()
    answer = iot.create_certificate_from_csr(certificateSigningRequest=pem, setAsActive=True)
    iot.attach_policy(policyName=device.policy_name, target=answer["certificateArn"])
    return ChipBus(chip), answer["certificatePem"]


def start(run_program: RunProgram, core: LocalCore, certificate: str, key: str, bus: ChipBus | None) -> Kit:
    program = PROGRAM % {
        "ca": c_string(Path(core.ca_file).read_bytes()),
        "certificate": c_string(certificate.encode()),
        "key": c_string(key.encode()),
        "chip": bus is not None,
    }
    kit = Kit(run_program(program, access_point=(("localhost", core.port),), secure_element=bus))
    kit.see("READY")
    kit.type(f"{core.port} 10 0 0")
    return kit


@pytest.fixture(name="kit", params=["embedded_key", "atecc608a"])
def _kit(request: pytest.FixtureRequest, core: LocalCore, run_program: RunProgram) -> Kit:
    if request.param == "atecc608a":
        bus, certificate = from_chip(core)
        return start(run_program, core, certificate, "", bus)
    device = core.provision(statements=_ANYTHING)
    return start(run_program, core, device.certificate_pem, device.key_pem, None)


def test_messages_go_both_ways(kit: Kit, onlooker: tuple[Client, "queue.Queue[bytes]"]) -> None:
    client, payloads = onlooker
    kit.see("EVENT CONNECTED")
    kit.do("s")
    kit.see("EVENT SUBSCRIBED in mqtt_task id=1 type=0")

    kit.do("0", 0)
    kit.do("1", 2)
    kit.see("EVENT PUBLISHED in mqtt_task id=2 ")
    client.publish("down", "nonce", 1)

    assert {payloads.get(timeout=20), payloads.get(timeout=20)} == {b"zero", b"one"}
    kit.see("topic=down offset=0 of 5 qos=1 data=nonce .")


def test_deactivated_certificate_is_refused(core: LocalCore, run_program: RunProgram) -> None:
    device: Device = core.provision(statements=_ANYTHING, active=False)

    kit = start(run_program, core, device.certificate_pem, device.key_pem, None)

    kit.see("mqtt_client: MQTT connect failed")
    kit.see("EVENT DISCONNECTED")
    assert kit.count("EVENT CONNECTED") == 0
