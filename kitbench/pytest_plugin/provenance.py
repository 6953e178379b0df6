"""Where an error was raised: by the test's own code, which speaks of the kit, or by somebody else's. Pure."""

import sysconfig
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

import _pytest

from kitbench.installation import PACKAGE

_PYTEST: Final = Path(_pytest.__file__).parent
#: pytest's own way into fixtures: what is raised below it is raised by a fixture.
_FIXTURES: Final = _PYTEST / "fixtures.py"
_LIBRARIES: Final = tuple(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib"))


@dataclass(frozen=True, slots=True)
class TestPlace:
    """Where a test's own code is: its module's folder and the project around it.

    Code of kitbench, of installed libraries and of Python is not the test's, wherever the project has it.
    """

    __test__ = False  # no test, though its name begins like one
    folder: Path
    root: Path

    def has(self, file: Path) -> bool:
        """Say whether a file is code of the tests."""
        if file.is_relative_to(self.folder):
            return True
        is_foreign = any(file.is_relative_to(place) for place in (PACKAGE, *_LIBRARIES))
        return file.is_relative_to(self.root) and not is_foreign


def is_claim_of_test(error: BaseException, place: TestPlace) -> bool:
    """Say whether an error is what the test itself claims of the kit.

    It is when the test's own code raised it, or called what is there to fail: an `assert…` of a library, `pytest.fail`,
    `unittest`'s `fail`. It is not when a fixture raised it, or an assertion inside of other code that the test called.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    files = [Path(frame.f_code.co_filename).resolve() for frame in frames]
    own = [number for number, file in enumerate(files) if place.has(file)]
    if not own or _FIXTURES in files[own[0] :]:
        return False
    return _is_verdict(frames[own[-1] + 1 :], files[own[-1] + 1 :])


def _is_verdict(frames: Sequence[FrameType], files: Sequence[Path]) -> bool:
    """Say whether what the test's code called last is there to fail."""
    if not frames or frames[0].f_code.co_name.startswith(("assert", "fail")):
        return True
    return all(file.is_relative_to(_PYTEST) for file in files)
