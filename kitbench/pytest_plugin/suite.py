"""Where the on-kit suite and the bench's own firmware lie: in the checkout, or beside this package from a wheel.

`python -m kitbench.pytest_plugin.suite` prints the path.
"""

import sys
from pathlib import Path

import kitbench
from kitbench.errors import BenchError


def suite_path() -> Path:
    """Return the folder of the on-kit suite.

    Raises:
        BenchError: the installation lacks it.
    """
    package = Path(kitbench.__file__).parent
    for folder in (package / "on_kit_suite", package.parent / "tests" / "kit"):
        if (folder / "conftest.py").is_file():
            return folder
    raise BenchError("the on-kit suite is not installed", stage="suite", mend="reinstall kitbench")


def reference_project() -> Path:
    """Return the folder of the bench's own firmware, in the checkout or beside this package.

    Raises:
        BenchError: the installation lacks it.
    """
    package = Path(kitbench.__file__).parent
    for folder in (package / "reference_firmware", package.parent / "firmware" / "subscribe_publish"):
        if (folder / "CMakeLists.txt").is_file():
            return folder
    raise BenchError("the reference firmware is not installed", stage="suite", mend="reinstall kitbench")


if __name__ == "__main__":
    sys.stdout.write(f"{suite_path()}\n")
