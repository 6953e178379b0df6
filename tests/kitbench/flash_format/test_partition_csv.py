"""partitions.csv, read as gen_esp32part.py reads it."""

import pytest

from kitbench.flash_format.partition_csv import parse_csv
from kitbench.flash_format.partition_table import Partition, PartitionTableError

#: ESP-IDF's partitions_two_ota.csv; the offsets are those that gen_esp32part.py of v5.1.4 prints for it.
TWO_OTA = """\
# Name,   Type, SubType, Offset,  Size, Flags
nvs,      data, nvs,     ,        0x4000,
otadata,  data, ota,     ,        0x2000,
phy_init, data, phy,     ,        0x1000,
factory,  app,  factory, ,        1M,
ota_0,    app,  ota_0,   ,        1M,
ota_1,    app,  ota_1,   ,        1M,
"""


def test_parse_places_partitions_as_esp_idf_does() -> None:
    assert [(item.name, item.offset, item.size) for item in parse_csv(TWO_OTA)] == [
        ("nvs", 0x9000, 0x4000),
        ("otadata", 0xD000, 0x2000),
        ("phy_init", 0xF000, 0x1000),
        ("factory", 0x10000, 0x100000),
        ("ota_0", 0x110000, 0x100000),
        ("ota_1", 0x210000, 0x100000),
    ]


def test_parse_reads_numbers_flags_and_end_offsets() -> None:
    text = "cert, data, 0x40, 0x190000, 8K, encrypted:readonly\nrest, 0x41, 3, , -0x200000\nu, data, , , 4k"

    assert parse_csv(text) == (
        Partition("cert", 1, 0x40, 0x190000, 0x2000, 3),
        Partition("rest", 0x41, 3, 0x192000, 0x6E000),
        Partition("u", 1, 6, 0x200000, 0x1000),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a, app, , 0x10000, 1M", "line 1: an app partition needs a subtype"),
        ("\na, data, nvs", "line 2: partition 'a' has no size"),
        ("a, data, nvs, 0x9000, 4x", "line 1: cannot read '4x'"),
        ("a, data, nothing, , 4K", "known are ota, phy"),
        ("a, data, nvs, 0x8000, 4K", "overlaps what ends at 0x9000"),
        ("a, data, nvs, 0x9000, 8K\nb, data, phy, 0xa000, 4K", "line 2: partition 'b' at 0xa000 overlaps"),
        ("a, app, factory, 0x11000, 1M", "not aligned to 0x10000"),
        ("a, data, nvs, , 4K, loud", "unknown flag 'loud'"),
        ("a, data, nvs, , 4K\na, data, phy, , 4K", "two partitions have the name 'a'"),
        ("a, data, nvs, , 0x100000000", "does not fit into 32 bits"),
        ("a, data, nvs, , -4K", "ends before it begins"),
        ("a,data,nvs,,4K\n" * 96, "at most 95"),
    ],
)
def test_parse_broken_line_is_named(text: str, message: str) -> None:
    with pytest.raises(PartitionTableError, match=message):
        parse_csv(text)
