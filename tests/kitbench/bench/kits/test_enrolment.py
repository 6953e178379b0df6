"""What a console gives instead of an honest CSR is the kit's fault; a chip that nobody locked is the bench's."""

import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from kitbench.bench.kits.enrolment import devcert_image, devcert_offset, signing_request
from kitbench.errors import BenchError, KitError
from kitbench.flash_format.partition_table import Partition, serialize

SERIAL = "0123456789abcdef01"
KEY = ec.generate_private_key(ec.SECP256R1())


def csr_of(key: Any, algorithm: hashes.SHA256 | None = None) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kit-1")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)


def console(csr: bytes = b"", *, config_locked: bool = True, data_locked: bool = True) -> Any:
    """Return a console whose chip holds `KEY`."""
    info = SimpleNamespace(serial=SERIAL, config_locked=config_locked, data_locked=data_locked)
    point = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]
    return SimpleNamespace(
        info=lambda: info, public_key=lambda: point, signing_request=lambda _name: csr or csr_of(KEY, hashes.SHA256())
    )


@pytest.mark.parametrize("expected_serial", ["", SERIAL])
def test_csr_of_the_chips_key_is_taken(expected_serial: str) -> None:
    csr = signing_request(console(), "kit-1", expected_serial)

    assert csr.subject.rfc4514_string() == "CN=kit-1"


def altered(csr: bytes) -> bytes:
    """Return a CSR for another name under the signature of this one."""
    assert csr.count(b"kit-1") == 1
    return csr.replace(b"kit-1", b"kit-2")


@pytest.mark.parametrize(
    ("csr", "why"),
    [
        (b"\x00", "no CSR"),
        (b"\x30\x80" * 50, "no CSR"),
        (csr_of(KEY, hashes.SHA256())[:-9], "no CSR"),
        (csr_of(ed25519.Ed25519PrivateKey.generate()), "no CSR for an EC key"),
        (csr_of(rsa.generate_private_key(65537, 2048), hashes.SHA256()), "no CSR for an EC key"),
        (csr_of(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()), "another key than the one in slot 0"),
        (csr_of(ec.generate_private_key(ec.SECP384R1()), hashes.SHA256()), "another key than the one in slot 0"),
        (altered(csr_of(KEY, hashes.SHA256())), "signature is not valid"),
    ],
    ids=["byte", "noise", "cut", "Ed25519", "RSA", "another key", "another curve", "altered"],
)
def test_anything_else_is_the_kits_fault(csr: bytes, why: str) -> None:
    with pytest.raises(KitError, match=why) as caught:
        signing_request(console(csr), "kit-1")

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("unlocked", [console(config_locked=False), console(data_locked=False)])
def test_chip_that_is_not_locked_is_reported_and_left_alone(unlocked: Any) -> None:
    with pytest.raises(BenchError, match="is not locked, so it cannot sign; kitbench never locks a chip"):
        signing_request(unlocked, "kit-1")


def test_chip_of_another_kit_is_the_benchs_fault() -> None:
    with pytest.raises(BenchError, match=f"has the secure element {SERIAL}, expected ffffffffffffffffff"):
        signing_request(console(), "kit-1", "f" * 18)


def firmware(folder: Path, *names: str) -> Any:
    """Return a build whose partition table has partitions of 8 KB from 0x9000 on."""
    partitions = [Partition(name, 1, 0x40, 0x9000 + 0x2000 * index, 0x2000) for index, name in enumerate(names)]
    (folder / "partition_table").mkdir()
    (folder / "partition_table" / "partition-table.bin").write_bytes(serialize(partitions))
    return SimpleNamespace(folder=folder)


def test_certificate_goes_into_its_partition(tmp_path: Path) -> None:
    assert devcert_offset(firmware(tmp_path, "nvs", "devcert")) == 0xB000


def test_project_without_the_partition_is_the_students_fault(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="no partition 'devcert'"):
        devcert_offset(firmware(tmp_path, "nvs"))


def test_certificate_stands_behind_its_length_and_checksum() -> None:
    image = devcert_image(b"PEM")

    assert image == b"DCRT" + bytes([3, 0, 0, 0]) + zlib.crc32(b"PEM").to_bytes(4, "little") + b"PEM"
