"""Whether a project's topic can be chosen by who builds it."""

import os
from pathlib import Path

import pytest

from kitbench.firmware.reader import reader_of
from kitbench.firmware.topic_menu import is_topic_fixed
from tests.optional_part import LINUX


@pytest.mark.parametrize(
    ("menu", "source", "is_course", "is_fixed"),
    [
        ("config EXAMPLE_TOPIC\n", "test_topic", True, False),
        ("config OTHER\n", "test_topic", False, True),
        (None, "test_topic/a", False, True),
        (None, "", True, True),
        (None, "another", False, False),
        ("x" * (1 << 20) + "\nconfig EXAMPLE_TOPIC\n", "", True, True),
    ],
)
def test_topic_is_fixed(tmp_path: Path, menu: str | None, source: str, *, is_course: bool, is_fixed: bool) -> None:
    (tmp_path / "main").mkdir()
    (tmp_path / "main" / "a.c").write_text(source, encoding="utf-8")
    if menu is not None:
        (tmp_path / "main" / "Kconfig.projbuild").write_text(menu, encoding="utf-8")

    assert is_topic_fixed(tmp_path, b"test_topic", is_course=is_course) is is_fixed
    assert reader_of(tmp_path)(is_topic_fixed, tmp_path.resolve(), b"test_topic", is_course=is_course) is is_fixed


@LINUX.needed
def test_menu_that_nobody_writes_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "main").mkdir()
    os.mkfifo(tmp_path / "main" / "Kconfig.projbuild")

    assert is_topic_fixed(tmp_path, b"test_topic", is_course=True)
