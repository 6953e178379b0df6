"""Storage: what each kind of data partition gives, with flash offsets."""

import littlefs
import pytest

from kitbench.flash_format.partition_table import Partition
from kitbench.forensics import littlefs_reader
from kitbench.forensics.storage import StorageLimitError, stored_values
from kitbench.forensics.storage_disguise import STORAGE_FORMS, partition_of

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

    assert any(content.startswith(SECRET) for content in contents)


@pytest.mark.parametrize("size", [10, 5000, 40_000])
def test_littlefs_file_is_found_with_its_pieces(size: int) -> None:
    content = bytes(index * 7 % 251 for index in range(size))
    data = little_fs({"key.pem": content})
    partition = Partition("storage", 1, 0x83, OFFSET, len(data))

    (value,) = stored_values(partition, data)

    assert value.title == "littlefs:/key.pem"
    assert b"".join(data[begin - OFFSET : begin - OFFSET + length] for begin, length in value.pieces) == content


def test_damaged_littlefs_gives_nothing_and_harms_nobody() -> None:
    data = bytearray(little_fs({"key.pem": bytes(9000)}))
    data[16:4096] = b"\x5a" * 4080
    data[4112:8192] = b"\xa5" * 4080

    assert littlefs_reader.files(bytes(data)) in (None, [])


def test_app_partition_stores_nothing() -> None:
    assert stored_values(Partition("factory", 0, 0, 0, 0x1000), bytes(0x1000)) == []


def test_littlefs_that_does_not_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(littlefs_reader, "_TIMEOUT_S", 0)

    with pytest.raises(StorageLimitError, match="partition 'storage': LittleFS not read in"):
        stored_values(Partition("storage", 1, 0x83, OFFSET, 0x20000), little_fs({"a": b"b"}))
