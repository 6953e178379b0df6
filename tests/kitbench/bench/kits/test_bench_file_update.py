"""A bench description after a scan."""

import tomllib

import pytest

from kitbench.bench.kits.bench_file import parse_bench
from kitbench.bench.kits.bench_file_update import with_scanned_kits
from kitbench.errors import UsageError
from kitbench.kit.identity import KitIdentity
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


def kit(port: str, mac: str) -> ScannedPort:
    return ScannedPort(AttachedPort(port, "CP210x"), KitIdentity("ESP32", mac, "4MB"))


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


def test_port_without_a_kit_is_not_written() -> None:
    assert with_scanned_kits(BENCH, [ScannedPort(AttachedPort("/dev/ttyS0", ""), None, "nobody")]) == (BENCH, [])


@pytest.mark.parametrize("text", ["[kits", "kits = 3", '[kits]\nred = "/dev/ttyUSB0"'])
def test_file_that_is_none_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        with_scanned_kits(text, [kit("/dev/ttyUSB0", "24:0a:c4:00:00:01")])
