"""An identity for a project whose own files of it are not there, as in a repository that ignores them.

Key and certificate are made here and laid over the copy that is built; with a state folder they are the same each time.
"""

import datetime as dt
from pathlib import Path, PurePosixPath
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kitbench.cloud.root_ca import amazon_root_ca_1
from kitbench.errors import BenchError
from kitbench.firmware.embedded_identity import Part, embedded_parts
from kitbench.firmware.overlay import Overlay
from kitbench.firmware.own_endpoint import own_endpoint
from kitbench.private_folder import make_private_folder, write_private

#: Of the endpoint that a project without one is built for.
HOST: Final = "virtual-ats.iot.us-east-1.amazonaws.com"
_HOST_SYMBOL: Final = "AWS_IOT_MQTT_HOST"
_PROJECT_FILES: Final = ("CMakeLists.txt", "platformio.ini")
_MENU: Final = Path("main", "Kconfig.projbuild")
_FOLDER: Final = "device"
_KEY_FILE: Final = "private.pem.key"
_CERTIFICATE_FILE: Final = "certificate.pem.crt"
_KEY_BITS: Final = 2048
_LIFETIME: Final = dt.timedelta(days=3650)


def missing_parts(project: Path) -> dict[PurePosixPath, Part]:
    """Return the files of an identity that a project embeds and does not have; no project lacks none."""
    if not any((project / name).is_file() for name in _PROJECT_FILES):
        return {}
    return {path: part for path, part in embedded_parts(project).items() if not (project / path).exists()}


def stand_in_overlay(project: Path, missing: dict[PurePosixPath, Part], state: Path | None) -> Overlay:
    """Return what takes the place of missing files; the endpoint, too, where key and endpoint are both missing.

    Args:
        project: the project's folder.
        missing: of it.
        state: folder that keeps the identity; None makes a new one.

    Raises:
        BenchError: the folder cannot be used.
    """
    key_pem, certificate_pem = _pair(state)
    content = {Part.ROOT_CA: amazon_root_ca_1(), Part.CERTIFICATE: certificate_pem, Part.PRIVATE_KEY: key_pem}
    lacks_endpoint = Part.PRIVATE_KEY in missing.values() and not own_endpoint(project).host and _has_menu(project)
    settings = {_HOST_SYMBOL: HOST} if lacks_endpoint else {}
    return Overlay({str(path): content[part] for path, part in missing.items()}, settings)


def _has_menu(project: Path) -> bool:
    try:
        return f"config {_HOST_SYMBOL}" in (project / _MENU).read_text("utf-8", "replace")
    except OSError:
        return False


def _pair(state: Path | None) -> tuple[bytes, bytes]:
    if state is None:
        return _made()
    folder = state / _FOLDER
    try:
        if (folder / _CERTIFICATE_FILE).exists():
            return (folder / _KEY_FILE).read_bytes(), (folder / _CERTIFICATE_FILE).read_bytes()
        make_private_folder(state)
        folder.mkdir(mode=0o700, exist_ok=True)
        pair = _made()
        for name, content in zip((_KEY_FILE, _CERTIFICATE_FILE), pair, strict=True):
            write_private(folder / name, content)
    except OSError as error:
        raise BenchError(f"--state {state} cannot be used: {error.strerror}", stage="identity") from error
    return pair


def _made() -> tuple[bytes, bytes]:
    """Return private key and self-signed certificate, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kitbench run")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + _LIFETIME)
    certificate = builder.sign(key, hashes.SHA256())
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return key_pem, certificate.public_bytes(Encoding.PEM)
