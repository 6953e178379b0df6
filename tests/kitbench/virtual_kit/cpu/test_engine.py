"""Modules that no compiler of ours made: an app can write any into its own flash and restart."""

import time
from collections.abc import Iterator

import pytest
import wasmtime

from kitbench.virtual_kit.cpu.engine import compile_module
from tests.kitbench.virtual_kit.cpu.app_rig import APP_OFFSET, MemoryFlash, Run, image_of

_IMPORT = '(import "env" "memory" (memory 2 64 shared))'
_EXPORTS = (
    '(global (export "__stack_pointer") (mut i32) (i32.const 1024)) '
    '(global (export "kit_preempt") i32 (i32.const 1024))'
)
_INIT = '(func (export "_initialize"))'
#: Ways to have more memory than the kit gives.
_GREEDY = {
    "second memory": '(memory $b 49152) (func (export "kit_app_start"))',
    "memory of 64 bits": '(memory $b i64 49152) (func (export "kit_app_start"))',
    "garbage collected array": (
        "(type $a (array (mut i8))) "
        '(func (export "kit_app_start") (drop (array.new $a (i32.const 1) (i32.const 2000000000))))'
    ),
}
_WAIT = "(memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))"
_UNUSED = {
    "vectors": '(func (export "kit_app_start") (drop (v128.const i32x4 0 0 0 0)))',
    "tail calls": '(func (export "kit_app_start") (return_call 1))',
    "exceptions": '(tag $e) (func (export "kit_app_start") (throw $e))',
}


@pytest.fixture(name="run")
def _run() -> Iterator[Run]:
    run = Run(MemoryFlash())
    yield run
    run.stop()


def assembled(body: str) -> bytes:
    """Return a module that has what every app has, and `body`."""
    return bytes(wasmtime.wat2wasm(f"(module {_IMPORT} {_EXPORTS} {_INIT} {body})"))


def boot(run: Run, body: str) -> None:
    """Boot a module of this assembly."""
    image = image_of(assembled(body))
    run.flash.data[APP_OFFSET : APP_OFFSET + len(image)] = image
    run.start()


def test_control_plain_module_compiles() -> None:
    compile_module(assembled('(func (export "kit_app_start"))'))


@pytest.mark.parametrize("way", _GREEDY)
def test_module_with_memory_of_its_own_does_not_run(run: Run, way: str) -> None:
    boot(run, _GREEDY[way])

    run.wait_for_log("the app's module does not compile")

    assert not run.output


@pytest.mark.parametrize("way", _UNUSED)
def test_instructions_that_no_compiler_of_ours_makes_are_refused(run: Run, way: str) -> None:
    boot(run, _UNUSED[way])

    run.wait_for_log("the app's module does not compile")

    assert not run.output


def test_app_cannot_sleep_beyond_the_reach_of_a_reset(run: Run) -> None:
    boot(run, f'(func (export "kit_app_start") (drop {_WAIT}) (unreachable))')

    run.wait_for_reset()

    assert "panic'ed (Unhandled debug exception)" in run.text, "it never came to what follows the wait"


def test_table_larger_than_the_limit_is_the_apps_panic(run: Run) -> None:
    boot(run, '(table 200000000 funcref) (func (export "kit_app_start"))')

    run.wait_for_reset()

    assert "panic'ed" in run.text


def test_module_that_takes_too_long_to_compile_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.virtual_kit.cpu.engine._COMPILE_CPU_SECONDS", 1)
    started = time.monotonic()

    with pytest.raises(ValueError, match="too much time or memory to compile"):
        compile_module(_compile_bomb(loops=300, local_count=500, jumps=2000))

    assert time.monotonic() - started < 60


def test_what_is_no_module_is_refused() -> None:
    with pytest.raises(ValueError, match="does not compile"):
        compile_module(b"\0asm\x01\0\0\0\xff")


def _compile_bomb(*, loops: int, local_count: int, jumps: int) -> bytes:
    """Return 20 KB of loops in each other, each changing many variables: minutes of work for a compiler."""
    jump = "(local.set {0} (i64.add (local.get {0}) (i64.const 1))) (br_if {1} (i32.wrap_i64 (local.get {2})))"
    body = "".join(jump.format(i % local_count, i % loops, i * 7 % local_count) for i in range(jumps))
    nested = f"{'(loop ' * loops}{body}{')' * loops}"
    return bytes(wasmtime.wat2wasm(f"(module (func (local {'i64 ' * local_count}) {nested}))"))
