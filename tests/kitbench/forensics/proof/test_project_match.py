"""An app is known by the literals of its project, and what cannot be known is not decided."""

from pathlib import Path

import pytest

from kitbench.flash_format import app_image
from kitbench.flash_format.app_image import AppImage, Segment
from kitbench.forensics.proof.project_match import ProjectMatch, match_project

TEMPLATE = 'ESP_LOGI(TAG, "Connecting to AWS..."); puts("handed out text");'
OWN = [f"own text number {number}" for number in range(12)]


def folder(path: Path, source: str) -> Path:
    (path / "main").mkdir(parents=True)
    (path / "main" / "app.c").write_text(source, encoding="utf-8")
    return path


def app(*texts: str) -> list[AppImage]:
    data = b"\0".join(text.encode() for text in texts).ljust(64, b"\0")
    return [app_image.parse(app_image.serialize([Segment(0x3F400020, data)], entry=0x40080000))]


def source(*texts: str, call: str = "puts") -> str:
    return TEMPLATE + "".join(f'{call}("{text}");\n' for text in texts)


def match(tmp_path: Path, images: list[AppImage], project: str) -> ProjectMatch:
    return match_project(images, folder(tmp_path / "project", project), folder(tmp_path / "template", TEMPLATE))


@pytest.mark.parametrize(
    ("own", "built", "is_decided", "is_another"),
    [
        (OWN, OWN, True, False),
        (OWN, OWN[:6], True, False),  # edited after the dump
        (OWN, OWN[:5], True, True),
        (OWN, [], True, True),
        (OWN[:9], [], False, False),
        ([], [], False, False),  # the unchanged sample
    ],
)
def test_match_is_decided_by_half_of_ten(
    tmp_path: Path, own: list[str], built: list[str], *, is_decided: bool, is_another: bool
) -> None:
    found = match(tmp_path, app(*built, "handed out text"), source(*own))

    assert (found.distinctive, found.found) == (len(own), len(built))
    assert (found.is_decided, found.is_another) == (is_decided, is_another)


def test_log_level_none_takes_nothing_away(tmp_path: Path) -> None:
    """With it no log macro leaves its format in the image."""
    assert not match(tmp_path, app("text of others"), source(*OWN, call='ESP_LOGI(TAG, "%d" ')).is_decided


@pytest.mark.parametrize(("level", "counts"), [("E", False), ("W", False), ("I", True), ("D", True)])
def test_log_formats_count_from_the_level_that_was_compiled_in(tmp_path: Path, level: str, *, counts: bool) -> None:
    images = app(f"\x1b[0;32m{level} (%lu) %s: by ESP-IDF\x1b[0m")

    found = match(tmp_path, images, "".join(f'ESP_LOGI(TAG, "{text}");' for text in OWN))

    assert found.distinctive == (12 if counts else 0)


def test_line_end_that_puts_adds_by_itself_is_none(tmp_path: Path) -> None:
    lines = "".join(f'printf("{text}\\n");' for text in OWN)

    assert match(tmp_path, app(*OWN), lines).found == 12


def test_missing_texts_are_named_in_part(tmp_path: Path) -> None:
    assert len(match(tmp_path, app(), source(*OWN)).missing) == 5
