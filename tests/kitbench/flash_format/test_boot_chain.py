"""What keeps a flash from booting, and that one good app is enough."""

import pytest

from kitbench.flash_format import app_image, partition_table
from kitbench.flash_format.app_image import Segment
from kitbench.flash_format.boot_chain import boot_problem
from kitbench.flash_format.partition_table import Partition

TABLE = (
    Partition("nvs", 1, 2, 0x9000, 0x6000),
    Partition("ota_0", 0, 0x10, 0x10000, 0x10000),
    Partition("ota_1", 0, 0x11, 0x20000, 0x10000),
)
IMAGE = app_image.serialize([Segment(0x40080000, bytes(range(64)))], entry=0x40080000)


def flash(**parts: bytes) -> bytearray:
    """Return a flash with boot loader, table and two apps, each of which may be given."""
    places = {"loader": 0x1000, "table": 0x8000, "first": 0x10000, "second": 0x20000}
    given = {"loader": IMAGE, "table": partition_table.serialize(TABLE), "first": IMAGE, "second": IMAGE} | parts
    content = bytearray(b"\xff" * 0x30000)
    for name, data in given.items():
        content[places[name] : places[name] + len(data)] = data
    return content


def broken(image: bytes, at: int) -> bytes:
    return image[:at] + bytes([image[at] ^ 1]) + image[at + 1 :]


def test_sound_flash_boots() -> None:
    assert boot_problem(bytes(flash())) == ""


@pytest.mark.parametrize("parts", [{"first": b"\xff" * len(IMAGE)}, {"second": broken(IMAGE, 40)}])
def test_one_good_app_is_enough(parts: dict[str, bytes]) -> None:
    assert boot_problem(bytes(flash(**parts))) == ""


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ({"loader": b"\xff" * 64}, "boot loader: invalid magic byte"),
        ({"loader": broken(IMAGE, 40)}, "boot loader: its checksum"),
        ({"table": broken(partition_table.serialize(TABLE), 6)}, "MD5 is wrong"),
        ({"table": b"\xff" * 0xC00}, "has no app"),
        ({"table": bytes(0xC00)}, "partition table:"),
        ({"first": broken(IMAGE, 40), "second": broken(IMAGE, 40)}, "ota_0: its checksum"),
        ({"first": broken(IMAGE, len(IMAGE) - 1), "second": b"\xff" * 64}, "ota_0: its SHA-256"),
    ],
)
def test_what_does_not_boot_says_why(parts: dict[str, bytes], word: str) -> None:
    assert word in boot_problem(bytes(flash(**parts)))


def test_hash_of_the_boot_loader_is_not_looked_at() -> None:
    assert boot_problem(bytes(flash(loader=broken(IMAGE, len(IMAGE) - 1)))) == ""


def test_cut_flash_does_not_boot() -> None:
    for size in (0, 0x1000, 0x8000, 0x9000, 0x11000):
        assert boot_problem(bytes(flash())[:size]) != "" or size == 0x11000
