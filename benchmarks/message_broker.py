"""The local IoT core's message broker beside mosquitto, in one run on one machine: trust the ratios.

    python benchmarks/message_broker.py [--messages 100000] [--connects 200] [--held 1000] [--soak 30]

Both serve MQTT 3.1.1 over TLS with client certificates; AWS's quotas are lifted here. The clients are plain sockets
with packets encoded beforehand, in processes of their own. mosquitto is used when it is on PATH.
"""

import argparse
import contextlib
import getpass
import json
import multiprocessing
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kitbench.local_iot_core.apis.certificate_authority import CertificateAuthority
from kitbench.local_iot_core.broker.limits import Limits
from kitbench.local_iot_core.mqtt.mqtt_encoder import encode
from kitbench.local_iot_core.mqtt.mqtt_packets import Connect, Pingreq, Publish, Subscribe, SubscriptionRequest
from kitbench.local_iot_core.service import LocalIotCore

PAYLOAD = b"hello from ESP32 (QOS0) : 1234 "
TOPIC = "test_topic/esp32"
BATCH = 100


@dataclass(frozen=True)
class Server:
    """A running broker and what a client needs to get in; `endpoint_url` where there is a control plane."""

    name: str
    pid: int
    port: int
    ca_file: str
    pair_file: str
    endpoint_url: str = ""

    def context(self) -> ssl.SSLContext:
        """Return a client's TLS context."""
        context = ssl.create_default_context(cafile=self.ca_file)
        context.load_cert_chain(self.pair_file)
        return context

    def connect(self, client_id: str, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
        """Return a connection whose CONNACK has come."""
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = (context or self.context()).wrap_socket(raw, server_hostname="localhost")
        connection.sendall(encode(Connect(4, client_id, clean_start=True, keep_alive_s=1200)))
        assert read(connection, 4) == b"\x20\x02\x00\x00", "the broker refused the bench"
        return connection

    def resident_kib(self) -> int:
        """Return the broker's resident memory."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmRSS")))


def read(connection: ssl.SSLSocket, size: int) -> bytes:
    """Return exactly `size` bytes."""
    data = b""
    while len(data) < size:
        chunk = connection.recv(size - len(data))
        if not chunk:
            raise EOFError("the broker hung up")
        data += chunk
    return data


def serve() -> None:
    """Be the local IoT core without quotas, in a process of its own; one JSON line says where."""
    limits = Limits(publishes_per_s=None, bytes_per_s=None, connects_per_s=None)
    with LocalIotCore(limits=limits) as core:
        print(json.dumps(core.endpoint.to_json()), flush=True)
        sys.stdin.read()


def raise_file_limit() -> None:
    """Allow as many open files as the system does."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536) if hard > 0 else 65_536, hard))


@contextlib.contextmanager
def local_iot_core(folder: Path) -> Iterator[Server]:
    """Run the local IoT core with one certificate that may do everything."""
    import boto3  # noqa: PLC0415 - only this side needs it

    process = subprocess.Popen(
        [sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        endpoint = json.loads(process.stdout.readline())
        iot = boto3.client(
            "iot",
            endpoint_url=endpoint["endpoint_url"],
            region_name="us-east-1",
            aws_access_key_id="bench",
            aws_secret_access_key="bench",
        )
        answer = iot.create_keys_and_certificate(setAsActive=True)
        statement = {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}
        iot.create_policy(
            policyName="bench", policyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        )
        iot.attach_policy(policyName="bench", target=answer["certificateArn"])
        pair = folder / "pair.pem"
        pair.write_text(answer["certificatePem"] + answer["keyPair"]["PrivateKey"])
        where = (endpoint["mqtt_port"], endpoint["ca_file"], str(pair), endpoint["endpoint_url"])
        yield Server("local IoT core", process.pid, *where)
    finally:
        process.stdin.close()
        process.wait(20)


@contextlib.contextmanager
def mosquitto(folder: Path) -> Iterator[Server]:
    """Run mosquitto with mutual TLS."""
    authority, key = CertificateAuthority(), ec.generate_private_key(ec.SECP256R1())
    chain, server_key = authority.issue_server_certificate(["localhost", "127.0.0.1"])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    certificate = authority.issue_device_certificate(name, key.public_key())
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    files = {
        "ca.pem": authority.certificate_pem,
        "server.pem": chain,
        "server.key": server_key,
        "pair.pem": certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        # As root mosquitto becomes another user, who may not read this folder.
        "mosquitto.conf": f"""user {getpass.getuser()}
listener {port} 127.0.0.1
cafile {folder}/ca.pem
certfile {folder}/server.pem
keyfile {folder}/server.key
require_certificate true
allow_anonymous true
max_queued_messages 0
max_inflight_messages 100
""".encode(),
    }
    for file_name, data in files.items():
        (folder / file_name).write_bytes(data)
    process = subprocess.Popen(["mosquitto", "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield Server("mosquitto", process.pid, port, str(folder / "ca.pem"), str(folder / "pair.pem"))
    finally:
        process.terminate()
        process.wait(10)


def measure_connects(server: Server, count: int) -> float:
    """Return TLS handshakes with CONNECT and CONNACK a second, four at a time."""
    context = server.context()
    begin = time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        for connection in pool.map(lambda number: server.connect(f"c{number}", context), range(count)):
            connection.close()
    return count / (time.perf_counter() - begin)


def _publish(server: Server, count: int, qos: int, ready: Event, start: Event) -> None:
    """Publish `count` messages; with QoS 1 a batch at a time, each acknowledged."""
    connection = server.connect(f"publisher-{qos}")
    packets = [encode(Publish(TOPIC, PAYLOAD, qos, packet_id=number + 1 if qos else None)) for number in range(BATCH)]
    batch = b"".join(packets)
    ready.set()
    start.wait()
    for _ in range(count // BATCH):
        connection.sendall(batch)
        if qos:
            read(connection, 4 * BATCH)
    connection.sendall(encode(Pingreq()))
    read(connection, 2)
    connection.close()


def measure_messages(server: Server, count: int, qos: int) -> tuple[float, float]:
    """Return messages a second from one publisher to one subscriber, and the share of them that arrived."""
    subscriber = server.connect(f"subscriber-{qos}")
    subscriber.sendall(encode(Subscribe(1, (SubscriptionRequest(TOPIC, 0),))))
    read(subscriber, 5)
    size = len(encode(Publish(TOPIC, PAYLOAD)))
    spawn = multiprocessing.get_context("spawn")
    ready, start = spawn.Event(), spawn.Event()
    publisher = spawn.Process(target=_publish, args=(server, count, qos, ready, start))
    publisher.start()
    ready.wait(60)
    start.set()
    begin = end = time.perf_counter()
    received = 0
    subscriber.settimeout(2)
    with contextlib.suppress(TimeoutError):
        while received < count * size:
            received += len(subscriber.recv(1 << 18))
            end = time.perf_counter()
    publisher.join()
    subscriber.close()
    return received / size / (end - begin), received / size / count


def measure_held(server: Server, count: int) -> tuple[int, float]:
    """Hold `count` connections and ping each; return how many answered, and the broker's growth in KiB for each."""
    context, before = server.context(), server.resident_kib()
    with ThreadPoolExecutor(4) as pool:
        connections = list(pool.map(lambda number: server.connect(f"held-{number}", context), range(count)))
    growth = (server.resident_kib() - before) / count
    answered = 0
    for connection in connections:
        connection.sendall(encode(Pingreq()))
    for connection in connections:
        answered += read(connection, 2) == b"\xd0\x00"
        connection.close()
    return answered, growth


def measure_soak(server: Server, seconds: float) -> tuple[int, int]:
    """Connect, subscribe, publish and go, over and over; return rounds and the growth of memory in its second half."""
    context, rounds, halfway = server.context(), 0, 0
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        connection = server.connect(f"soak-{rounds}", context)
        connection.sendall(encode(Subscribe(1, (SubscriptionRequest(f"soak/{rounds}", 0),))))
        read(connection, 5)
        packet = encode(Publish(f"soak/{rounds}", PAYLOAD))
        connection.sendall(packet * 20)
        read(connection, len(packet) * 20)
        connection.close()
        rounds += 1
        if not halfway and time.perf_counter() - begin > seconds / 2:
            halfway = server.resident_kib()
    return rounds, server.resident_kib() - halfway


def report(server: Server, arguments: argparse.Namespace) -> None:
    """Print one broker's rows."""
    print(f"{server.name}")
    print(f"  connects/s               {measure_connects(server, arguments.connects):10.0f}")
    for qos in (0, 1):
        rate, share = measure_messages(server, arguments.messages, qos)
        print(f"  QoS {qos} messages/s         {rate:10.0f}   {share:7.2%} arrived")
    answered, growth = measure_held(server, arguments.held)
    print(f"  held connections         {answered:10d}   {growth:7.1f} KiB each")
    rounds, grown = measure_soak(server, arguments.soak)
    print(f"  soak rounds              {rounds:10d}   {grown:+7d} KiB in the second half of {arguments.soak:.0f} s")


def main() -> None:
    """Measure what is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--connects", type=int, default=200)
    parser.add_argument("--held", type=int, default=1000)
    parser.add_argument("--soak", type=float, default=30.0, help="seconds")
    arguments = parser.parse_args()
    raise_file_limit()
    if arguments.serve:
        serve()
        return
    brokers = [local_iot_core]
    if shutil.which("mosquitto"):
        brokers.append(mosquitto)
    else:
        print("mosquitto is not on PATH: the local IoT core alone")
    for broker in brokers:
        with tempfile.TemporaryDirectory() as folder, broker(Path(folder)) as server:
            report(server, arguments)
    assert threading.active_count() == 1


if __name__ == "__main__":
    main()
