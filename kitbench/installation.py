"""Where the parts of this installation are: in the checkout, or under this package's name from a wheel.

`python -m kitbench.installation` prints the folder of the on-kit suite.
"""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import kitbench
from kitbench.errors import BenchError

PACKAGE: Final = Path(kitbench.__file__).parent


def suite_path() -> Path:
    """Return the folder of the on-kit suite.

    Raises:
        BenchError: the installation lacks it.
    """
    return _folder("the on-kit suite", "test_boot.py", PACKAGE / "on_kit_suite", PACKAGE.parent / "tests" / "kit")


def advisor_suite_path() -> Path:
    """Return the folder of the suite that runs Device Advisor's tests on a kit.

    Raises:
        BenchError: the installation lacks it.
    """
    places = (PACKAGE / "device_advisor_suite", PACKAGE.parent / "tests" / "device_advisor")
    return _folder("the suite of Device Advisor", "test_device_advisor.py", *places)


def reference_project() -> Path:
    """Return the folder of the bench's own firmware.

    Raises:
        BenchError: the installation lacks it.
    """
    checkout = PACKAGE.parent / "firmware" / "subscribe_publish"
    return _folder("the reference firmware", "CMakeLists.txt", PACKAGE / "reference_firmware", checkout)


def grading_package() -> str:
    """Return the name by which the grader is imported: a wheel must not claim the name `grading` for itself.

    See docs/decisions/0092.
    """
    return "kitbench.grading" if find_spec("kitbench.grading") is not None else "grading"


def named_rubric(path: Path) -> Path:
    """Return a rubric's file, for `path` as `--rubric` takes it: a file, or the bare name of a rubric that comes along.

    A file of that name wins. What is neither is returned as it is, for its reader to refuse.
    """
    if path.parent != Path() or path.exists():
        return path
    folders = (PACKAGE / "grading" / "rubrics", PACKAGE.parent / "grading" / "rubrics")
    return next((known for folder in folders if (known := folder / f"{path.name}.toml").is_file()), path)


def _folder(what: str, needs: str, *places: Path) -> Path:
    for folder in places:
        if (folder / needs).is_file():
            return folder
    raise BenchError(f"{what} is not installed", stage="installation", fix="reinstall kitbench")


if __name__ == "__main__":
    sys.stdout.write(f"{suite_path()}\n")
