"""Transactions on an I2C bus: who is called, what is written and read, and scripts that are none."""

import os
from typing import Final

import pytest

from kitbench.virtual_kit.board.i2c_bus import I2cBus, NotAcknowledgedError, Op

START, STOP = bytes((Op.START,)), bytes((Op.STOP,))


class Memory:
    """A part that keeps what is written to it and replies with what it was given."""

    def __init__(self, reply: bytes = b"abcdef") -> None:
        self.written: list[bytes] = []
        self._reply = reply

    def acknowledges(self, now_us: int) -> bool:
        return now_us >= 0

    def write(self, data: bytes, now_us: int) -> None:
        del now_us
        self.written.append(data)

    def reply(self, now_us: int) -> bytes:
        del now_us
        return self._reply


def write(data: bytes, *, blindly: bool = False) -> bytes:
    op = Op.WRITE_BLINDLY if blindly else Op.WRITE
    return bytes((op,)) + len(data).to_bytes(2, "little") + data


def read(size: int) -> bytes:
    return bytes((Op.READ,)) + size.to_bytes(2, "little")


TO: Final = bytes((0x38 << 1,))
FROM: Final = bytes((0x38 << 1 | 1,))


def test_bytes_reach_the_part_as_one_message() -> None:
    part = Memory()

    I2cBus({0x38: part}).transfer(START + write(TO) + write(b"12") + write(b"3") + STOP, 0)

    assert part.written == [b"123"]


def test_reading_goes_on_over_several_steps_and_beyond_the_reply() -> None:
    bus = I2cBus({0x38: Memory()})

    assert bus.transfer(START + write(FROM) + read(4) + read(1) + read(3) + STOP, 0) == b"abcdef\xff\xff"


def test_a_repeated_start_writes_before_it_reads() -> None:
    part = Memory()

    said = I2cBus({0x38: part}).transfer(START + write(TO + b"x") + START + write(FROM) + read(2) + STOP, 0)

    assert (part.written, said) == ([b"x"], b"ab")


def test_nobody_acknowledges_another_address() -> None:
    called: list[int] = []
    bus = I2cBus({0x38: Memory()}, called.append)

    with pytest.raises(NotAcknowledgedError):
        bus.transfer(START + write(b"\x20") + STOP, 0)

    assert called == [0x10]


def test_who_does_not_look_reads_ones() -> None:
    assert I2cBus({}).transfer(START + write(b"\x21", blindly=True) + read(2) + STOP, 0) == b"\xff\xff"


@pytest.mark.parametrize("script", [b"\x07", write(b"123")[:-1], bytes((Op.WRITE,))[:1] + b"\xff\xff"])
def test_what_is_no_script_is_refused(script: bytes) -> None:
    with pytest.raises(ValueError, match=r"script|Op"):
        I2cBus({}).transfer(script, 0)


def test_no_bytes_do_harm() -> None:
    bus = I2cBus({0x38: Memory()})
    for _ in range(500):
        script = bytes(byte % 5 for byte in os.urandom(30))
        try:
            assert len(bus.transfer(script, 0)) <= 30 * 1028
        except (NotAcknowledgedError, ValueError):
            continue
