"""The firmware's provisioning console, run on the virtual kit's CPU and asked by the bench's own console."""

import hashlib
import json
import re
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from kitbench.board.board_file import read_board
from kitbench.firmware.overlay import Overlay
from kitbench.kit.console import Console, ConsoleError, frame
from kitbench.virtual_kit.atecc608a.bus import ChipBus
from kitbench.virtual_kit.atecc608a.chip_profile import Profile, make_chip
from kitbench.virtual_kit.toolchain import build_project
from tests.kitbench.virtual_kit.cpu.app_rig import MemoryFlash, Run

FIRMWARE = Path(__file__).parents[3] / "firmware" / "subscribe_publish"
DEVCERT = 0x190000


class Uart:
    """Both directions of the running kit's UART."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._position = 0

    def write(self, data: bytes) -> None:
        assert self._run.app is not None
        self._run.app.uart_input(data)

    def expect(self, pattern: "re.Pattern[bytes]", *, timeout_s: float) -> "re.Match[bytes]":
        end = time.monotonic() + timeout_s
        with self._run.changed:
            while (match := pattern.search(bytes(self._run.output), self._position)) is None:
                if not self._run.changed.wait(end - time.monotonic()):
                    raise TimeoutError
        self._position = match.end()
        return match


@pytest.fixture(scope="module", name="image")
def _image(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The flash of a kit with the firmware's secure element variant and no certificate."""
    folder = tmp_path_factory.mktemp("console") / "build"
    overlay = Overlay({"main/certs/aws-root-ca.pem": b"root"}, {"AWS_IOT_MQTT_HOST": "localhost"})
    build = build_project(FIRMWARE, folder, overlay=overlay, variant="atecc608a")
    flash = bytearray(b"\xff" * 0x400000)
    for offset, name in json.loads(build.flasher_args.read_text())["flash_files"].items():
        data = (folder / name).read_bytes()
        flash[int(offset, 0) : int(offset, 0) + len(data)] = data
    return bytes(flash)


def start(image: bytes, profile: Profile | None = Profile.TCUSTOM_LOCKED, certificate: bytes = b"") -> Run:
    flash = MemoryFlash()
    flash.data[:] = image
    if certificate:
        record = b"DCRT" + struct.pack("<II", len(certificate), zlib.crc32(certificate)) + certificate
        flash.data[DEVCERT : DEVCERT + len(record)] = record
    chip = ChipBus(make_chip(profile)) if profile else None
    run = Run(flash, secure_element=chip, board=read_board(None))
    run.start()
    return run


@pytest.fixture(name="run")
def _run(image: bytes) -> Iterator[Run]:
    """The firmware in its console."""
    run = start(image)
    run.wait_for("Provisioning console ready")
    yield run
    run.stop()


@pytest.fixture(name="console")
def _console(run: Run) -> Console:
    """The bench's side of the line."""
    return Console(Uart(run))


def public_key_of(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + point)


def test_info_tells_serial_revision_and_locks(console: Console) -> None:
    info = console.info()

    assert re.fullmatch("0123[0-9a-f]{12}ee", info.serial)
    assert (info.config_locked, info.data_locked) == (True, True)
    assert console.configuration()[:2].hex() == info.serial[:4]


def test_request_is_signed_by_the_key_in_the_chip(console: Console) -> None:
    request = x509.load_der_x509_csr(console.signing_request("kit-1"))

    assert request.is_signature_valid
    assert request.subject.rfc4514_string() == "CN=kit-1"
    assert request.public_key() == public_key_of(console.public_key())


def test_requests_have_valid_der_whatever_the_signature(console: Console) -> None:
    """R and s begin with a set bit or with zeros in some of these."""
    for number in range(6):
        assert x509.load_der_x509_csr(console.signing_request(f"kit-{number}" + "x" * number)).is_signature_valid


def test_signature_covers_label_nonce_and_serial(console: Console) -> None:
    nonce = bytes(range(32))
    signature = console.sign("kitbench", nonce)
    encoded = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    message = b"kitbench" + nonce + bytes.fromhex(console.info().serial)

    public_key_of(console.public_key()).verify(encoded, message, ec.ECDSA(hashes.SHA256()))

    assert console.sign("kitbench", nonce[::-1]) != signature


