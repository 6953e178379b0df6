"""Many virtual kits in one process publish with QoS 1 over mutual TLS to a local IoT core; paho counts what arrives.

Usage, in the checkout: `python -m bench.kits_over_tls [--kits 50] [--messages 20] [--interval-ms 1000] [--chips 5]`.
The first kits have an ATECC608A whose key signs. Exit status 1 when a message is lost.
"""

import argparse
import collections
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from kitbench.virtual_kit.atecc608a import ChipBus, Profile, make_chip
from tests.kitbench.virtual_kit.cpu.app_rig import APP_OFFSET, Compiler, MemoryFlash, Run, image_of
from tests.kitbench.virtual_kit.cpu.mqtt_broker_rig import c_string

PROGRAM = """
#include <stdio.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "mqtt_client.h"
static const char ca[] = %(ca)s, certificate[] = %(certificate)s, key[] = %(key)s;
static volatile int connected, acknowledged;
static void on_event(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    connected |= id == MQTT_EVENT_CONNECTED;
    acknowledged += id == MQTT_EVENT_PUBLISHED;
}
void app_main(void)
{
    int port, number, count, interval_ms;
    char uri[40], name[20], topic[20], text[20];
    printf("READY\\n");
    scanf("%%d %%d %%d %%d", &port, &number, &count, &interval_ms);
    snprintf(uri, sizeof(uri), "mqtts://localhost:%%d", port);
    snprintf(name, sizeof(name), "bench-%%d", number);
    snprintf(topic, sizeof(topic), "bench/%%d", number);
    const esp_mqtt_client_config_t config = {
        .broker = {.address.uri = uri, .verification.certificate = ca},
        .network.timeout_ms = 60000,
        .credentials = {.client_id = name, .authentication = {.certificate = certificate, .key = %(chip)d ? NULL : key,
                                                              .use_secure_element = %(chip)d}},
    };
    esp_mqtt_client_handle_t client = esp_mqtt_client_init(&config);
    esp_mqtt_client_register_event(client, ESP_EVENT_ANY_ID, on_event, NULL);
    esp_mqtt_client_start(client);
    while (!connected) vTaskDelay(10);
    printf("CONNECTED\\n");
    for (int i = 0; i < count; i++) {
        snprintf(text, sizeof(text), "%%d", i);
        esp_mqtt_client_publish(client, topic, text, 0, 1, 0);
        vTaskDelay(pdMS_TO_TICKS(interval_ms));
    }
    while (acknowledged < count) vTaskDelay(10);
    printf("ACKNOWLEDGED\\n");
}
"""


