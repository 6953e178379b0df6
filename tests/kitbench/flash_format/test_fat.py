"""FAT: files in several clusters, deleted ones, with and without wear levelling."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.flash_format import fat

CONTENT = bytes(range(251)) * 40  # three clusters
SECTOR = 4096


def entry(name: bytes, cluster: int, size: int, attributes: int = 0x20) -> bytes:
    return name + bytes([attributes]) + bytes(14) + struct.pack("<HI", cluster, size)


def volume(sectors: int = 24, *, is_deleted: bool = False) -> bytes:
    """Return a FAT12 volume of 4 KB clusters with CONTENT in clusters 4, 2 and 6 as KEYS/KEY.PEM."""
    boot = bytearray(SECTOR)
    boot[11:24] = struct.pack("<HBHBHHBH", SECTOR, 1, 1, 1, 128, sectors, 0xF8, 1)
    boot[510:512] = b"\x55\xaa"
    links = {2: 6, 3: 0xFFF, 4: 2, 6: 0xFFF} if not is_deleted else {3: 0xFFF}
    table = bytearray(SECTOR)
    for cluster, link in links.items():
        at = cluster * 3 // 2
        pair = int.from_bytes(table[at : at + 2], "little")
        pair |= link << 4 if cluster % 2 else link
        table[at : at + 2] = pair.to_bytes(2, "little")
    name = b"KEY     PEM" if not is_deleted else b"\xe5EY     PEM"
    root = entry(b"KEYS       ", 3, 0, 0x10).ljust(SECTOR, b"\0")
    folder = entry(b".          ", 3, 0, 0x10) + entry(name, 4, len(CONTENT))
    data = bytearray(SECTOR * (sectors - 3))
    order = (4, 2, 6) if not is_deleted else (4, 5, 6)
    for cluster, at in zip(order, range(0, len(CONTENT), SECTOR), strict=True):
        chunk = CONTENT[at : at + SECTOR]
        data[(cluster - 2) * SECTOR : (cluster - 2) * SECTOR + len(chunk)] = chunk
    data[SECTOR : SECTOR + len(folder)] = folder
    return bytes(boot + table + root + data)


def levelled(plain: bytes, *, dummy: int, moves: int) -> bytes:
    """Return the volume as wear levelling keeps it: turned by `moves` sectors, a dummy sector at `dummy`."""
    sectors = [plain[at : at + SECTOR] for at in range(0, len(plain), SECTOR)]
    turned = sectors[moves:] + sectors[:moves]
    physical = [*turned[:dummy], b"\xee" * SECTOR, *turned[dummy:]]
    state = struct.pack("<IIII", 0, len(physical), moves, 0).ljust(64, b"\0") + b"\x11" * 16 * dummy
    return b"".join(physical) + state.ljust(SECTOR, b"\xff") * 2 + b"\xff" * SECTOR


def content(partition: bytes, file: fat.FatFile) -> bytes:
    return b"".join(partition[offset : offset + size] for offset, size in file.pieces)


def test_files_follows_the_chain_into_folders() -> None:
    partition = volume()

    (file,) = fat.files(partition)

    assert (file.name, file.is_deleted, content(partition, file)) == ("/KEYS/KEY.PEM", False, CONTENT)


def test_files_takes_deleted_file_to_be_in_one_piece() -> None:
    partition = volume(is_deleted=True)

    (file,) = fat.files(partition)

    assert (file.is_deleted, content(partition, file)) == (True, CONTENT)


@pytest.mark.parametrize(("dummy", "moves"), [(0, 0), (3, 0), (5, 1), (23, 7)])
def test_files_sees_through_wear_levelling(dummy: int, moves: int) -> None:
    partition = levelled(volume(), dummy=dummy, moves=moves)

    (file,) = fat.files(partition)

    assert content(partition, file) == CONTENT


def test_cyclic_chain_ends() -> None:
    partition = bytearray(volume())
    at = SECTOR + 6 * 3 // 2
    partition[at : at + 2] = (4).to_bytes(2, "little")  # 6 leads back to 4

    assert len(list(fat.files(bytes(partition)))) == 1


@given(st.data())
def test_damaged_volume_never_raises(data: st.DataObject) -> None:
    partition = bytearray(volume())
    for _ in range(data.draw(st.integers(1, 20))):
        partition[data.draw(st.integers(0, 4 * SECTOR))] = data.draw(st.integers(0, 255))

    for file in fat.files(bytes(partition)):
        content(bytes(partition), file)


@pytest.mark.parametrize("partition", [b"", b"\xff" * 0x8000, bytes(0x8000), b"\x55\xaa" * 300])
def test_what_is_no_volume_has_no_files(partition: bytes) -> None:
    assert list(fat.files(partition)) == []


def test_folders_that_claim_more_than_there_is_are_an_error() -> None:
    partition = bytearray(volume())
    endless = entry(b"SELF       ", 3, 0, 0x10) * (SECTOR // 32)
    partition[4 * SECTOR : 5 * SECTOR] = endless  # cluster 3

    with pytest.raises(fat.FatLimitError, match="room"):
        list(fat.files(bytes(partition)))
