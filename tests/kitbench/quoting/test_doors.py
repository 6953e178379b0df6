"""Awkward texts through every door: what comes out behind the language is the text itself, or it was refused."""

import ast
import csv
import io
import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from esp_kconfiglib import core
from markdown_it import MarkdownIt
from rich.console import Console
from rich.text import Text

from grading.export.gradebook import gradebook_csv
from grading.export.gradescope import gradescope_results
from grading.judgement import Problem
from grading.records.feedback import feedback_text
from grading.records.marks_table import marks_table, reasons
from grading.report.pages import class_page, submission_page
from kitbench.errors import Fault, KitError
from kitbench.firmware import sdkconfig
from kitbench.quoting import c, cmake, html, kconfig, markdown, rich_markup, shell, spreadsheet, terminal, toml
from kitbench.virtual_kit.toolchain.cmake.interpreter import Interpreter
from kitbench.virtual_kit.toolchain.cmake.source_tree import SourceTree
from kitbench.virtual_kit.toolchain.flash_arguments import FlashArguments
from tests.grading.results import RUBRIC, class_result, result
from tests.kitbench.quoting.awkward import texts

TEXTS = texts()


class _Reader(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag + "".join(name for name, _ in attrs if name.startswith("on")))

    def handle_data(self, data: str) -> None:
        self.text += data


