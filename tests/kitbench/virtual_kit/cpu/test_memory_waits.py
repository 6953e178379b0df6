"""An instruction that waits on memory is taken out wherever it stands; bytes that only look like one stay."""

import re

import pytest
import wasmtime

from kitbench.virtual_kit.cpu.engine import engine
from kitbench.virtual_kit.cpu.memory_waits import _SUSPECT, without_waits

MEMORY = "(memory 1 1 shared)"
WAIT32 = "(drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))"
WAIT64 = "(drop (memory.atomic.wait64 offset=16 (i32.const 0) (i64.const 0) (i64.const -1)))"


def module_of(*bodies: str) -> bytes:
    """Return a module with these functions."""
    functions = "".join(f"(func (local i32 i64 f32 f64) {body})" for body in bodies)
    return bytes(
        wasmtime.wat2wasm(f'(module (import "env" "memory" (memory 2 64 shared)) (table 2 funcref) {functions})')
    )


@pytest.mark.parametrize(
    "body",
    [
        WAIT32,
        WAIT64,
        f"(block (loop (if (i32.const 254) (then {WAIT32}))))",
        f"(local.set 0 (i32.const 254)) (local.set 1 (i64.const 0x7efe0001)) {WAIT32}",
        f"(block (block (br_table 0 1 0 (i32.const 254)))) {WAIT64}",
        f"(f32.store (i32.const 0) (f32.const 254)) (drop (f64.const -1.5)) {WAIT32}",
        f"(memory.fill (i32.const 0) (i32.const 0) (i32.const 0)) (atomic.fence) {WAIT32}",
        f"(drop (select (result i32) (i32.const 1) (i32.const 2) (i32.const 3))) {WAIT32}",
        f"(drop (i32.trunc_sat_f32_s (f32.const 254))) (drop (i32.extend8_s (i32.const 254))) {WAIT32}",
        f"(drop (ref.is_null (ref.null func))) (drop (table.get 0 (i32.const 0))) {WAIT32}",
        f"(call 0) (call_indirect (i32.const 0)) {WAIT32}",
    ],
)
def test_wait_is_taken_out(body: str) -> None:
    assert is_rid_of_waits(module_of("", body))


def test_wait_in_a_longer_encoding_is_taken_out() -> None:
    short = module_of(f"(drop (i64.const 254)) {WAIT32}")
    # The sub-opcode 1 as a LEB128 number of three bytes; sizes of the body and its section grow by two.
    at = short.index(b"\xfe\x01\x02\x00")
    long = bytearray(short[:at] + b"\xfe\x81\x80\x00" + short[at + 2 :])
    section = re.search(rb"\x0a(.)\x01(.)\x04", short[:at], re.DOTALL)
    assert section
    for group in (1, 2):
        long[section.start(group)] += 2

    assert is_rid_of_waits(bytes(long))


@pytest.mark.parametrize(
    "body",
    [
        "(local.set 0 (i32.const 254))",
        "(local.set 0 (i32.const 382))",
        "(local.set 1 (i64.const 0x01fe01fe01fe))",
        "(drop (f64.const nan:0x1fe01fe01fe))",
        "(drop (memory.atomic.notify (i32.const 254) (i32.const 1)))",
        "(drop (i32.atomic.rmw.add offset=254 (i32.const 0) (i32.const 254)))",
        "(atomic.fence) (drop (i32.load offset=254 (i32.const 382)))",
    ],
)
def test_what_only_looks_like_one_is_left_alone(body: str) -> None:
    module = module_of(body)

    assert without_waits(module) == module


def test_control_some_of_those_do_look_like_one() -> None:
    assert _SUSPECT.search(module_of("(local.set 0 (i32.const 254))"))


def test_unknown_instruction_is_not_waved_through() -> None:
    module = module_of("(local.set 0 (i32.const 254)) (drop (v128.const i32x4 0 0 0 0))")

    with pytest.raises(ValueError, match="unknown instruction 0xfd"):
        without_waits(module)


@pytest.mark.parametrize(
    "wait", ["memory.atomic.wait32 (i32.const 8) (i32.const 0)", "memory.atomic.wait64 (i32.const 8) (i64.const 0)"]
)
def test_wait_that_was_taken_out_ends_at_once(wait: str) -> None:
    bounded = bytes(wasmtime.wat2wasm(f'(module {MEMORY} (func (export "f") (result i32) ({wait} (i64.const 1))))'))
    endless = bytes(wasmtime.wat2wasm(f'(module {MEMORY} (func (export "f") (result i32) ({wait} (i64.const -1))))'))

    assert result_of(bounded) == 2, "the control: it waits, and times out"
    assert result_of(without_waits(bounded)) == 8
    assert result_of(without_waits(endless)) == 8


def is_rid_of_waits(module: bytes) -> bool:
    """Say whether a module has waits, and without them is a module of the same length that has none."""
    changed = without_waits(module)
    wasmtime.Module.validate(engine(), changed)
    return len(changed) == len(module) and changed != module and without_waits(changed) == changed


def result_of(module: bytes) -> int:
    """Return what the module's function `f` returns."""
    store = wasmtime.Store(engine())
    store.set_epoch_deadline(1 << 40)
    instance = wasmtime.Instance(store, wasmtime.Module(engine(), module), [])
    function = instance.exports(store)["f"]
    assert isinstance(function, wasmtime.Func)
    return int(function(store))
