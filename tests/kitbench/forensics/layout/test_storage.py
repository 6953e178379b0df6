"""Storage: what each kind of data partition gives, with flash offsets."""

import littlefs
import pytest

from kitbench.flash_format.partition_table import Partition
from kitbench.forensics.canaries.storage_disguise import STORAGE_FORMS, partition_of
from kitbench.forensics.layout import littlefs_reader
from kitbench.forensics.layout.storage import StorageLimitError, stored_values

SECRET = bytes(range(256)) * 8
OFFSET = 0x110000


def little_fs(files: dict[str, bytes], blocks: int = 32) -> bytes:
    file_system = littlefs.LittleFS(block_size=4096, block_count=blocks)
    for name, data in files.items():
        with file_system.open(name, "wb") as file:
            file.write(data)
    return bytes(file_system.context.buffer)


@pytest.mark.parametrize("form", STORAGE_FORMS)
def test_stored_values_gives_secret_piece_by_piece(form: str) -> None:
    partition, data = partition_of(form, SECRET, OFFSET)

    contents = [
        b"".join(data[offset - OFFSET : offset - OFFSET + size] for offset, size in value.pieces)
        for value in stored_values(partition, data)
    ]

    assert any(SECRET in content for content in contents)


@pytest.mark.parametrize("size", [10, 5000, 40_000])
def test_littlefs_file_is_found_with_its_pieces(size: int) -> None:
    content = bytes(index * 7 % 251 for index in range(size))
    data = little_fs({"key.pem": content})
    partition = Partition("storage", 1, 0x83, OFFSET, len(data))

    (value,) = stored_values(partition, data)

    assert value.title == "littlefs:/key.pem"
    assert b"".join(data[begin - OFFSET : begin - OFFSET + length] for begin, length in value.pieces) == content


def test_littlefs_smaller_than_its_partition_is_read() -> None:
    data = little_fs({"key.pem": bytes(9000)}).ljust(0x40000, b"\xff")

    assert [file.name for file in littlefs_reader.files(data)] == ["/key.pem"]


def test_littlefs_of_many_equal_files_names_the_place_of_each() -> None:
    data = little_fs({f"{index}": b"same content" for index in range(9)})

    assert [len(file.pieces) for file in littlefs_reader.files(data)] == [1] * 9


@pytest.mark.parametrize("harm", ["directory", "size of superblock", "half of it"])
def test_damaged_littlefs_is_told_and_harms_nobody(harm: str) -> None:
    data = bytearray(little_fs({"key.pem": bytes(9000)}))
    for superblock in (0, 4096):
        if harm == "directory":
            data[superblock + 16 : superblock + 4096] = b"\x5a" * 4080
        elif harm == "half of it":
            data[superblock : superblock + 8] = bytes(8)
        else:
            at = data.find(b"littlefs", superblock) + 12
            data[at + 8 : at + 12] = b"\xff\xff\xff\x7f"

    with pytest.raises(StorageLimitError, match="partition 'storage': LittleFS is damaged"):
        stored_values(Partition("storage", 1, 0x83, OFFSET, len(data)), bytes(data))


def test_partition_without_littlefs_gives_nothing() -> None:
    assert list(littlefs_reader.files(b"\xff" * 0x8000)) == []


def test_app_partition_stores_nothing() -> None:
    assert stored_values(Partition("factory", 0, 0, 0, 0x1000), bytes(0x1000)) == []


def test_littlefs_that_does_not_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(littlefs_reader, "_TIMEOUT_S", 0)

    with pytest.raises(StorageLimitError, match="partition 'storage': LittleFS is damaged, or without an end"):
        stored_values(Partition("storage", 1, 0x83, OFFSET, 0x20000), little_fs({"a": b"b"}))
