"""Dumps that are alike are told with the stretches in which they differ; erased flash makes nobody alike."""

import random

import pytest

from kitbench.forensics.sameness import SECTOR, Likeness, alike, sectors_of

CODE = random.Random(8).randbytes(40 * SECTOR)
SIZE = 64 * SECTOR


def dump(*changes: tuple[int, bytes], code: bytes = CODE) -> bytes:
    image = bytearray(code.ljust(SIZE, b"\xff"))
    for at, data in changes:
        image[at : at + len(data)] = data
    return bytes(image)


def pairs(**dumps: bytes) -> list[Likeness]:
    return list(alike({name: sectors_of(data) for name, data in dumps.items()}))


def test_same_bytes_differ_nowhere() -> None:
    assert pairs(s01=dump(), s02=dump()) == [Likeness(("s01", "s02"), 1.0, ())]


def test_stretches_that_differ_are_told_in_whole_sectors() -> None:
    patched = dump((5 * SECTOR + 17, b"another key" * 500), (50 * SECTOR, b"\0"))

    (pair,) = pairs(s01=dump(), s02=patched)

    assert pair.differ == ((5 * SECTOR, 7 * SECTOR), (50 * SECTOR, 51 * SECTOR))
    assert pair.share == pytest.approx(38 / 41)


def test_dumps_of_their_own_are_not_listed_however_much_is_erased() -> None:
    other = random.Random(9).randbytes(4 * SECTOR)

    assert pairs(s01=dump(code=CODE[: 4 * SECTOR]), s02=dump(code=other), s03=b"\xff" * SIZE, s04=b"\xff" * SIZE) == []


def test_a_shorter_dump_differs_where_it_ends() -> None:
    (pair,) = pairs(s01=dump(), s02=dump()[: 38 * SECTOR])

    assert pair.differ == ((38 * SECTOR, 40 * SECTOR),)


def test_the_most_alike_come_first() -> None:
    near, far = dump((0, b"x")), dump((0, b"y"), (SECTOR, b"y"))

    assert [pair.names for pair in pairs(a=dump(), b=far, c=near)] == [("a", "c"), ("a", "b"), ("b", "c")]
    assert pairs(a=dump(), c=near)[0].to_json() == {"names": ["a", "c"], "share": 0.975, "differ": [[0, 4096]]}
