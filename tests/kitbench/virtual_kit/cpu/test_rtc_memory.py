"""What deep sleep keeps."""

from kitbench.virtual_kit.cpu.rtc_memory import SIZE, RtcMemory


def test_it_is_given_back_once_and_not_after_another_reset() -> None:
    memory = RtcMemory()
    memory.keep(b"kept")

    assert (memory.take(), memory.take()) == (b"kept", b"")
    memory.keep(b"kept")
    memory.lose()
    assert memory.take() == b""


def test_it_is_no_larger_than_the_chips() -> None:
    memory = RtcMemory()
    memory.keep(bytes(SIZE + 1))

    assert len(memory.take()) == SIZE
