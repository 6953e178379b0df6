"""The reference firmware's sources: what they promise, and what they must never contain."""

import re
from pathlib import Path

import pytest

from kitbench.firmware import sdkconfig
from kitbench.flash_format.partition_csv import parse_csv

ROOT = Path(__file__).parents[3]
FIRMWARE = ROOT / "firmware" / "subscribe_publish"
SOURCES = sorted([*FIRMWARE.glob("main/*.c"), *FIRMWARE.glob("main/*.h")])
CONSOLE = {"provisioning_console.c", "secure_element.c", "certificate_request.c"}


def strings_of(path: Path) -> set[str]:
    text = path.read_text("utf-8")
    return {match[1] for match in re.finditer(r'#define (?:LOG_LINE|PAYLOAD)_\w+ "((?:[^"\\]|\\.)*)"', text)}


def test_page_of_log_lines_is_the_headers() -> None:
    page = (ROOT / "docs" / "log-lines.md").read_text("utf-8")

    assert {match[1] for match in re.finditer(r"^\| `([^`]+)` \|", page, re.MULTILINE)} == strings_of(
        FIRMWARE / "main" / "log_lines.h"
    )


@pytest.mark.parametrize("word", ["lock(", "lock_config", "lock_data", "atcab_write", "priv_write", "atcab_update"])
def test_nothing_can_lock_or_write_the_secure_element(word: str) -> None:
    for path in SOURCES:
        calls = re.findall(r"\batcab_\w*\(", path.read_text("utf-8"))

        assert not [call for call in calls if word in call and "is_locked" not in call], path.name


def test_key_is_made_in_one_place_after_the_serial_is_compared() -> None:
    places = [path.name for path in SOURCES if "atcab_genkey(" in path.read_text("utf-8")]
    text = (FIRMWARE / "main" / "provisioning_console.c").read_text("utf-8")

    assert places == ["provisioning_console.c"]
    assert text.count("atcab_genkey(") == 1
    assert text.index("memcmp(typed, serial") < text.index("atcab_genkey(")


def test_slot_content_is_never_sent() -> None:
    text = (FIRMWARE / "main" / "provisioning_console.c").read_text("utf-8")
    (body,) = re.findall(r"static void answer_read\(.*?\n}\n", text, re.DOTALL)

    assert "memset(data, 0" in body
    assert "hex(data" not in body


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_source_keeps_the_house_rules(path: Path) -> None:
    text = path.read_text("utf-8")

    assert "SPDX-License-Identifier: Apache-2.0" in text
    assert not re.search(r"^\s*#\s*if.*CONFIG_", text, re.MULTILINE)
    assert max(len(line) for line in text.splitlines()) <= 120
    assert ("#pragma once" in text) is (path.suffix == ".h")
    # A secret would have to be formatted to be logged.
    assert not re.search(r"ESP_LOG.*(PASSWORD|private_key|_pem\b)", text)


def test_private_key_is_embedded_in_one_variant_only() -> None:
    text = (FIRMWARE / "main" / "CMakeLists.txt").read_text("utf-8")
    (secure, embedded) = text.split("if(CONFIG_EXAMPLE_DEVICE_CREDENTIALS_ATECC608A)")[1].split("else()")

    assert "private.pem.key" not in secure
    assert "private.pem.key" in embedded


def test_secure_element_component_is_pinned_exactly() -> None:
    assert 'espressif/esp-cryptoauthlib: "==3.7.9~1"' in (FIRMWARE / "main" / "idf_component.yml").read_text("utf-8")


@pytest.mark.parametrize("variant", ["embedded_key", "atecc608a", "qemu"])
def test_variant_is_an_sdkconfig(variant: str) -> None:
    values = sdkconfig.parse((FIRMWARE / f"sdkconfig.ci.{variant}").read_text("utf-8"))

    credentials = [name for name in values if name.startswith("EXAMPLE_DEVICE_CREDENTIALS_")]
    assert len(credentials) == 1


def test_secure_element_variant_is_for_every_chip_type() -> None:
    values = sdkconfig.parse((FIRMWARE / "sdkconfig.ci.atecc608a").read_text("utf-8"))

    assert values["ATECC608A_TCUSTOM"] == "y"
    assert values["ESP_TLS_USE_SECURE_ELEMENT"] == "y"
    assert (values["ATCA_I2C_SDA_PIN"], values["ATCA_I2C_SCL_PIN"]) == ("27", "33")
    assert not any(name.startswith("MBEDTLS_ATCA_HW") for name in values)


# Seen with ESP-IDF v5.1.4 for the esp32c3: where a dependency is not met, Kconfig takes the choice's default silently.
def test_secure_element_variant_stops_rather_than_embed_the_key() -> None:
    kconfig = (FIRMWARE / "main" / "Kconfig.projbuild").read_text("utf-8")
    entry = kconfig.partition("config EXAMPLE_DEVICE_CREDENTIALS_ATECC608A\n")[2].partition("endchoice")[0]
    cmake = (FIRMWARE / "main" / "CMakeLists.txt").read_text("utf-8")

    assert entry
    assert "depends on" not in entry
    assert "AND NOT CONFIG_ESP_TLS_USE_SECURE_ELEMENT)\n    message(FATAL_ERROR" in cmake


def test_partitions_have_room_for_the_app_and_the_certificate() -> None:
    partitions = {item.name: item for item in parse_csv((FIRMWARE / "partitions.csv").read_text("utf-8"))}

    assert partitions["factory"].size == 1536 * 1024
    assert partitions["devcert"].end <= 2 << 20


def test_git_ignores_every_certificate_and_key() -> None:
    lines = (FIRMWARE / "main" / "certs" / ".gitignore").read_text("utf-8").splitlines()

    assert lines[0] == "*"
