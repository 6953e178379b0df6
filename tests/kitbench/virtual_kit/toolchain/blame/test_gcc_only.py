"""What GCC takes and clang refuses: each kind as clang words it, and neighbours that both refuse."""

import pytest

from kitbench.virtual_kit.toolchain.blame.gcc_only import only_gcc_takes


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("function definition is not allowed here", "nested functions"),
        ("GNU-style inline assembly is disabled", "inline assembly"),
        ("unknown register name 'a2' in asm", "inline assembly"),
        ("fields must have a constant size: 'variable length array in structure' extension will never be", "variable"),
        ("use of unknown builtin '__builtin_apply' [-Wimplicit-function-declaration]", "__builtin_apply()"),
        ("unknown argument: '-mlongcalls'", "option -mlongcalls"),
        ("unsupported option '-mtext-section-literals' for target 'wasm32'", "option -mtext-section-literals"),
        ("static assertion failed due to requirement 'sizeof(long double) == 8': x", "sizes"),
        ("error in backend: WebAssembly hasn't implemented __builtin_return_address", "compiler"),
    ],
)
def test_what_gcc_takes_is_named(text: str, lacks: str) -> None:
    assert lacks in only_gcc_takes(text)


@pytest.mark.parametrize(
    "text",
    [
        "expected ';' after expression",
        "use of undeclared identifier 'x'",
        "static assertion failed due to requirement '1 == 2': no",
        "redefinition of 'f'",
        "expected identifier or '('",
        "non-void function 'f' should return a value",
    ],
)
def test_what_gcc_refuses_is_not(text: str) -> None:
    assert only_gcc_takes(text) == ""


@pytest.mark.parametrize(
    ("code", "is_taken"),
    [("static int b = a;", True), ("static const char *q = p;", True), ("static int x = f();", False)],
)
def test_initialiser_of_constants_is_taken_and_a_call_is_not(code: str, *, is_taken: bool) -> None:
    assert bool(only_gcc_takes("initializer element is not a compile-time constant", code)) is is_taken


@pytest.mark.parametrize(
    "text",
    [
        "static assertion failed: sizeof",
        "static assertion failed due to requirement '0 && \"sizeof\"': x",
        "static assertion failed due to requirement 'a == 1': sizeof(a)",
        "'f' is unavailable: inline asm",
        "call to 'f' declared with 'error' attribute: inline asm",
    ],
)
def test_words_of_the_project_decide_nothing(text: str) -> None:
    assert only_gcc_takes(text) == ""
