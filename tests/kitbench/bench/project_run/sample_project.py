"""A project of an author's own, as it would be run at home: esp-mqtt, its own key, an endpoint in its code."""

import datetime as dt
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kitbench.cloud.root_ca import amazon_root_ca_1

HOST: Final = "a1b2c3d4e5f6g7-ats.iot.eu-central-1.amazonaws.com"
TOPIC: Final = "lab/tele"
_CMAKE: Final = (
    "cmake_minimum_required(VERSION 3.16)\ninclude($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(tele)\n"
)
_COMPONENT: Final = (
    'idf_component_register(SRCS "tele.c" INCLUDE_DIRS "."\n'
    '    EMBED_TXTFILES "certs/root.pem" "certs/device.pem" "certs/device.key")\n'
)


def make_pair(name: str = "mine", *, is_authority: bool = False) -> tuple[bytes, bytes]:
    """Return private key and self-signed certificate, as PEM."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=9))
    builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    return (
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        certificate.public_bytes(Encoding.PEM),
    )


def make_sample(folder: Path, *, port: int = 8883, host: str = HOST, pair: tuple[bytes, bytes] | None = None) -> Path:
    """Return a project that connects to its endpoint, listens to its topic and publishes there each second."""
    source = (Path(__file__).parent / "sample.c").read_text().replace(HOST, host)
    key_pem, certificate_pem = pair or make_pair()
    files = {
        "CMakeLists.txt": _CMAKE.encode(),
        "main/CMakeLists.txt": _COMPONENT.encode(),
        "main/tele.c": f"#define PORT {port}\n{source}".encode(),
        "main/certs/root.pem": amazon_root_ca_1(),
        "main/certs/device.pem": certificate_pem,
        "main/certs/device.key": key_pem,
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder
