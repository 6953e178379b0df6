"""Secrets files, and leaks that are no keys."""

import random

import pytest

from kitbench.errors import UsageError
from kitbench.forensics.canaries.storage_disguise import nvs_entry, nvs_page, nvs_sized
from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.layout.finding import FindingKind
from kitbench.forensics.layout.flash_layout import read_layout
from kitbench.forensics.layout.other_secrets import RULES, Rule, Secret, SecretSearch, parse_secrets
from tests.kitbench.forensics.flash_sample import flash


def test_parse_secrets_names_strings_by_path_and_derives_the_master_key() -> None:
    secrets = parse_secrets(b'[lab]\nwifi_ssid = "IEEE"\nwifi_password = "password"\ntoken = "hex:00ff00ff00ff"\n')

    by_name = {secret.name: secret.value for secret in secrets}
    assert by_name["lab.token"] == b"\0\xff\0\xff\0\xff"
    # IEEE 802.11i-2004, H.4.2, test case 1
    assert by_name["lab.wifi_pmk"].hex() == "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"
    assert "lab.wifi_ssid" not in by_name


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"= broken", "not TOML"),
        (b"\xff", "not TOML"),
        (b"a = 1", "no string"),
        (b'a = "short"', "fewer than"),
        (b'a = "hex:zz"', "not hex"),
    ],
)
def test_bad_secrets_file_is_the_callers_fault(text: bytes, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        parse_secrets(text)


def test_secret_does_not_show_its_value() -> None:
    assert "hunter" not in repr(Secret("password", b"hunter22"))


def test_name_of_the_kit_is_an_identifier_and_its_password_a_secret() -> None:
    page = nvs_page(
        0,
        [
            (nvs_entry(0, 1, "aws", b"\x02"), 0b10),
            (nvs_sized(2, 0x21, "client_id", b"esp32-17\0"), 0b10),
            (nvs_sized(2, 0x21, "client_secret", b"esp32-17\0"), 0b10),
            (nvs_sized(2, 0x21, "colour", b"yellow\0"), 0b10),
        ],
    )
    dump = flash(b"hard-coded-name hard-coded-word", extra={0x9000: page})
    secrets = [Secret("lab.client_id", b"hard-coded-name"), Secret("lab.word", b"hard-coded-word")]

    found = SecretSearch(dump, read_layout(dump), None).findings([Layer(dump)], secrets)

    assert [(finding.kind, finding.detail) for finding in found] == [
        (FindingKind.IDENTIFIER, "an NVS value by the name of 'aws/client_id'"),
        (FindingKind.SECRET, "an NVS value by the name of 'aws/client_secret'"),
        (FindingKind.IDENTIFIER, "the identifier 'lab.client_id'"),
        (FindingKind.SECRET, "the secret 'lab.word'"),
    ]


def test_wifi_password_in_nvs_is_found() -> None:
    page = nvs_page(
        0,
        [
            (nvs_entry(0, 1, "nvs.net80211", b"\x02"), 0b10),
            (nvs_sized(2, 0x42, "sta.pswd", b"campus-wifi".ljust(64, b"\0"), chunk=0), 0b10),
            (nvs_sized(2, 0x42, "sta.pmk", bytes(32), chunk=0), 0b10),
            (nvs_sized(2, 0x21, "api_key", b"k-123456\0"), 0b00),
        ],
    )
    dump = flash(extra={0x9000: page})

    found = SecretSearch(dump, read_layout(dump), None).findings([], [])

    assert [finding.detail for finding in found] == [
        "the Wi-Fi password",
        "an NVS value by the name of 'nvs.net80211/api_key'",
    ]
    assert found[1].place.storage == "nvs:nvs.net80211/api_key (erased)"


def test_secret_is_found_in_decoded_layer_and_at_both_ends() -> None:
    secret = Secret("token", b"0123456789")
    for data in (secret.value + b"x" * 9, b"x" * 9 + secret.value):
        found = SecretSearch(data, read_layout(data), None).findings([Layer(data)], [secret])

        assert [finding.form for finding in found] == ["known_secret"]


def test_clean_flash_leaks_nothing() -> None:
    dump = flash(b"AKIA is no key id; AKIA234 is too short; example.com")

    layer = Layer(dump)

    assert SecretSearch(dump, read_layout(dump), None).findings([layer], [Secret("x", b"not there")]) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.form)
def test_search_around_words_finds_what_a_search_of_everything_finds(rule: Rule) -> None:
    chance = random.Random(7)
    pieces = [
        b"AKIA",
        b"ASIA",
        b"A2B7" * 4,
        b"Z",
        b"abcdef0123",
        b"-ats",
        b".iot.",
        b"eu-west-1",
        b".amazonaws.com",
        b".cn",
    ]
    pieces += [
        b" ",
        b"\0",
        b"a" * 30,
        b"." * 90,
        b"AKIAABCDEFGHIJKLMNOP ",
        b"a1b2c3d4e5-ats.iot.us-east-1.amazonaws.com",
    ]
    found = 0
    for _ in range(300):
        data = b"".join(chance.choices(pieces, k=60))
        expected = [match.span() for match in rule.pattern.finditer(data)]
        assert [match.span() for match in rule.matches(data)] == expected
        found += len(expected)
    assert found > 100
