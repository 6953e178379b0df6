"""What a build is warned of, and what not."""

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from kitbench.bench.project_run.build_warnings import build_warnings
from kitbench.cloud.root_ca import amazon_root_ca_1
from tests.kitbench.bench.project_run.image_maker import build_of, code
from tests.kitbench.bench.project_run.sample_project import HOST, make_pair


def warnings_of(folder: Path, *parts: bytes, settings: str = "{}") -> list[str]:
    return build_warnings(build_of(folder, {0x20000: code(*parts)}, settings))


def test_sound_identity_and_endpoint_have_no_warning(tmp_path: Path) -> None:
    assert not warnings_of(tmp_path, *make_pair(), amazon_root_ca_1(), HOST.encode())


def test_key_of_another_certificate_is_warned_of(tmp_path: Path) -> None:
    (key, _), (_, certificate) = make_pair("one"), make_pair("two", is_authority=True)

    (line,) = warnings_of(tmp_path, key, certificate, amazon_root_ca_1(), HOST.encode())

    assert line.startswith("private key and certificate do not belong together: no key in the image is that of CN=two")


def test_encrypted_key_is_warned_of(tmp_path: Path) -> None:
    key, certificate = make_pair()
    closed = load_pem_private_key(key, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
    )

    assert "encrypted" in warnings_of(tmp_path, closed, certificate, amazon_root_ca_1(), HOST.encode())[0]


@pytest.mark.parametrize("symbol", ["AWS_IOT_MQTT_HOST", "MQTT_BROKER_ENDPOINT", "GATEWAY_MQTT_HOSTNAME"])
def test_empty_endpoint_is_warned_of(tmp_path: Path, symbol: str) -> None:
    (line,) = warnings_of(tmp_path, settings=f'{{"{symbol}": ""}}')

    assert line.startswith(f"CONFIG_{symbol} is empty")


def test_pasted_address_is_warned_of_with_the_name_in_it(tmp_path: Path) -> None:
    (line,) = warnings_of(tmp_path, settings='{"AWS_IOT_MQTT_HOST": "https://broker.example/"}')

    assert re.search(r"'https://broker\.example/', which is no host name: write 'broker\.example'", line)


@pytest.mark.parametrize("settings", ['{"AWS_IOT_MQTT_HOST": "Broker.example"}', '{"LWIP_LOCAL_HOSTNAME": ""}'])
def test_other_settings_have_no_warning(tmp_path: Path, settings: str) -> None:
    assert not warnings_of(tmp_path, settings=settings)


def test_endpoint_in_the_code_makes_an_empty_setting_good(tmp_path: Path) -> None:
    assert not warnings_of(tmp_path, HOST.encode(), settings='{"AWS_IOT_MQTT_HOST": ""}')
