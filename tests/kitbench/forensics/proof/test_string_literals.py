"""String literals are read as the compiler does, whatever the source holds, and in time."""

import time
from pathlib import Path

import pytest

from kitbench.forensics.proof.string_literals import StringLiteral, literals_of, sources_of


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        (rb'puts("red alert\n");', [b"red alert\n"]),
        (b'// "comment"\n/* "another" */ char c = (char)"yes";', [b"yes"]),
        (b'#include "header.h"\n#define NAME "value"', [b"value"]),
        (rb'"a\x41\101\"\\";', [b'aAA"\\']),
        (rb"""char q = '"'; x("text");""", [b"text"]),
        (rb'_Static_assert(sizeof(int) == 4, "int"); f("text");', [b"text"]),
        (rb'extern const char key[] asm("_binary_key"); f("text");', [b"text"]),
        (rb'"one" "two"', [b"one", b"two"]),
        (rb'/* never ended "text"', []),
        (b'"never ended\n"text"', [b"text"]),
    ],
)
def test_literals_are_those_of_the_compiler(source: bytes, texts: list[bytes]) -> None:
    assert [literal.text for literal in literals_of(source)] == texts


def test_literal_of_a_log_macro_has_its_level() -> None:
    source = b'ESP_LOGI(TAG, "told %d", f("inside")); puts("always"); ESP_EARLY_LOGE("tag", "early");'

    assert list(literals_of(source)) == [
        StringLiteral(b"told %d", "I"),
        StringLiteral(b"inside", "I"),
        StringLiteral(b"always"),
        StringLiteral(b"tag", "E"),
        StringLiteral(b"early", "E"),
    ]


@pytest.mark.parametrize("unit", [b"/*", b'"', b"'", b"//", b"\\", b'"\\', b"#if ", b"\n"])
def test_made_up_source_takes_no_time(unit: bytes) -> None:
    begin = time.process_time()

    list(literals_of(unit * (400_000 // len(unit))))

    assert time.process_time() - begin < 2


def test_sources_are_those_of_the_projects_own_component(tmp_path: Path) -> None:
    for name in ("main/a.c", "main/deep/b.h", "main/readme.md", "main/build/c.c", "components/x/d.c", "e.c"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    (tmp_path / "main" / "link.c").symlink_to("/etc/passwd")

    assert list(sources_of(tmp_path)) == [b"main/a.c", b"main/deep/b.h"]
