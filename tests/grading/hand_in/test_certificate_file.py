"""Certificates in every form that people hand in, one certificate in all of them."""

import base64
import random
import subprocess
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from grading.hand_in.certificate_file import LARGEST, certificates_in
from tests.grading.handed_in import certificate, certificate_sha256

DER = certificate("s01").public_bytes(Encoding.DER)
PEM = certificate("s01").public_bytes(Encoding.PEM).decode()
OTHER = certificate("other").public_bytes(Encoding.PEM).decode()
LINES = PEM.splitlines()
#: OpenSSL's X509_CERT_AUX: an empty sequence would do as well; this one names the use "TLS Web Client Authentication".
AUX = bytes.fromhex("300c300a06082b06010505070302")


def trusted() -> str:
    body = base64.encodebytes(DER + AUX).decode()
    return f"-----BEGIN TRUSTED CERTIFICATE-----\n{body}-----END TRUSTED CERTIFICATE-----\n"


FORMS = {
    "PEM": PEM.encode(),
    "DER": DER,
    "DER with more behind it": DER + b"\0\n",
    "CRLF": PEM.replace("\n", "\r\n").encode(),
    "one line": PEM.replace("\n", "").encode(),
    "byte order mark": b"\xef\xbb\xbf" + PEM.encode(),
    "UTF-16": PEM.encode("utf-16"),
    "UTF-16 without its mark": PEM.encode("utf-16-le"),
    "text before and behind": b"Bag Attributes\n    localKeyID: 01\n" + PEM.encode() + b"\nthe end",
    "text in Latin-1": "subject=Zoë\n".encode("latin-1") + PEM.encode(),
    "X509": PEM.replace("CERTIFICATE", "X509 CERTIFICATE").encode(),
    "TRUSTED": trusted().encode(),
    "escaped line ends": PEM.replace("\n", "\\n").encode(),
    "string of C": "\n".join(f'"{line}\\r\\n"' for line in LINES).encode(),
    "mail": "\n".join(f"> {line}" for line in LINES).encode(),
    "HTML": "<br>\n".join(LINES).encode(),
    "blanks": "\n".join(f"    {line}  " for line in LINES).encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_certificate_is_read(form: str) -> None:
    (found,) = certificates_in(FORMS[form])

    assert found.sha256 == certificate_sha256()
    assert x509.load_pem_x509_certificate(found.pem.encode()) == certificate("s01")
    assert not found.is_ca


def test_trusted_form_is_what_openssl_writes(tmp_path: Path) -> None:
    """The control of the form above; openssl is part of what Python needs on most systems, but not on all."""
    source, made = tmp_path / "certificate.pem", tmp_path / "trusted.pem"
    source.write_text(PEM, encoding="ascii")
    command = ["openssl", "x509", "-in", str(source), "-addtrust", "clientAuth", "-trustout", "-out", str(made)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        made.write_text(trusted(), encoding="ascii")

    assert [one.sha256 for one in certificates_in(made.read_bytes())] == [certificate_sha256()]


def test_all_of_a_chain_are_given_in_order() -> None:
    found = certificates_in((OTHER + PEM).encode())

    assert [one.sha256 for one in found] == [certificate_sha256("other"), certificate_sha256()]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\x30", b"\x30\x82", b"\x30\x84\xff\xff\xff\xff", b"-----BEGIN CERTIFICATE-----", b"\0" * 1000),
        *(PEM.replace("A", "?").encode(), b"-----BEGIN CERTIFICATE-----\n=\n-----END CERTIFICATE-----"),
        b"-----BEGIN PRIVATE " + b"KEY-----\nAAAA\n-----END PRIVATE " + b"KEY-----",
    ],
)
def test_what_is_none_gives_none(content: bytes) -> None:
    assert certificates_in(content) == ()


def test_damage_anywhere_is_survived() -> None:
    chance = random.Random(12)
    for _ in range(300):
        damaged = bytearray(DER)
        for _ in range(chance.randrange(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        assert len(certificates_in(bytes(damaged))) <= 1


@pytest.mark.parametrize(
    "piece",
    [*("-----BEGIN CERTIFICATE-----\n", "-----BEGIN ", PEM, "\\n", "<br"), PEM + "-----BEGIN TRUSTED CERTIFICATE-----"],
)
def test_time_is_bounded(piece: str) -> None:
    began = time.process_time()

    certificates_in((piece * (2 * LARGEST // len(piece))).encode())

    assert time.process_time() - began < 2