def main() -> None:
    """Measure, print a table, exit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("kits", 50), ("messages", 20), ("interval-ms", 1000), ("chips", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    command = [sys.executable, "-m", "kitbench", "local-iot-core", "--json", "--die-with-parent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as core:
        assert core.stdout is not None
        try:
            lost = measure(json.loads(core.stdout.readline()), options)
        finally:
            core.terminate()
    sys.exit(lost > 0)


def measure(endpoint: dict[str, Any], options: argparse.Namespace) -> int:
    """Run the kits and print what they took; return how many messages were lost."""
    received: collections.Counter[tuple[str, bytes]] = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        kits = make_kits(endpoint, Path(folder), options.kits, options.chips)
        onlooker = look_on(endpoint, Path(folder), received)
        memory_kib = resident_kib()
        for kit in kits:
            kit.start()
        for kit in kits:
            kit.wait_for("READY", 120)
        begun_s, cpu_s = time.monotonic(), time.process_time()
        for number, kit in enumerate(kits):
            assert kit.app is not None
            kit.app.uart_input(f"{endpoint['mqtt_port']} {number} {options.messages} {options.interval_ms}\n".encode())
        for kit in kits:
            kit.wait_for("CONNECTED", 300)
        connected_s = time.monotonic() - begun_s
        for kit in kits:
            kit.wait_for("ACKNOWLEDGED", 600)
        elapsed_s, cpu_s = time.monotonic() - begun_s, time.process_time() - cpu_s
        memory_kib = resident_kib() - memory_kib
        wait_for_quiet(received, options.kits * options.messages)
        for kit in kits:
            kit.stop()
        onlooker.disconnect()
        onlooker.loop_stop()
    sent, arrived = options.kits * options.messages, len(received)
    print(f"{'kits':28}{options.kits:>10}, of them {options.chips} with an ATECC608A")
    print(f"{'all connected after':28}{connected_s:>10.1f} s")
    print(f"{'messages sent, QoS 1':28}{sent:>10} in {elapsed_s:.1f} s")
    print(f"{'lost':28}{sent - arrived:>10}")
    print(f"{'delivered twice':28}{sum(received.values()) - arrived:>10}")
    print(f"{'CPU':28}{cpu_s / elapsed_s:>10.2f} cores, {cpu_s / options.kits * 1000:.0f} ms a kit")
    print(f"{'memory':28}{memory_kib / options.kits / 1024:>10.1f} MiB a kit")
    return int(sent - arrived)


def make_kits(endpoint: dict[str, Any], folder: Path, count: int, chips: int) -> list[Run]:
    """Return kits with the program in flash; the certificate is the same for all that have no chip."""
    iot = client(endpoint)
    anything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}
    iot.create_policy(policyName="bench", policyDocument=json.dumps(anything))
    keys = iot.create_keys_and_certificate(setAsActive=True)
    iot.attach_policy(policyName="bench", target=keys["certificateArn"])
    (folder / "certificate").write_text(keys["certificatePem"])
    (folder / "key").write_text(keys["keyPair"]["PrivateKey"])
    chip = make_chip(Profile.TCUSTOM_LOCKED)
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    pem = request.sign(chip.state.keys[0], hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    signed = iot.create_certificate_from_csr(certificateSigningRequest=pem, setAsActive=True)
    iot.attach_policy(policyName="bench", target=signed["certificateArn"])
    compiler, ca = Compiler(folder), Path(endpoint["ca_file"]).read_bytes()
    embedded = build(compiler, ca, keys["certificatePem"], keys["keyPair"]["PrivateKey"], chip=False)
    elsewhere = build(compiler, ca, signed["certificatePem"], "", chip=True)
    access_point = (("localhost", int(endpoint["mqtt_port"])),)
    with_chip = [Run(flash_of(elsewhere), access_point, secure_element=ChipBus(chip)) for _ in range(chips)]
    return with_chip + [Run(flash_of(embedded), access_point) for _ in range(count - chips)]


def build(compiler: Compiler, ca: bytes, certificate: str, key: str, *, chip: bool) -> bytes:
    """Return the app image of the program."""
    texts = {"ca": c_string(ca), "certificate": c_string(certificate.encode()), "key": c_string(key.encode())}
    return image_of(compiler.build(PROGRAM % (texts | {"chip": chip})))


def flash_of(image: bytes) -> MemoryFlash:
    """Return a flash with the image at the app's place."""
    flash = MemoryFlash()
    flash.data[APP_OFFSET : APP_OFFSET + len(image)] = image
    return flash


def client(endpoint: dict[str, Any]) -> Any:
    """Return the control plane's client."""
    return boto3.client(
        "iot",
        endpoint_url=endpoint["endpoint_url"],
        region_name=endpoint["region"],
        aws_access_key_id=endpoint["access_key_id"],
        aws_secret_access_key=endpoint["secret_access_key"],
    )


def look_on(endpoint: dict[str, Any], folder: Path, received: "collections.Counter[tuple[str, bytes]]") -> Client:
    """Return a paho client that counts every message of the kits."""
    subscribed = threading.Event()
    onlooker = Client(CallbackAPIVersion.VERSION2, "onlooker")
    onlooker.tls_set(endpoint["ca_file"], str(folder / "certificate"), str(folder / "key"))
    onlooker.on_subscribe = lambda *_arguments: subscribed.set()
    onlooker.on_message = lambda _client, _data, message: received.update([(message.topic, bytes(message.payload))])
    onlooker.connect("localhost", int(endpoint["mqtt_port"]))
    onlooker.loop_start()
    while not onlooker.is_connected():
        time.sleep(0.01)
    onlooker.subscribe("bench/#", 1)
    assert subscribed.wait(20)
    return onlooker


def wait_for_quiet(received: "collections.Counter[tuple[str, bytes]]", expected: int) -> None:
    """Wait until every message has arrived, 20 s at most."""
    end = time.monotonic() + 20
    while len(received) < expected and time.monotonic() < end:
        time.sleep(0.1)


def resident_kib() -> int:
    """Return the most memory that this process has had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
