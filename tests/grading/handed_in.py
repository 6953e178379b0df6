"""Submissions on disk whose certificate is real and made on the spot; dumps carry the endpoint and nothing else."""

import functools
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.grading.synthetic import ENDPOINT, KEY_OFFSET


@functools.cache
def certificate(name: str = "s01") -> x509.Certificate:
    """Return a certificate that nobody else has; its key is forgotten at once."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime.now(UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    return builder.not_valid_before(begins).not_valid_after(begins + timedelta(days=1)).sign(key, hashes.SHA256())


def certificate_sha256(name: str = "s01") -> str:
    return hashlib.sha256(certificate(name).public_bytes(Encoding.DER)).hexdigest()


def answers(endpoint: str = ENDPOINT) -> str:
    return f'endpoint = "{endpoint}"\nanswer = "Flash can be read by anybody."\n\n[key]\noffset = {KEY_OFFSET:#x}\n'


def hand_in(folder: Path, name: str = "s01") -> Path:
    """Write a submission in which everything is there; return its folder."""
    folder.mkdir(parents=True)
    (folder / "answers.toml").write_text(answers(), encoding="utf-8")
    (folder / "certificate.pem.crt").write_bytes(certificate(name).public_bytes(Encoding.PEM))
    for project in ("project", "project_atecc608a"):
        (folder / project / "main").mkdir(parents=True)
        (folder / project / "main" / "main.c").write_text("void app_main(void) {}\n", encoding="utf-8")
        (folder / project / "sdkconfig").write_text(f'CONFIG_AWS_IOT_MQTT_HOST="{ENDPOINT}"\n', encoding="utf-8")
    flash = bytearray(b"\xff" * (1 << 20))
    flash[0x20000 : 0x20000 + len(ENDPOINT) + 1] = ENDPOINT.encode() + b"\0"
    for dump in ("flash.bin", "flash_atecc608a.bin"):
        (folder / dump).write_bytes(flash)
    return folder
