"""The course's cloud account for the example class: a local IoT core that registers students' certificates."""

import base64
import hashlib
import secrets
import string
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from grading.example_class.stand_ins import stand_in


@dataclass(frozen=True, slots=True)
class Registered:
    """What the course gives one student: an endpoint and a certificate with its key, as PEM."""

    endpoint: str
    certificate_pem: bytes
    private_key_pem: bytes = field(repr=False)
    root_ca_pem: bytes
    cloud: "CourseCloud" = field(repr=False)

    @property
    def certificate_sha256(self) -> str:
        """SHA-256 of the certificate's DER, as the roster has it."""
        certificate = x509.load_pem_x509_certificate(self.certificate_pem)
        return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


@dataclass(frozen=True, slots=True)
class CourseCloud:
    """Registers certificates; each student has an AWS account, and so a custom endpoint, of its own."""

    iot: Any
    root_ca_pem: bytes

    def register(self, name: str) -> Registered:
        """Make a thing and a certificate with its key in the cloud, as the course's first exercise does."""
        answer = self.iot.create_keys_and_certificate(setAsActive=True)
        self.iot.create_thing(thingName=name)
        self.iot.attach_thing_principal(thingName=name, principal=answer["certificateArn"])
        return Registered(
            endpoint=custom_endpoint(),
            certificate_pem=answer["certificatePem"].encode(),
            private_key_pem=answer["keyPair"]["PrivateKey"].encode(),
            root_ca_pem=self.root_ca_pem,
            cloud=self,
        )

    def sign(self, csr_der: bytes) -> bytes:
        """Return the certificate (PEM) for a CSR of a secure element."""
        body = base64.encodebytes(csr_der).decode()
        pem = f"-----BEGIN CERTIFICATE REQUEST-----\n{body}-----END CERTIFICATE REQUEST-----\n"
        answer = self.iot.create_certificate_from_csr(certificateSigningRequest=pem, setAsActive=True)
        certificate: str = answer["certificatePem"]
        return certificate.encode()


def custom_endpoint() -> str:
    """Return a host name as AWS gives one to an account; the students' kits never reach it."""
    alphabet = string.ascii_lowercase + string.digits
    account = "a" + "".join(secrets.choice(alphabet) for _ in range(13))
    return f"{account}-ats.iot.us-east-1.amazonaws.com"


@contextmanager
def course_cloud() -> Iterator[CourseCloud]:
    """Run the course's cloud."""
    with stand_in("local-iot-core") as (endpoint,):
        iot = boto3.client(
            "iot",
            endpoint_url=endpoint["endpoint_url"],
            region_name=endpoint["region"],
            aws_access_key_id=endpoint["access_key_id"],
            aws_secret_access_key=endpoint["secret_access_key"],
        )
        yield CourseCloud(iot, Path(endpoint["ca_file"]).read_bytes())
