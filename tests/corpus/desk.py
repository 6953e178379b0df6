"""What a student of the corpus has: a registered certificate with its key, an endpoint, the reference project."""

import hashlib
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from grading.roster import RosterEntry
from kitbench.bench.builds.firmware_build import FirmwareBuild, build_in
from kitbench.firmware.overlay import identity_overlay
from kitbench.installation import reference_project
from kitbench.virtual_kit.toolchain import build_project

#: What a course gives out is no secret of a build: any root does where nothing is connected to.
_LEFT_OUT: Final = ("*.pem", "*.key", "*.crt", "build*")


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to a file of the project: `old` must stand in it exactly once. An empty `old` writes a whole file."""

    file: str
    old: str
    new: str

    def apply(self, project: Path) -> None:
        """Change the file."""
        path = project / self.file
        if not self.old:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.new, encoding="utf-8")
            return
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} has {self.old!r} {text.count(self.old)} times, expected once")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Desk:
    """A student's desk.

    Attributes:
        folder: private and empty at first; the submission is made in it.
        student: the roster's line.
        certificate_pem: the registered certificate, RSA as AWS makes them.
        private_key_pem: its key, PKCS#1 as AWS gives it out.
        chip_key: what the student's secure element would hold; here no chip holds it.
        chip_certificate_pem: the certificate that the roster registers for that.
    """

    folder: Path
    student: RosterEntry
    certificate_pem: bytes
    private_key_pem: bytes = field(repr=False)
    chip_key: ec.EllipticCurvePrivateKey = field(repr=False)
    chip_certificate_pem: bytes

    @property
    def submission(self) -> Path:
        """The folder of the submission, made when first asked for."""
        folder = self.folder / "submission"
        folder.mkdir(exist_ok=True)
        return folder

    def project(self, *edits: Edit, name: str = "project", of: Path | None = None) -> Path:
        """Put the reference project, or that of another folder, with these changes and the student's sdkconfig."""
        project = self.submission / name
        shutil.copytree(of or reference_project(), project, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        settings = f'CONFIG_AWS_IOT_MQTT_HOST="{self.student.endpoint}"\n'
        (project / "sdkconfig").write_text(settings, encoding="utf-8")
        for edit in edits:
            edit.apply(project)
        return project

    def build(
        self, project: Path, *, variant: str = "embedded_key", kconfig: Mapping[str, str] | None = None
    ) -> FirmwareBuild:
        """Build a project with the student's certificate, key and endpoint, as a student does at home.

        The flash that the student then dumps is `build.flash_image(size)`, with what the firmware wrote beside it.
        """
        overlay = identity_overlay(
            root_ca_pem=self.certificate_pem,
            certificate_pem=self.certificate_pem,
            private_key_pem=self.private_key_pem,
            mqtt_host=self.student.endpoint,
            mqtt_port=8883,
            client_id=self.student.id,
            kconfig=kconfig,
        )
        folder = self.folder / f"build-{project.name}-{variant}"
        build_project(project, folder, variant=variant, overlay=overlay)
        return build_in(folder)

    def write_certificate(self) -> None:
        """Put the registered certificate into the submission."""
        (self.submission / "certificate.pem.crt").write_bytes(self.certificate_pem)

    def write_answers(self, offset: int | None = None, *, endpoint: str | None = None) -> None:
        """Put answers.toml into the submission."""
        key = "" if offset is None else f"\n[key]\noffset = {offset:#x}\n"
        named = self.student.endpoint if endpoint is None else endpoint
        text = f'endpoint = "{named}"\nanswer = "Whoever holds the kit for a minute reads its flash."\n{key}'
        (self.submission / "answers.toml").write_text(text, encoding="utf-8")


def desk(folder: Path, *, name: str = "k01") -> Desk:
    """Return the desk of a student whom nobody else knows."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = _certificate(name, key)
    der = certificate.public_bytes(Encoding.DER)
    chip_key = ec.generate_private_key(ec.SECP256R1())
    chip_pem = chip_certificate(name, chip_key)
    chip_sha256 = x509.load_pem_x509_certificate(chip_pem).fingerprint(hashes.SHA256()).hex()
    endpoint = f"a{secrets.token_hex(7)}-ats.iot.eu-central-1.amazonaws.com"
    return Desk(
        folder=folder,
        student=RosterEntry(name, endpoint, hashlib.sha256(der).hexdigest(), certificate_sha256_atecc608a=chip_sha256),
        certificate_pem=certificate.public_bytes(Encoding.PEM),
        private_key_pem=key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        chip_key=chip_key,
        chip_certificate_pem=chip_pem,
    )


def chip_certificate(name: str, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a certificate (PEM) for the key of a chip."""
    return _certificate(name, key).public_bytes(Encoding.PEM)


def _certificate(name: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    return builder.not_valid_before(begins).not_valid_after(begins + timedelta(days=30)).sign(key, hashes.SHA256())
