"""The reader of tutorials itself: what it takes for a command, and that it sees what goes wrong."""

from pathlib import Path

import pytest

from tests.tutorials.tutorial import DOCS, Shell, Step, run_tutorial, steps

PAGE = """
Words, and `$ no command`.

```console
$ echo one \\
>   two
one two
$ false   # exit status 1: as it should
```

```
$ echo not in a console block
```

```console
$ cat <<END
> text
>
> END
text
```
"""


def test_commands_and_their_output_are_read() -> None:
    assert steps(PAGE) == [
        Step("echo one \\\n  two", ("one two",)),
        Step("false   # exit status 1: as it should", ()),
        Step("cat <<END\ntext\n\nEND", ("text",)),
    ]
    assert [step.status for step in steps(PAGE)] == [0, 1, 0]


@pytest.mark.parametrize(
    ("output", "printed", "status", "complaint"),
    [
        (("a…c", "d"), "x\nabc\nd\n", 0, ""),
        (("d", "a…c"), "x\nabc\nd\n", 0, "did not print: a…c"),
        (("a.c",), "abc\n", 0, "did not print: a.c"),
        (("a",), "a\n", 2, "exit status 2, not 0"),
    ],
)
def test_what_is_wrong_is_seen(output: tuple[str, ...], printed: str, status: int, complaint: str) -> None:
    assert Step("it", output).complaint(printed, status) == complaint


def test_shell_keeps_folder_and_variables(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"GIVEN": "here"})
    try:
        assert shell.run("mkdir sub && cd sub; mine=1") == ("\n", 0)
        assert shell.run('echo "$GIVEN $mine ${PWD##*/}"')[0].split() == ["here", "1", "sub"]
        assert shell.run("(exit 3)")[1] == 3
    finally:
        shell.close()


def test_tutorial_that_does_not_work_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.md").write_text(PAGE.replace("one two\n$", "one three\n$"), encoding="utf-8")
    monkeypatch.setattr("tests.tutorials.tutorial.DOCS", tmp_path)

    with pytest.raises(AssertionError, match="did not print: one three"):
        run_tutorial("page.md", tmp_path)


def test_every_tutorial_has_commands_and_a_test() -> None:
    pages = sorted(DOCS.glob("tutorial-*.md"))
    text = (Path(__file__).parent / "test_pages.py").read_text(encoding="utf-8")

    assert len(pages) == 3
    for page in pages:
        assert len(steps(page.read_text(encoding="utf-8"))) >= 6
        assert f'"{page.name}"' in text
