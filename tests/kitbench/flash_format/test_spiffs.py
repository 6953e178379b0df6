"""SPIFFS: files from scattered and deleted pages; nothing raises."""

from hypothesis import given
from hypothesis import strategies as st

from kitbench.flash_format import spiffs
from kitbench.forensics.canaries.file_disguise import spiffs_file

CONTENT = bytes(range(256)) * 9


def content(partition: bytes, file: spiffs.SpiffsFile) -> bytes:
    return b"".join(partition[offset : offset + size] for offset, size in file.pieces)


def test_files_joins_pages_in_order_of_span() -> None:
    partition = spiffs_file(CONTENT)

    (file,) = spiffs.files(partition)

    assert (file.name, file.is_deleted) == ("/key.pem", False)
    assert content(partition, file)[: len(CONTENT)] == CONTENT


def test_files_gives_deleted_file_too() -> None:
    assert [file.is_deleted for file in spiffs.files(spiffs_file(CONTENT, is_deleted=True))] == [True]


def test_erased_partition_has_no_files() -> None:
    assert list(spiffs.files(b"\xff" * 0x4000)) == []


@given(st.binary(max_size=9000))
def test_files_never_raises(partition: bytes) -> None:
    for file in spiffs.files(partition):
        content(partition, file)
