"""Whether a project lets its builder choose the topic: the course's sample has a menu for it, older ones a literal."""

from pathlib import Path, PurePosixPath
from typing import Final

from kitbench.errors import KitError
from kitbench.firmware.project import mentions, read_regular_file

_MENU: Final = PurePosixPath("main/Kconfig.projbuild")
_SYMBOL: Final = b"config EXAMPLE_TOPIC"
_LARGEST: Final = 1 << 20


def is_topic_fixed(project: Path, mark: bytes, *, is_course: bool) -> bool:
    """Say whether a project publishes where its source says: it has no menu, and is the course's, or has its `mark`."""
    return not _has_menu(project) and (is_course or mentions(project, mark))


def _has_menu(project: Path) -> bool:
    try:
        return _SYMBOL in read_regular_file(project / _MENU, _MENU, _LARGEST)
    except KitError:
        return False
