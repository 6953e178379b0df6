"""The address that a memory instruction of WebAssembly is about, where the compiler put it there."""

import pytest

from kitbench.virtual_kit.cpu.register_access import register_at, register_named


@pytest.mark.parametrize(
    ("instruction", "register"),
    [
        ("36 02 88 80 d1 ff 03", 0x3FF44008),  # i32.store align=4 offset=0x3ff44008: GPIO_OUT_W1TS_REG
        ("28 02 bc 80 d1 ff 03", 0x3FF4403C),  # i32.load: GPIO_IN_REG
        ("2d 00 80 80 80 80 06", 0x60000000),  # i32.load8_u: the UART's FIFO on AHB
        ("36 02 88 00", None),  # a field of a structure
        ("36 02 80 80 c0 07", None),  # 0xf00000: nothing is there on the chip either
        ("6a 02 88 80 d1 ff 03", None),  # i32.add
        ("36 02", None),
        ("36", None),
        ("36 80 80 80 80 80 80", None),  # no number of five bytes
    ],
)
def test_constant_addresses_of_peripherals_are_found(instruction: str, register: int | None) -> None:
    module = b"\0asm" + bytes.fromhex(instruction)

    assert register_at(module, 4) == register


def test_place_beyond_the_module_is_no_register() -> None:
    assert register_at(b"\x36", 7) is None


def _module(code: bytes, data: bytes) -> bytes:
    return b"\0asm\1\0\0\0" + bytes([10, len(code)]) + code + bytes([11, len(data)]) + data


@pytest.mark.parametrize(
    ("code", "data", "address"),
    [
        ("41 80 80 d1 ff 03", "", 0x3FF44000),  # i32.const: GPIO
        ("41 80 80 80 80 06", "", 0x60000000),
        ("41 80 81 ed ff 03", "", None),  # 0x3ffb4080: the chip's RAM
        ("44 80 80 d1 ff 03", "", None),  # of another instruction
        ("", "2a 04 40 f4 3f", 0x3FF44004),  # a pointer with a value at the start
        ("", "00 00 00 00 00 00 f4 3f", None),  # the double 1.25
        ("", "cd cc cc cc cc cc f4 3f", None),  # the double 1.3
    ],
)
def test_addresses_that_an_app_computes_with_are_found(code: str, data: str, address: int | None) -> None:
    assert register_named(_module(bytes.fromhex(code), bytes.fromhex(data))) == address


@pytest.mark.parametrize("module", [b"", b"\0asm\1\0\0\0\x0a", b"\0asm\1\0\0\0\x0a\xff\xff\xff\xff\xff"])
def test_module_that_is_cut_has_none(module: bytes) -> None:
    assert register_named(module) is None
