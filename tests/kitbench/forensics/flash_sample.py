"""Makes flash images, keys and certificates for the forensics tests; nothing is stored."""

import datetime as dt
import functools
import random

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kitbench.flash_format import app_image, partition_table
from kitbench.flash_format.app_image import AppDescription, Segment
from kitbench.flash_format.partition_table import Partition
from kitbench.forensics.keys.key_formats import PrivateKey

FLASH_SIZE = 0x100000
APP_OFFSET = 0x10000
PARTITIONS = (
    Partition("nvs", 1, 0x02, 0x9000, 0x6000),
    Partition("phy_init", 1, 0x01, 0xF000, 0x1000),
    Partition("factory", 0, 0x00, APP_OFFSET, 0x60000),
    Partition("storage", 1, 0x82, 0x70000, 0x10000),
)
#: What mbedTLS has in .rodata, and naive searches stumble over.
MBEDTLS_LABELS = b"".join(
    b"-----BEGIN %s-----\0-----END %s-----\0" % (label, label)
    for label in (b"RSA PRIVATE KEY", b"EC PRIVATE KEY", b"PRIVATE KEY", b"ENCRYPTED PRIVATE KEY", b"CERTIFICATE")
)


@functools.cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@functools.cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@functools.cache
def certificate_of(key: PrivateKey | ed25519.Ed25519PrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kit")])
    begin = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(begin).not_valid_after(begin + dt.timedelta(days=3650))
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def pem_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def code(size: int, seed: int = 1) -> bytes:
    """Return bytes as uneven as machine code."""
    return bytes(random.Random(seed).choices(range(256), weights=[1 + 200 // (1 + i) for i in range(256)], k=size))


def flash(rodata: bytes = b"", *, size: int = FLASH_SIZE, extra: dict[int, bytes] | None = None) -> bytes:
    """Return a bootable image with `rodata` in the app's first segment and `extra` bytes at flash offsets."""
    description = AppDescription("1", "subscribe_publish", "12:00:00", "Jan  1 2026", "v5.1.4", bytes(32))
    rodata = app_image.serialize_app_desc(description) + MBEDTLS_LABELS + rodata
    app = app_image.serialize(
        [Segment(0x3F400020, rodata), Segment(0x400D0020, code(0x8000))], entry=0x400D0020, flash_size=0x100000
    )
    boot = app_image.serialize([Segment(0x3FFF0030, code(0x1000, 2))], entry=0x40080000, flash_size=0x100000)
    image = bytearray(b"\xff" * size)
    table = partition_table.serialize(PARTITIONS)
    for offset, data in {0x1000: boot, 0x8000: table, APP_OFFSET: app, **(extra or {})}.items():
        image[offset : offset + len(data)] = data
    return bytes(image)
