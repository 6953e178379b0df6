"""No name leads out, whatever it is made of, and no folder's name costs what is in it."""

import itertools

import pytest

from grading.hand_in.member_name import LeftOutError, is_ambiguous, member_parts, safe_parts

PIECES = ["..", ".", "", "a", "b:c", "C:", "x ", "\x1b[2J", "л" * 150, "\udcff", "con", "~", "$(id)", "a\nb"]


@pytest.mark.parametrize("prefix", ["", "/", "//", "C:/", "../../"])
def test_every_name_stays_within_and_is_plain(prefix: str) -> None:
    for pieces in itertools.product(PIECES, repeat=3):
        name = f"{prefix}{'/'.join(pieces)}/file.txt"

        parts = safe_parts(name, depth=48)

        assert not {"", ".", ".."} & set(parts)
        assert not any("/" in part or is_ambiguous(part) or len(part.encode()) > 200 for part in parts)
        assert parts[-1] == "file.txt"


@pytest.mark.parametrize(("name", "parts"), [("a/../b", ("b",)), ("../../x", ("x",)), ("/", ()), ("C:/x/../y", ("y",))])
def test_parts_are_those_of_tar_and_unzip(name: str, parts: tuple[str, ...]) -> None:
    assert member_parts(name) == parts


@pytest.mark.parametrize("name", ["", "..", "a/" * 50 + "x", "/".join(["n" * 190] * 20), "n" * 250, "why?", "a\x07"])
def test_file_whose_own_name_is_none_is_left_out(name: str) -> None:
    with pytest.raises(LeftOutError):
        safe_parts(name, depth=48)
