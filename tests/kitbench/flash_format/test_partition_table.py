"""The partition table codec, against rows written out by hand from the documentation."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.flash_format import partition_table
from kitbench.flash_format.partition_table import Md5State, Partition, PartitionTableError

#: A stock table of ESP-IDF ("Single factory app"), byte by byte.
NVS_ROW = bytes.fromhex("aa50 01 02 00900000 00600000") + b"nvs".ljust(16, b"\0") + bytes(4)
FACTORY_ROW = bytes.fromhex("aa50 00 00 00000100 00001000") + b"factory".ljust(16, b"\0") + bytes(4)
MD5_ROW = b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(NVS_ROW + FACTORY_ROW).digest()
STOCK = (NVS_ROW + FACTORY_ROW + MD5_ROW).ljust(0xC00, b"\xff")

PARTITIONS = (Partition("nvs", 1, 2, 0x9000, 0x6000), Partition("factory", 0, 0, 0x10000, 0x100000))


def test_parse_stock_table_gives_partitions() -> None:
    table = partition_table.parse(STOCK)

    assert table.partitions == PARTITIONS
    assert table.md5 is Md5State.GOOD
    assert table.has_end


def test_serialize_gives_stock_bytes() -> None:
    assert partition_table.serialize(PARTITIONS) == STOCK


def test_parse_flipped_bit_tells_wrong_md5() -> None:
    broken = bytearray(STOCK)
    broken[0x20 + 8] ^= 1

    assert partition_table.parse(bytes(broken)).md5 is Md5State.WRONG


def test_parse_erased_sector_gives_no_partitions() -> None:
    table = partition_table.parse(b"\xff" * 0x1000)

    assert table.partitions == ()
    assert table.md5 is Md5State.ABSENT


def test_parse_other_bytes_names_the_row() -> None:
    with pytest.raises(PartitionTableError, match="row 1 at 0x20 begins with 1234"):
        partition_table.parse(NVS_ROW + b"\x12\x34" + bytes(30))


def test_parse_cut_table_tells_missing_end() -> None:
    assert not partition_table.parse(NVS_ROW + FACTORY_ROW).has_end


def test_serialize_long_name_is_refused() -> None:
    with pytest.raises(PartitionTableError, match="longer than 16"):
        partition_table.serialize([Partition("a" * 17, 0, 0, 0, 0)])


def test_serialize_too_many_partitions_is_refused() -> None:
    with pytest.raises(PartitionTableError, match="do not fit"):
        partition_table.serialize([Partition("p", 1, 2, 0x9000, 0x1000)] * 95)


def test_lookups_by_name_and_offset() -> None:
    table = partition_table.parse(STOCK)

    assert table.find("factory") == PARTITIONS[1]
    assert table.find("ota_0") is None
    assert table.at(0xEFFF) == PARTITIONS[0]
    assert table.at(0xF000) is None
    assert [partition.name for partition in table.apps] == ["factory"]
    assert [partition.subtype_name for partition in table.partitions] == ["nvs", "factory"]


@given(st.binary(max_size=0xC80))
def test_parse_any_bytes_gives_table_or_its_error(data: bytes) -> None:
    try:
        table = partition_table.parse(data)
    except PartitionTableError:
        return
    assert len(table.partitions) <= 0xC00 // 32
