"""How strict the compiler is with a project, by ESP-IDF's generation; each pair differs in one thing."""

from pathlib import Path

import pytest

from kitbench.errors import KitError
from kitbench.virtual_kit.toolchain import build_project
from kitbench.virtual_kit.toolchain.compilation.compiler_warnings import format_errors, warning_flags
from tests.kitbench.virtual_kit.toolchain.project_maker import make_project

PLACE = "/x/main/a.c:3:5: "
MISMATCH = "format specifies type 'int' but the argument has type 'uint32_t' (aka 'unsigned long') [-Wformat]"
OF_SIZE = "format specifies type 'unsigned int' but the argument has type 'size_t' (aka 'unsigned long') [-Wformat]"

TAKEN = """
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "esp_log.h"
void app_main(void)
{
    uint32_t number = 5;
    time_t now = time(NULL);
    ESP_LOGI("a", "%" PRIu32 " %lu %u %d", number, number, sizeof(number), (int)number);
    printf("%u %zu %lld %s\\n", strlen("x") + 1, sizeof(int), (long long)now, "text");
}
"""
REFUSED = [
    ('printf("%lu", number)', 'printf("%d", number)', "format specifies type 'int'.*uint32_t"),
    ('ESP_LOGW("a", "%lu", number)', 'ESP_LOGW("a", "%u", number)', "format specifies type 'unsigned int'"),
    ('printf("%s", text)', 'printf("%s")', "more '%' conversions than data arguments"),
    ("puts(text)", "puts((unsigned char *)text)", "Wpointer-sign"),
    ("if (number && (text || now)) puts(text)", "if (number && text || now) puts(text)", "within"),
]
SOURCE = """
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include "esp_log.h"
void app_main(void)
{{
    uint32_t number = 5;
    time_t now = 0;
    char text[] = "x";
    (void)number, (void)now, (void)text;
    {statement};
}}
"""


def build(folder: Path, source: str, *, idf: str = "", component: str = "") -> None:
    files = {"main/small.c": source, "main/CMakeLists.txt": f"idf_component_register(SRCS small.c)\n{component}"}
    build_project(make_project(folder / "project", files), folder / "build", idf=idf)


def test_what_esp_idf_takes_is_taken(tmp_path: Path) -> None:
    build(tmp_path, TAKEN)


@pytest.mark.parametrize(("good", "bad", "message"), REFUSED)
def test_what_ends_a_build_of_esp_idf_ends_it_here(tmp_path: Path, good: str, bad: str, message: str) -> None:
    build(tmp_path / "good", SOURCE.format(statement=good))

    with pytest.raises(KitError, match=rf"main/small.c:12: .*{message}"):
        build(tmp_path / "bad", SOURCE.format(statement=bad))


def test_esp_idf_4_has_the_other_types(tmp_path: Path) -> None:
    build(tmp_path / "good", SOURCE.format(statement='printf("%d", number)'), idf="4.4")

    with pytest.raises(KitError, match="'unsigned long'"):
        build(tmp_path / "bad", SOURCE.format(statement='printf("%lu", number)'), idf="4.4")


@pytest.mark.parametrize("option", ["-Wno-format", "-Wno-error=format", "-w"])
def test_project_may_switch_an_error_off(tmp_path: Path, option: str) -> None:
    source = SOURCE.format(statement='printf("%d", number)')

    build(tmp_path, source, component=f"target_compile_options(${{COMPONENT_LIB}} PRIVATE {option})")


def test_only_formats_that_the_chip_sees_the_same_way_are_errors() -> None:
    output = f"{PLACE}warning: {OF_SIZE}\n{PLACE}warning: {MISMATCH}\n{PLACE}warning: other [-Wother]\n"

    assert format_errors(output, (), are_errors=True) == f"{PLACE}error: {MISMATCH}"
    assert not format_errors(output, (), are_errors=False)
    assert not format_errors(output, ("-Wno-error",), are_errors=True)


def test_options_of_the_project_come_last_and_only_those_that_loosen() -> None:
    flags = warning_flags(("-Wall", "-Wno-switch", "-Wno-error=parentheses"), are_errors=True)

    assert flags[-2:] == ("-Wno-switch", "-Wno-error=parentheses")
    assert "-Wall" not in flags


def test_werror_of_the_project_makes_more_of_them_errors() -> None:
    assert "-Werror=unused-variable" in warning_flags(("-Werror",), are_errors=True)
    assert "-Werror=unused-variable" not in warning_flags((), are_errors=True)
