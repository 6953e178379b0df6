"""What compilers print, taken apart."""

from pathlib import Path

from kitbench.virtual_kit.toolchain.compiler_output import clean, diagnostics, first_error, shown, undefined_symbols

OUTPUT = """\
In file included from main/a.c:1:
main/b.h:2:5: error: redefinition of 'f'
    2 | int f(void) { return 1; }
      |     ^
/lib/c.h:9:1: note: previous definition is here
    9 | int f(void);
main/a.c:7:3: fatal error: too many errors
"""


def test_errors_come_in_order_with_their_line_and_notes() -> None:
    first, second = diagnostics(OUTPUT)

    assert (first.file, first.line, first.text) == ("main/b.h", 2, "redefinition of 'f'")
    assert (first.code, first.note_files) == ("int f(void) { return 1; }", ["/lib/c.h"])
    assert (second.line, second.text, second.code) == (7, "too many errors", "")


def test_error_without_a_place_is_found_too() -> None:
    assert first_error("clang: error: unknown argument '-x'\n") == "unknown argument '-x'"
    assert first_error("nothing") == ""


def test_file_is_shown_without_our_folders() -> None:
    roots = (Path("/private/copy"), Path("/lib"))

    assert [shown(file, roots) for file in ("/private/copy/main/a.c", "/lib/b.h", "./main/c.c", "/other/d.h")] == [
        "main/a.c",
        "b.h",
        "main/c.c",
        "/other/d.h",
    ]


def test_every_undefined_symbol_has_its_object() -> None:
    output = "wasm-ld: error: /t/0003.o: undefined symbol: f\nwasm-ld: error: /t/libc.a(x.o): undefined symbol: g\n"

    assert list(undefined_symbols(output)) == [("/t/0003.o", "f"), ("/t/libc.a(x.o)", "g")]


def test_text_is_one_printable_line_of_bounded_length() -> None:
    text = clean("\x1b[31m" + "x" * 10000 + "\n")

    assert len(text) <= 240
    assert text.isprintable()
