"""What an image carries of an identity, wherever it is."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kitbench.bench.project_run.carried_identity import carried_by, carried_in
from kitbench.cloud.root_ca import amazon_root_ca_1
from kitbench.flash_format import partition_table
from kitbench.flash_format.nvs_image import nvs_image
from kitbench.flash_format.partition_csv import parse_csv
from kitbench.flash_format.secure_cert import secure_cert_image
from tests.kitbench.bench.project_run.image_maker import build_of, code
from tests.kitbench.bench.project_run.sample_project import HOST, make_pair

NAMES = "nvs,data,nvs,0x9000,0x6000,\nesp_secure_cert,0x3f,,0xf000,0x2000,\nfactory,app,factory,0x20000,1M,\n"


def test_pair_of_embedded_files_is_the_own_one(tmp_path: Path) -> None:
    key, certificate = make_pair()
    carried = carried_by(build_of(tmp_path, {0x20000: code(key, certificate, amazon_root_ca_1(), HOST.encode())}))

    assert carried.own == (x509.load_pem_x509_certificate(certificate),)
    assert carried.endpoints == (HOST,)
    assert len(carried.authorities) == 1
    assert "PRIVATE" not in repr(carried)


def test_der_and_a_self_signed_authority_count_as_well(tmp_path: Path) -> None:
    key, certificate = make_pair(is_authority=True)
    parsed = x509.load_pem_x509_certificate(certificate)
    der_key = load_pem_private_key(key, None).private_bytes(
        Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    carried = carried_by(build_of(tmp_path, {0x20000: code(parsed.public_bytes(Encoding.DER), der_key)}))

    assert carried.own == (parsed,)


def test_identity_in_nvs_is_found(tmp_path: Path) -> None:
    key, certificate = make_pair()
    values = {"identity": {"certificate": certificate.decode(), "key": key.decode(), "host": HOST}}
    table = partition_table.serialize(parse_csv(NAMES, table_offset=0x8000))
    files = {0x8000: table, 0x9000: nvs_image(values, 0x6000), 0x20000: code()}

    carried = carried_by(build_of(tmp_path, files))

    assert carried.own == (x509.load_pem_x509_certificate(certificate),)
    assert carried.endpoints == (HOST,)


def test_identity_in_esp_secure_cert_is_found(tmp_path: Path) -> None:
    key, certificate = make_pair()
    table = partition_table.serialize(parse_csv(NAMES, table_offset=0x8000))
    image = secure_cert_image(amazon_root_ca_1(), certificate, key, 0x2000)

    carried = carried_by(build_of(tmp_path, {0x8000: table, 0xF000: image, 0x20000: code()}))

    assert carried.own == (x509.load_pem_x509_certificate(certificate),)


def test_flash_of_a_kit_that_stored_its_identity(tmp_path: Path) -> None:
    key, certificate = make_pair()
    flash = bytearray(b"\xff" * (2 << 20))
    table = partition_table.serialize(parse_csv(NAMES, table_offset=0x8000))
    flash[0x8000 : 0x8000 + len(table)] = table
    flash[0x9000:0xF000] = nvs_image({"identity": {"c": certificate.decode(), "k": key.decode()}}, 0x6000)

    assert carried_in(bytes(flash)).own == (x509.load_pem_x509_certificate(certificate),)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"mqtts://ABC-ats.iot.eu-west-1.amazonaws.com:8883", ["abc-ats.iot.eu-west-1.amazonaws.com"]),
        (b"abc.iot.cn-north-1.amazonaws.com.cn/", ["abc.iot.cn-north-1.amazonaws.com.cn"]),
        (b"abc.iot.eu-west-1.amazonaws.com.evil.example", []),
        (b"iot.eu-west-1.amazonaws.com", []),
        (b"https://s3.amazonaws.com/x", []),
    ],
)
def test_only_whole_names_are_endpoints(tmp_path: Path, text: bytes, found: list[str]) -> None:
    assert list(carried_by(build_of(tmp_path, {0x20000: code(text)})).endpoints) == found
