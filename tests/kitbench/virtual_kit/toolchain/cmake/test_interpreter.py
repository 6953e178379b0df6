"""Following CMake files: variables, branches, loops, functions, and the refusal of everything else."""

from pathlib import Path

import pytest

from kitbench.errors import GapError, KitError
from kitbench.virtual_kit.toolchain.cmake.interpreter import Interpreter
from kitbench.virtual_kit.toolchain.cmake.source_tree import SourceTree

_PARSE_ARGUMENTS = """
function(f)
  cmake_parse_arguments(_ W N L ${ARGN})
  set(r ${__W} ${__N} ${__L} PARENT_SCOPE)
endfunction()
f(L a b N c W)
"""


def run(folder: Path, text: str, **variables: str) -> dict[str, str]:
    (folder / "CMakeLists.txt").write_text(text)
    interpreter = Interpreter(SourceTree(folder), variables, {})
    interpreter.run(folder / "CMakeLists.txt")
    return interpreter.variables


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('set(r b "c d" e)', "b;c d;e"),
        ("set(dir src)\nset(name dir)\nset(r ${dir}/x.c ${${name}})", "src/x.c;src"),
        ("set(r)\nset(r $ENV{IDF_PATH}/x)", "/<IDF_PATH>/x"),
        ('set(r "$ENV{HOME}/x")', "/x"),
        ("list(APPEND r b)\nlist(APPEND r c d)", "b;c;d"),
        ("set(r 1)\nset(r 2 CACHE STRING text)", "1"),
        ("set(r 2 CACHE STRING text)", "2"),
        ("option(r text)", "OFF"),
        ("foreach(x a b c)\nif(x STREQUAL b)\ncontinue()\nendif()\nlist(APPEND r ${x})\nendforeach()", "a;c"),
        ("set(l 1 2)\nforeach(x IN LISTS l ITEMS 3)\nlist(APPEND r n${x})\nendforeach()", "n1;n2;n3"),
        ("foreach(x RANGE 2)\nlist(APPEND r ${x})\nendforeach()", "0;1;2"),
        ("set(r x)\nwhile(NOT r STREQUAL xxxx)\nstring(APPEND r x)\nendwhile()", "xxxx"),
        ("function(f out)\nset(${out} ${ARGN} PARENT_SCOPE)\nset(r no)\nendfunction()\nf(r a b)", "a;b"),
        ("macro(m name)\nset(${name} ${ARGC})\nendmacro()\nm(r a b)", "3"),
        ("function(f)\nreturn()\nset(r x PARENT_SCOPE)\nendfunction()\nset(r y)\nf()", "y"),
        ("set(r y)\nreturn()\nset(r x)", "y"),
        (_PARSE_ARGUMENTS, "TRUE;c;a;b"),
        ('set(r "a\\\nb")', "ab"),
        ('math(EXPR r "(1 << 4) - 7 / -2")', "19"),
        ('set(r D="a b")', 'D="a b"'),
    ],
)  # fmt: skip
def test_file_is_followed(tmp_path: Path, text: str, expected: str) -> None:
    assert run(tmp_path, text)["r"] == expected


def test_unset_forgets(tmp_path: Path) -> None:
    assert "a" not in run(tmp_path, "set(a b)\nunset(a)\nset(a c)\nset(a)")


def test_included_file_knows_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/paths.cmake").write_text("set(r ${CMAKE_CURRENT_LIST_DIR}/a.c)")

    variables = run(tmp_path, "include(lib/paths.cmake)\nset(after ${CMAKE_CURRENT_LIST_DIR})\ninclude(no OPTIONAL)")

    assert (variables["r"], variables["after"]) == ("/<project>/lib/a.c", "/<project>")


def test_error_names_the_file_that_is_included(tmp_path: Path) -> None:
    (tmp_path / "more.cmake").write_text("\nexecute_process(COMMAND id)")

    with pytest.raises(GapError, match=r"lacks CMake's execute_process\(\) \(more.cmake:2\)"):
        run(tmp_path, "include(${CMAKE_CURRENT_LIST_DIR}/more.cmake)")


@pytest.mark.parametrize(("config", "expected"), [({"A": "y"}, "first"), ({"B": "y"}, "second"), ({}, "third")])
def test_if_follows_one_branch(tmp_path: Path, config: dict[str, str], expected: str) -> None:
    text = "if(A)\nset(r first)\nelseif(B)\nset(r second)\nelse()\nset(r third)\nendif()"

    assert run(tmp_path, text, **config)["r"] == expected


def test_unknown_command_in_a_branch_not_taken_is_no_error(tmp_path: Path) -> None:
    assert "r" not in run(tmp_path, "if(A)\nexecute_process(COMMAND id)\nset(r 1)\nendif()")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("execute_process(COMMAND id)", r"lacks CMake's execute_process\(\)"),
        ("spiffs_create_partition_image(a b)", "lacks CMake's spiffs_create"),
        ("no_such_command(a b)", "unknown CMake command 'no_such_command'"),
        ("\nfile(WRITE x y)", r"file\(WRITE\) \(CMakeLists.txt:2\)"),
        ("file(DOWNLOAD http://x y)", "file.DOWNLOAD"),
        ("file(READ /etc/passwd x)", "not below the project"),
        ("file(GLOB x /etc/*)", "not below the project"),
        ("file(GLOB x ../*)", "leaves the project"),
        ("include(/etc/passwd)", "not below the project"),
        ("include(CMakeLists.txt)", "include each other"),
        ("include(nowhere.cmake)", "'nowhere.cmake' does not exist"),
        ("set(ENV{PATH} x)", "ENV"),
        ("if(A)", "no endif"),
        ("foreach(x a)", "no endforeach"),
        ("endif()", "without if"),
        ("endwhile()", "without while"),
        ("else()", "without if"),
        ("break()", "outside of a loop"),
        ("list(NOTHING a)", "lacks CMake's list"),
        ("string(RANDOM a)", "lacks CMake's string"),
        ('string(REGEX MATCH "(a+)+$" r aaaa)', "could take long"),
        ('string(REGEX MATCH "a*b*c*d" r aaaa)', "could take long"),
        ("math(EXPR r \"__import__('os')\")", "more than numbers"),
        ('math(EXPR r "1 / 0")', "cannot be calculated"),
        ('message(FATAL_ERROR "no")', "stops its own build: no"),
        ("set()", "without a variable"),
        ("while(1)\nendwhile()", "more than 20000 commands"),
        ("function(f)\nf()\nendfunction()\nf()", "functions call each other"),
        ("if(1)\n" * 50 + "endif()\n" * 50, "more than 40 blocks"),
        ("foreach(x RANGE 999999999)\nendforeach()", "more than 1000 numbers"),
        ("set(a aaaaaaaaaaaaaaaa)\n" + "set(a ${a}${a}${a}${a})\n" * 20, "grows too long"),
    ],
)
def test_what_is_not_followed_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises((KitError, GapError), match=message):
        run(tmp_path, text)


def test_byte_order_mark_of_windows_is_passed_over(tmp_path: Path) -> None:
    assert run(tmp_path, "\ufeffset(r a)")["r"] == "a"
