"""A bench description after a scan."""

import tomllib

import pytest

from kitbench.bench.kits.bench_file import parse_bench
from kitbench.bench.kits.bench_file_update import with_scanned_kits
from kitbench.errors import UsageError
from kitbench.kit.kit_identity import KitIdentity
from kitbench.kit.scan import ScannedPort
from kitbench.kit.serial_port import AttachedPort

BENCH = """# our bench
[bench]
cloud = "aws"   # costs messages

[kits.red]      # the one with the red sticker
port = "/dev/ttyUSB7"
mac = "24:0A:C4:00:00:01"
secure_element_sda = 16
"""


def kit(port: str, mac: str, secure_element: str = "") -> ScannedPort:
    return ScannedPort(AttachedPort(port, "CP210x"), KitIdentity("ESP32", mac, "4MB", secure_element=secure_element))


def test_known_kit_gets_its_new_port_and_comments_stay() -> None:
    text, changes = with_scanned_kits(BENCH, [kit("/dev/ttyUSB0", "24:0a:c4:00:00:01")])

    assert changes == ["red: port = /dev/ttyUSB0", "red: mac = 24:0a:c4:00:00:01", "red: flash_size = 4MB"]
    assert all(comment in text for comment in ("# our bench", "# costs messages", "# the one with the red sticker"))
    red = parse_bench(tomllib.loads(text)).kits["red"]
    assert (red.port, red.mac, red.flash_size) == ("/dev/ttyUSB0", "24:0a:c4:00:00:01", "4MB")
    assert red.wiring == (("ATCA_I2C_SDA_PIN", "16"),)


def test_twenty_new_kits_get_names_and_a_second_scan_changes_nothing() -> None:
    found = [kit(f"/dev/ttyUSB{n}", f"24:0a:c4:00:01:{n:02x}") for n in range(20)]

    text, changes = with_scanned_kits("", found)

    assert len(changes) == 20
    assert set(parse_bench(tomllib.loads(text)).kits) == {f"kit{n + 1}" for n in range(20)}
    assert with_scanned_kits(text, found) == (text, [])


def test_secure_element_that_was_seen_is_written_and_one_that_was_not_stays() -> None:
    seen, _ = with_scanned_kits(BENCH, [kit("/dev/ttyUSB7", "24:0a:c4:00:00:01", "0123456789abcdef01")])
    again, changes = with_scanned_kits(seen, [kit("/dev/ttyUSB7", "24:0a:c4:00:00:01")])

    assert parse_bench(tomllib.loads(again)).kits["red"].secure_element == "0123456789abcdef01"
    assert changes == []


def test_kit_that_was_named_by_its_port_alone_keeps_its_name() -> None:
    text, _ = with_scanned_kits('[kits.blue]\nport = "/dev/ttyUSB1"\n', [kit("/dev/ttyUSB1", "24:0a:c4:00:00:02")])

    assert set(parse_bench(tomllib.loads(text)).kits) == {"blue"}


def test_kits_that_changed_places_have_each_others_ports_and_none_twice() -> None:
    macs = ["24:0a:c4:00:00:01", "24:0a:c4:00:00:02"]
    text, _ = with_scanned_kits("", [kit("/dev/ttyUSB0", macs[0]), kit("/dev/ttyUSB1", macs[1])])

    swapped, changes = with_scanned_kits(text, [kit("/dev/ttyUSB1", macs[0]), kit("/dev/ttyUSB0", macs[1])])

    assert changes == ["kit1: port = /dev/ttyUSB1", "kit2: port = /dev/ttyUSB0"]
    assert {one.mac: one.port for one in parse_bench(tomllib.loads(swapped)).kits.values()} == {
        macs[0]: "/dev/ttyUSB1",
        macs[1]: "/dev/ttyUSB0",
    }


def test_kit_at_whose_port_another_one_is_now_has_none() -> None:
    text, changes = with_scanned_kits(BENCH, [kit("/dev/ttyUSB7", "24:0a:c4:00:00:09")])

    kits = parse_bench(tomllib.loads(text)).kits
    assert (kits["red"].port, kits["kit1"].port) == ("", "/dev/ttyUSB7")
    assert changes[-1].startswith("red: not found, and kit1 is at its port now")


def test_port_without_a_kit_is_not_written() -> None:
    assert with_scanned_kits(BENCH, [ScannedPort(AttachedPort("/dev/ttyS0", ""), None, "nobody")]) == (BENCH, [])


@pytest.mark.parametrize("text", ["[kits", "kits = 3", '[kits]\nred = "/dev/ttyUSB0"'])
def test_file_that_is_none_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        with_scanned_kits(text, [kit("/dev/ttyUSB0", "24:0a:c4:00:00:01")])
