"""What compilers say, in one line for the student."""

from pathlib import Path

import pytest

from kitbench.errors import BenchError, KitError
from kitbench.virtual_kit.toolchain.diagnostics import compile_error, link_error

ROOTS = (Path("/private/copy"),)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("/private/copy/main/a.c:3:5: error: expected ';'\n 3 | x", "build: main/a.c:3: expected ';'"),
        ("./main/a.c:3:5: fatal error: too many errors", "main/a.c:3: too many errors"),
        (
            "main/a.c:1:10: fatal error: 'driver/i2s.h' file not found",
            "header 'driver/i2s.h' is neither in the project",
        ),
        ("main/a.c:9:1: error: call to undeclared function 'ledc_stop'; ISO", "'ledc_stop' is declared neither"),
        ("main/a.c:9:1: error: use of undeclared identifier 'GPIO_X'", "'GPIO_X' is declared neither"),
        ("error: unknown argument '-x'", "main/a.c: unknown argument"),
        ("LLVM ERROR: out of memory", "main/a.c: needs too much memory"),
        ("", "main/a.c: the compiler ended with status 1"),
    ],
)
def test_compile_error_names_file_and_line(output: str, message: str) -> None:
    assert message in str(compile_error(output, 1, "main/a.c", ROOTS))


@pytest.mark.parametrize(("status", "message"), [(-24, "too much time"), (-25, "too large a file"), (-11, "crash")])
def test_compile_error_of_a_limit_says_which(status: int, message: str) -> None:
    assert message in str(compile_error("", status, "main/a.c", ROOTS))


def test_missing_function_names_it_and_the_page() -> None:
    error = link_error("wasm-ld: error: /tmp/x/0003.o: undefined symbol: ledc_stop", {"0003.o": "main/a.c"})

    assert "main/a.c: function 'ledc_stop' is not in the virtual kit's ESP-IDF" in str(error)
    assert "docs/fidelity.md" in str(error)


def test_missing_function_of_a_shim_is_not_the_students_fault() -> None:
    error = link_error("wasm-ld: error: 0003.o: undefined symbol: kit_x", {"0003.o": "esp_idf/tasks.c"})

    assert isinstance(error, BenchError)


def test_duplicate_function_is_named() -> None:
    assert "'app_main' is defined twice" in str(link_error("wasm-ld: error: duplicate symbol: app_main\n>>> x", {}))


def test_message_is_one_printable_line_of_bounded_length() -> None:
    error: KitError = compile_error("a.c:1:1: error: \x1b[31m" + "x" * 10000 + "\n", 1, "a.c", ROOTS)

    assert len(str(error)) < 400
    assert str(error).isprintable()