def read_html(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader


def test_kconfig(tmp_path: Path) -> None:
    lines, kept = [], []
    for number, text in enumerate(TEXTS):
        try:
            quoted = kconfig.quoted(text)
        except ValueError:
            assert "$" in text or not text.isprintable()
            continue
        kept.append((f"X{number}", text))
        lines.append(f"config X{number}\n    string\n    default {quoted}\n")
    (tmp_path / "Kconfig").write_text("".join(lines), encoding="utf-8")

    symbols = core.Kconfig(str(tmp_path / "Kconfig"), warn=False).syms

    assert len(kept) > 50
    assert [symbols[name].str_value for name, _ in kept] == [text for _, text in kept]


@pytest.mark.parametrize("of", ["string", "symbol"])
def test_c(of: str) -> None:
    for text in TEXTS:
        if of == "symbol":
            assert re.fullmatch(r"[A-Za-z0-9_]*", c.symbol_part(text))
        else:
            literal = c.string(text)
            assert not re.search(r"[\x00-\x1f\x7f]", literal)
            # Python reads these escape sequences as C does; of half a pair it makes no source.
            assert "\ud800" in text or ast.literal_eval(literal) == text


def test_spreadsheet() -> None:
    written = io.StringIO()
    csv.writer(written).writerows([spreadsheet.cell(text), "end"] for text in TEXTS)

    rows = list(csv.reader(io.StringIO(written.getvalue(), newline="")))

    assert [row[1] for row in rows] == ["end"] * len(TEXTS)
    assert all(row[0].removeprefix("'") == text.removeprefix("'") for row, text in zip(rows, TEXTS, strict=True))
    assert not any(re.match(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]", row[0]) for row in rows)


def test_html() -> None:
    for text in TEXTS:
        reader = read_html(html.lines(text))
        assert set(reader.tags) <= {"br"}
        assert "".join(reader.text.split()) == "".join("".join(text.splitlines()).split())


def test_html_of_one_line_is_xml_too() -> None:
    for text in TEXTS:
        if "\ud800" not in text:  # no encoding has half a pair; a printable line is asked for by `isprintable`
            root = ET.fromstring(f"<svg title='{html.line(text)}'>{html.line(text)}</svg>")
            assert root.text == root.get("title") or not root.text
            assert list(root) == []


def test_value_of_an_sdkconfig(tmp_path: Path) -> None:
    kept = {}
    for number, text in enumerate(TEXTS):
        try:
            kept[f"X{number}"] = (text, kconfig.value(text))
        except ValueError:
            assert re.search(r"[\n\r\x00\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", text)
    encoded = {name: pair for name, pair in kept.items() if "\ud800" not in pair[0]}
    menu = "".join(f'config {name}\n    string "x"\n' for name in encoded)
    (tmp_path / "Kconfig").write_text(menu, encoding="utf-8")
    lines = "".join(f"CONFIG_{name}={quoted}\n" for name, (_, quoted) in encoded.items())
    (tmp_path / "sdkconfig").write_text(lines, encoding="utf-8", newline="")

    evaluator = core.Kconfig(str(tmp_path / "Kconfig"), warn=False)
    evaluator.load_config(str(tmp_path / "sdkconfig"))

    assert len(encoded) > 100
    assert {name: sdkconfig.parse(f"CONFIG_{name}={quoted}\n")[name] for name, (_, quoted) in kept.items()} == {
        name: text for name, (text, _) in kept.items()
    }
    assert {name: evaluator.syms[name].str_value for name in encoded} == {
        name: text for name, (text, _) in encoded.items()
    }


def test_shell() -> None:
    words = []
    for text in TEXTS:
        try:
            words.append((text, shell.word(text)))
        except ValueError:
            assert not text.isprintable()
    command = " ".join(word for _, word in words)

    said = subprocess.run(["/bin/sh", "-c", f"printf '%s\\n' {command}"], capture_output=True, check=True).stdout

    assert len(words) > 100
    assert said.decode().splitlines() == [text for text, _ in words]
    assert shell.command(text for text, _ in words) == command


def test_file_of_esptools_arguments() -> None:
    names = [text for text in TEXTS if text.isprintable() and text]
    files = FlashArguments({}, dict(enumerate(names)), {"app": 0, "bootloader": 0}).argument_files()

    words = shlex.split(files["flash_args"].decode())

    assert words[1::2] == names


def test_toml() -> None:
    for text in TEXTS:
        assert tomllib.loads(f"a = {toml.string(text)}\n") == {"a": text.replace("\ud800", "\ufffd")}


def test_markdown() -> None:
    renderer = MarkdownIt("gfm-like", {"linkify": False}).enable("table")
    for text in TEXTS:
        page = read_html(renderer.render(f"| a | b |\n|---|---|\n| {markdown.text(text)} | end |\n"))
        assert page.tags == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"], text
        assert page.text.split() == ["a", "b", *terminal.printable_line(text).split(), "end"]
        line = read_html(renderer.render(f"{markdown.text(text)}\n"))
        assert line.tags == (["p"] if line.text.strip() else []), text
        assert line.text.split() == terminal.printable_line(text).split()


def test_cmake(tmp_path: Path) -> None:
    kept = []
    for text in TEXTS:
        try:
            assert cmake.listed([text, "end"]) == f"{text};end"
            kept.append(text)
        except ValueError:
            assert not text.isprintable() or not text or re.search(r'[;\[\]\\"$]', text)
    (tmp_path / "CMakeLists.txt").write_text(
        f'set(names "{cmake.listed(kept)}")\nlist(LENGTH names length)\nlist(GET names -1 last)\n', encoding="utf-8"
    )

    interpreter = Interpreter(SourceTree(tmp_path), {}, {})
    interpreter.run(tmp_path / "CMakeLists.txt")
    variables = interpreter.variables

    assert len(kept) > 20
    assert variables["length"] == str(len(kept))
    assert variables["last"] == kept[-1]


def test_markup_of_rich() -> None:
    for text in TEXTS:
        shown = "".join(character if character.isprintable() else " " for character in text)
        assert Text.from_markup(f"[bold]{rich_markup.text(text)}[/]", emoji=False).plain == shown


def test_terminal() -> None:
    for text in TEXTS:
        assert terminal.printable_line(text).isprintable()


#: Texts as a student's file brings them to a reason, and to a remark.
def awkward_result(text: str) -> str:
    return Problem.of(KitError(f"answers.toml says {text!r}", stage="endpoint")).reason


def test_reason_of_every_text_is_one_printable_line() -> None:
    for text in TEXTS:
        assert awkward_result(text).isprintable()


Door = Callable[[str], None]


def through_gradebook(text: str) -> None:
    rows = list(
        csv.reader(io.StringIO(gradebook_csv(class_result(result(fault=Fault.STUDENT, reason=text))), newline=""))
    )
    assert len(rows) == 2
    assert len(rows[0]) == len(rows[1])


def through_gradescope(text: str) -> None:
    told = json.loads(gradescope_results(result(fault=Fault.STUDENT, reason=text)))
    assert set(told) >= {"tests"}
    assert len(told["tests"]) == len(RUBRIC.criteria)


def through_pages(text: str) -> None:
    one = replace(result(fault=Fault.STUDENT, reason=text), notes=(text,))
    plain = replace(result(fault=Fault.STUDENT, reason="x"), notes=("x",))
    for page, other in (
        (
            submission_page(one, RUBRIC, title="t", folder=Path()),
            submission_page(plain, RUBRIC, title="t", folder=Path()),
        ),
        (class_page(class_result(one)), class_page(class_result(plain))),
    ):
        assert read_html(page).tags == read_html(other).tags


def through_terminal(text: str) -> None:
    console = Console(width=200, file=io.StringIO(), force_terminal=False)
    shown = class_result(result(fault=Fault.STUDENT, reason=text))
    console.print(marks_table(shown, 200))
    for paragraph in reasons(shown):
        console.print(paragraph)
    assert isinstance(console.file, io.StringIO)
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f]", console.file.getvalue()) is None


def through_feedback(text: str) -> None:
    lines = feedback_text(result(fault=Fault.STUDENT, reason=text)).split("\n")
    assert len(lines) == len(feedback_text(result(fault=Fault.STUDENT, reason="x")).split("\n"))


DOORS: dict[str, Door] = {
    "gradebook": through_gradebook,
    "Gradescope": through_gradescope,
    "pages": through_pages,
    "terminal": through_terminal,
    "feedback": through_feedback,
}


@pytest.mark.parametrize("door", DOORS)
def test_reason_goes_through_the_door_as_a_text(door: str) -> None:
    for text in TEXTS[:: 24 if door == "pages" else 6]:
        DOORS[door](awkward_result(text))
