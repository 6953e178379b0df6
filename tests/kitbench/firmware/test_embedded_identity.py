"""Keys and certificates under names of the project's own are found, and nothing else is taken for one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kitbench.firmware.embedded_identity import Part, embedded_parts, part_of
from kitbench.firmware.overlay import CERTIFICATE_FILE, PRIVATE_KEY_FILE, ROOT_CA_FILE, Overlay

KEY = b"-----BEGIN RSA PRIVATE " + b"KEY-----\nAAAA\n-----END RSA PRIVATE " + b"KEY-----\n"
IDENTITY = Overlay({ROOT_CA_FILE: b"the run's ca", CERTIFICATE_FILE: b"the run's certificate", PRIVATE_KEY_FILE: KEY})


def certificate(*, is_authority: bool) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (KEY, Part.PRIVATE_KEY),
        (b"\xef\xbb\xbf\r\n" + KEY, Part.PRIVATE_KEY),
        (certificate(is_authority=False), Part.CERTIFICATE),
        (certificate(is_authority=True), Part.ROOT_CA),
        (b"-----BEGIN CERTIFICATE-----\nnonsense", Part.CERTIFICATE),
        (b'const char key[] = "' + KEY + b'";', None),
        (b"-----BEGIN PUBLIC KEY-----\n", None),
        (b"", None),
    ],
)
def test_part_is_told_by_the_content(content: bytes, part: Part | None) -> None:
    assert part_of(content) is part


@pytest.mark.parametrize(
    ("content", "is_filled"),
    [
        (b"", True),
        (b"Key goes here.\n", True),
        (b"\x30\x82\x04\xbd" * 20, False),  # a key in DER is one
        (b"x" * 401, False),
        (b'"-----BEGIN" + rest', False),
    ],
)
def test_text_in_the_place_of_a_key_is_told_by_its_name(tmp_path: Path, content: bytes, *, is_filled: bool) -> None:
    (tmp_path / "main").mkdir()
    text = 'target_add_binary_data(${CMAKE_PROJECT_NAME}.elf "main/client.key" TEXT)'
    (tmp_path / "CMakeLists.txt").write_text(text, encoding="utf-8")
    (tmp_path / "main" / "client.key").write_bytes(content)

    found = embedded_parts(tmp_path)

    assert found == ({PurePosixPath("main/client.key"): Part.PRIVATE_KEY} if is_filled else {})


def test_missing_files_are_told_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "main").mkdir()
    text = 'idf_component_register(EMBED_TXTFILES certs/client.key "certs/device.crt" ca.pem ../x.key ${y}.key /z.key)'
    (tmp_path / "main" / "CMakeLists.txt").write_text(text, encoding="utf-8")

    assert embedded_parts(tmp_path) == {
        PurePosixPath("main/certs/client.key"): Part.PRIVATE_KEY,
        PurePosixPath("main/certs/device.crt"): Part.CERTIFICATE,
        PurePosixPath("main/ca.pem"): Part.ROOT_CA,
    }


def test_run_replaces_them_all_and_nothing_else(tmp_path: Path) -> None:
    files = {"certs/client.key": KEY + b"own", "certs/amazon.pem": certificate(is_authority=True), "main.c": b"int x;"}
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)

    laid = IDENTITY.lay_over(tmp_path)

    assert (tmp_path / "certs" / "client.key").read_bytes() == KEY
    assert (tmp_path / "certs" / "amazon.pem").read_bytes() == b"the run's ca"
    assert (tmp_path / "main.c").read_bytes() == b"int x;"
    assert {PurePosixPath("certs/client.key"), PurePosixPath(PRIVATE_KEY_FILE)} <= set(laid)


def test_overlay_without_a_key_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "client.key").write_bytes(KEY)

    Overlay({"x": b""}).lay_over(tmp_path)

    assert (tmp_path / "client.key").read_bytes() == KEY