def test_private_key_is_not_readable(console: Console) -> None:
    assert console.read_attempt() != 0


def test_new_key_needs_the_chips_serial(console: Console) -> None:
    before = console.public_key()
    serial = console.info().serial
    for wrong in ("00" * 9, serial[:-2], serial[:-2] + "00", serial.upper(), serial + "00"):
        with pytest.raises(ConsoleError, match="SERIAL"):
            console.generate_key(wrong)
    assert console.public_key() == before

    after = console.generate_key(serial)

    assert after != before
    assert console.public_key() == after


@pytest.mark.parametrize(
    "words",
    ["NOTHING", "PUB", "PUB 1", "CSR 0", "CSR 0 a/b", "CSR 0 " + "a" * 65, "SIGN 0 x zz", "SIGN 0 x 0", "SIGN 0 a=b 00",
     "SIGN 0 x " + "00" * 65, "LOCK 0", "WRITE 0 00", "INFO INFO", "a b c d e f g h"],
)  # fmt: skip
def test_what_is_no_request_is_refused(console: Console, words: str) -> None:
    with pytest.raises(ConsoleError, match="REQUEST"):
        console.request(words)

    assert console.info().serial


def test_line_with_a_wrong_checksum_is_ignored(run: Run, console: Console) -> None:
    uart = Uart(run)
    for line in (
        b"KB1 INFO *00000000\n",
        b"\n",
        b"\xff\x00\n",
        b"x" * 2000 + b"\n",
        frame("INFO")[:-4] + b"\n",
        b"KB1\n",
    ):
        uart.write(line)

    assert console.info().serial
    assert run.text.count("KB1 OK") == 1


def test_log_is_off_in_the_console(run: Run, console: Console) -> None:
    console.info()

    _, after = run.text.split("Provisioning console ready")
    assert all(line.startswith(("KB1 ", "\x1b[0m")) for line in after.split("\r\n") if line.strip())


def test_unlocked_chip_is_reported_and_left_alone(image: bytes) -> None:
    run = start(image, Profile.FACTORY)
    run.wait_for("Provisioning console ready")
    console = Console(Uart(run))
    before = hashlib.sha256(console.configuration()).digest()

    with pytest.raises(ConsoleError):
        console.signing_request("kit-1")

    assert "Secure element is not locked" in run.text
    assert hashlib.sha256(console.configuration()).digest() == before
    run.stop()


def test_missing_chip_is_reported(image: bytes) -> None:
    run = start(image, None)
    run.wait_for("Provisioning console ready")

    with pytest.raises(ConsoleError, match="INFO"):
        Console(Uart(run)).info()

    assert "Secure element does not answer (status 0x" in run.text
    assert "not locked" not in run.text, "a word that invites people to lock a chip for ever"
    run.stop()


def test_certificate_lets_the_firmware_go_on(image: bytes) -> None:
    run = start(image, certificate=b"-----BEGIN CERTIFICATE-----\n")
    text = run.wait_for("Setting WiFi configuration")
    run.stop()

    assert "Provisioning console: waiting" in text
    assert "Provisioning console ready" not in text


def test_hello_in_time_enters_the_console(image: bytes) -> None:
    run = start(image, certificate=b"-----BEGIN CERTIFICATE-----\n")
    run.wait_for("Provisioning console: waiting")
    console = Console(Uart(run))

    console.request("HELLO")
    assert console.info().serial
    console.leave()

    run.wait_for("Setting WiFi configuration")
    run.stop()


@pytest.mark.parametrize("broken", [b"", b"DCRT", b"DCRT" + struct.pack("<II", 0, 0), b"DCRT" + b"\xff" * 8 + b"x"])
def test_broken_certificate_record_is_none(image: bytes, broken: bytes) -> None:
    flash = image[:DEVCERT] + broken.ljust(0x2000, b"\xff") + image[DEVCERT + 0x2000 :]
    run = start(flash)

    assert "No valid certificate in partition 'devcert'" in run.wait_for("Provisioning console ready")
    run.stop()
