"""The delta dump: right bytes, few of them over the wire, and what happens when link or flash misbehave."""

import hashlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitbench.errors import BenchError
from kitbench.forensics.reading.delta_dump import DumpState, NoDigestError, Progress, read_delta, read_full

SIZE = 0x40000


class FakeFlash:
    """A reader over bytes that counts what is read, and may break."""

    def __init__(self, data: bytes, *, breaks_after: int | None = None) -> None:
        self.data = data
        self.transferred = 0
        self._breaks_after = breaks_after

    @property
    def size(self) -> int:
        return len(self.data)

    def md5(self, offset: int, size: int) -> bytes:
        return hashlib.md5(self.data[offset : offset + size]).digest()

    def read(self, offset: int, size: int) -> bytes:
        if self._breaks_after is not None and self.transferred >= self._breaks_after:
            raise BenchError("broken link")
        self.transferred += size
        return self.data[offset : offset + size]


class Mute(FakeFlash):
    """A reader without digests, whose flash may change between two reads."""

    def __init__(self, data: bytes, *, is_changing: bool = False) -> None:
        super().__init__(data)
        self._is_changing = is_changing

    def md5(self, _offset: int, _size: int) -> bytes:
        raise NoDigestError

    def read(self, offset: int, size: int) -> bytes:
        data = super().read(offset, size)
        return data[::-1] if self._is_changing and self.transferred > SIZE else data


def flash_with(changes: dict[int, bytes]) -> bytes:
    data = bytearray(random.Random(1).randbytes(0x20000).ljust(SIZE, b"\xff"))
    for offset, change in changes.items():
        data[offset : offset + len(change)] = change
    return bytes(data)


def test_known_flash_needs_no_byte() -> None:
    reader = FakeFlash(flash_with({}))

    assert read_delta(reader, DumpState(SIZE), known=[flash_with({})[:0x20000]]) == reader.data
    assert reader.transferred == 0


def test_flash_without_digests_is_read_twice() -> None:
    reader = Mute(flash_with({}))

    assert read_delta(reader, DumpState(SIZE), known=[flash_with({})]) == reader.data
    assert reader.transferred == 2 * SIZE


def test_flash_without_digests_that_changes_is_no_dump() -> None:
    with pytest.raises(BenchError, match="changed meanwhile"):
        read_delta(Mute(flash_with({}), is_changing=True), DumpState(SIZE))


def test_only_changed_sectors_are_read() -> None:
    reader = FakeFlash(flash_with({0x3FFF: b"\x00\x01", 0x30000: b"\x07"}))

    assert read_delta(reader, DumpState(SIZE), known=[flash_with({})]) == reader.data
    assert reader.transferred == 3 * 0x1000


def test_unknown_flash_is_read_but_for_what_is_erased() -> None:
    reader = FakeFlash(flash_with({}))

    assert read_delta(reader, DumpState(SIZE)) == reader.data
    assert reader.transferred == 0x20000


def test_full_dump_reads_every_byte() -> None:
    reader = FakeFlash(flash_with({}))

    assert read_full(reader, DumpState(SIZE)) == reader.data
    assert reader.transferred == SIZE


def test_broken_link_goes_on_where_it_stopped() -> None:
    data = random.Random(2).randbytes(SIZE)
    state = DumpState(SIZE)
    with pytest.raises(BenchError, match="broken link"):
        read_delta(FakeFlash(data, breaks_after=0x20000), state)
    second = FakeFlash(data)

    assert read_delta(second, state) == data
    assert second.transferred == SIZE - 0x20000


def test_image_of_broken_dump_serves_as_known() -> None:
    data = random.Random(2).randbytes(SIZE)
    state = DumpState(SIZE)
    with pytest.raises(BenchError):
        read_delta(FakeFlash(data, breaks_after=0x20000), state)
    again = FakeFlash(data)

    assert read_delta(again, DumpState(SIZE), known=[state.image()]) == data
    assert again.transferred == SIZE - 0x20000


def test_flash_that_changes_meanwhile_is_the_benchs_fault() -> None:
    class Changing(FakeFlash):
        def read(self, offset: int, size: int) -> bytes:
            data = super().read(offset, size)
            self.data = self.data[:100] + b"\x99" + self.data[101:]
            return data

    with pytest.raises(BenchError, match="changed meanwhile"):
        read_delta(Changing(flash_with({})), DumpState(SIZE))


def test_short_read_is_the_benchs_fault() -> None:
    class Short(FakeFlash):
        def read(self, offset: int, size: int) -> bytes:
            return super().read(offset, size)[:-1]

    with pytest.raises(BenchError, match="short read"):
        read_delta(Short(flash_with({})), DumpState(SIZE))


def test_progress_ends_with_all_bytes_judged() -> None:
    seen: list[Progress] = []
    read_delta(FakeFlash(flash_with({})), DumpState(SIZE), progress=seen.append)

    assert [now.judged for now in seen] == sorted(now.judged for now in seen)
    assert (seen[-1].judged, seen[-1].size) == (SIZE, SIZE)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, SIZE - 1), st.binary(min_size=1, max_size=5000)), max_size=5))
def test_dump_is_the_flash_whatever_is_known(changes: list[tuple[int, bytes]]) -> None:
    data = flash_with(dict(changes))[:SIZE]

    assert read_delta(FakeFlash(data), DumpState(SIZE), known=[flash_with({})]) == data
