"""Whose fault it is that something does not build: from what compiler and linker print."""

from pathlib import Path

import pytest

from kitbench.errors import BenchError, GapError, KitError
from kitbench.virtual_kit.toolchain.blame.refusal import Refusal, Source
from kitbench.virtual_kit.toolchain.project_facts import ProjectFacts

NO_FIELD = (
    "field designator 'uri' does not refer to any field in type 'const esp_mqtt_client_config_t' "
    "(aka 'const struct esp_mqtt_client_config_t')"
)
TWAI = "twai_start of driver/twai.h (component driver)"
SETJMP = "setjmp needs exceptions"


def refusal(root: Path) -> Refusal:
    (root / "main").mkdir(exist_ok=True)
    (root / "main/a.c").write_text('#include "esp_log.h"\n', encoding="utf-8")
    return Refusal(ProjectFacts(root))


def compiled(root: Path, output: str, status: int = 1) -> KitError | BenchError:
    return refusal(root).of_compile(output.replace("ROOT", str(root)), status, Source(root / "main/a.c", "main/a.c"))


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("ROOT/main/a.c:3:5: error: expected ';'\n 3 | x", "build: main/a.c:3: expected ';'"),
        ("./main/a.c:3:5: fatal error: too many errors", "main/a.c:3: too many errors"),
        ("main/a.c:1:10: fatal error: 'sensor.h' file not found", "main/a.c:1: header 'sensor.h' is neither in"),
        ("main/a.c:9:1: error: call to undeclared function 'sensor_on'; ISO", "'sensor_on' is declared neither"),
        ("main/a.c:9:1: error: use of undeclared identifier 'SENSOR'", "'SENSOR' is declared neither"),
        ("main/a.c:9:1: error: unknown type name 'sensor_t'; did you mean", "'sensor_t' is declared neither"),
        ("main/a.c:9:1: error: variable has incomplete type 'struct sensor'", "'sensor' is declared neither"),
        (f"main/a.c:2:1: error: {NO_FIELD}", "main/a.c:2: field .uri of esp_mqtt_client_config_t is of ESP-IDF 4"),
        ("main/a.c:2:1: error: redefinition of 'f'\nmain/a.c:1:1: note: previous", "redefinition of 'f'"),
        ("LLVM ERROR: out of memory", "main/a.c: needs too much memory"),
    ],
)
def test_mistake_of_the_projects_names_file_and_line(tmp_path: Path, output: str, message: str) -> None:
    error = compiled(tmp_path, output)

    assert isinstance(error, KitError)
    assert message in str(error)
    assert str(tmp_path) not in str(error)


@pytest.mark.parametrize(
    ("output", "lacks"),
    [
        ("main/a.c:1:10: fatal error: 'driver/twai.h' file not found", "header driver/twai.h (component driver)"),
        (
            "main/a.c:9:1: error: call to undeclared function 'twai_start'; ISO",
            "twai_start of driver/twai.h (component driver)",
        ),
        (
            "main/a.c:9:1: error: unknown type name 'twai_general_config_t'",
            "twai_general_config_t of driver/twai.h (component driver)",
        ),
        ("main/a.c:5:20: error: function definition is not allowed here", "nested functions (GNU C)"),
        ("clang: error: unknown argument: '-mlongcalls'", "the compiler option -mlongcalls"),
        (
            "main/a.c:3:6: error: expected identifier\n    3 | void COREDUMP_IRAM_DATA_ATTR f();\n",
            "COREDUMP_IRAM_DATA_ATTR of esp_attr.h",
        ),
        (
            "/zig/lib/libc/setjmp.h:5:2: error: setjmp needs exceptions",
            "what setjmp.h of ESP-IDF has: setjmp needs exceptions",
        ),
        (
            "main/a.c:2:1: error: redefinition of 'kit_tick'\n/zig/lib/x.h:1:1: note: previous definition is here",
            "room for the project's own kit_tick",
        ),
    ],
)
def test_gap_of_the_stand_in_is_named_with_its_place(tmp_path: Path, output: str, lacks: str) -> None:
    error = compiled(tmp_path, output)

    assert isinstance(error, GapError)
    assert error.lacks == lacks


def test_first_error_decides_as_later_ones_follow_from_it(tmp_path: Path) -> None:
    gap = "main/a.c:2:1: error: unknown type name 'twai_general_config_t'"
    mistake = "main/a.c:3:1: error: use of undeclared identifier 'config'"

    assert isinstance(compiled(tmp_path, f"{gap}\n{mistake}"), GapError)
    assert isinstance(compiled(tmp_path, f"{mistake}\n{gap}"), KitError)


@pytest.mark.parametrize(("status", "message"), [(-24, "too much time"), (-25, "too large a file")])
def test_limit_says_which(tmp_path: Path, status: int, message: str) -> None:
    assert message in str(compiled(tmp_path, "", status))


def test_words_of_an_error_directive_decide_nothing(tmp_path: Path) -> None:
    place = "main/a.c:1:2: error: no inline asm on this board\n    1 | "

    assert isinstance(compiled(tmp_path, f"{place}#error no inline asm on this board\n"), KitError)
    assert isinstance(compiled(tmp_path, f"{place}asm(x);\n"), GapError)


def linked(root: Path, *lines: str) -> KitError | BenchError:
    objects = {"/t/0003.o": "main/a.c", "/t/0004.o": "main/b.c", "/t/shims/0003.o": "esp_idf/tasks.c"}
    return refusal(root).of_link("\n".join(f"wasm-ld: error: {line}" for line in lines), objects)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["/t/0003.o: undefined symbol: read_sensor"], "main/a.c: 'read_sensor' is defined neither"),
        (["/t/shims/0003.o: undefined symbol: app_main"], "the project has no function app_main()"),
        (["duplicate symbol: f\n>>> defined in /t/0003.o\n>>> defined in /t/0004.o"], "'f' is defined twice"),
        (["/t/0003.o: undefined symbol: twai_start", "/t/0004.o: undefined symbol: mine"], "main/b.c: 'mine'"),
    ],
)
def test_what_no_linker_takes_is_the_projects(tmp_path: Path, lines: list[str], message: str) -> None:
    error = linked(tmp_path, *lines)

    assert isinstance(error, KitError)
    assert message in str(error)


@pytest.mark.parametrize(
    ("line", "lacks"),
    [
        ("/t/0003.o: undefined symbol: twai_start", "twai_start() of driver/twai.h (component driver)"),
        (
            "function signature mismatch: f\n>>> defined as",
            "functions that are declared one way and defined another: f()",
        ),
        (
            "duplicate symbol: f\n>>> defined in /t/0003.o\n>>> defined in /t/shims/0003.o",
            "room for the project's own f()",
        ),
    ],
)
def test_what_the_stand_in_lacks_at_the_link(tmp_path: Path, line: str, lacks: str) -> None:
    error = linked(tmp_path, line)

    assert isinstance(error, GapError)
    assert error.lacks == lacks


def test_missing_function_of_a_shim_is_the_benchs(tmp_path: Path) -> None:
    error = linked(tmp_path, "/t/shims/0003.o: undefined symbol: kit_x")

    assert isinstance(error, BenchError)
    assert error.lacks == ""
