"""The private folder of one build: the project's copy with this run's files laid over, and a place for what is made."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.firmware.esp_aws_iot import copy_checkout
from kitbench.firmware.overlay import Overlay
from kitbench.firmware.project import copy_project
from kitbench.virtual_kit.toolchain.cmake.source_tree import CHECKOUT_FOLDER
from kitbench.virtual_kit.toolchain.limits import BuildLimits
from kitbench.virtual_kit.toolchain.project import vendored_sdk

_PREFIX: Final = "kitbench-build-"
_NAME: Final = re.compile(re.escape(_PREFIX) + r"(\d+)-\w+")
#: Longer than any build may take.
_LEFT_OVER_AFTER_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where a build happens.

    Attributes:
        project: the private copy; nothing outside it is read but shims and the compiler's headers.
        scratch: objects, lists, the module.
        identity_files: files of the copy that came from the overlay.
    """

    project: Path
    scratch: Path
    identity_files: frozenset[Path]


@contextmanager
def private_folder() -> Iterator[Path]:
    """Yield a folder that is this user's alone and gone at the end.

    Folders of builds that were killed are removed first, as a private key may be in them.
    """
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if _is_left_over(path):
            shutil.rmtree(path, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as folder:
        yield Path(folder).resolve()


def _is_left_over(path: Path) -> bool:
    """Whether its build is long over: old, and no process of that number lives (which alone could be a namesake)."""
    match = _NAME.fullmatch(path.name)
    try:
        if match is None or time.time() - path.stat().st_mtime < _LEFT_OVER_AFTER_S:
            return False
        os.kill(int(match[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def prepare(folder: Path, project: Path, overlay: Overlay, limits: BuildLimits, esp_aws_iot: Path | None) -> Workspace:
    """Copy the project into a private folder and lay the overlay over it.

    Raises:
        KitError: the project has links, devices, or is too large.
        UsageError: the project or the checkout is not there.
    """
    copy, scratch = folder / "project", folder / "scratch"
    scratch.mkdir(mode=0o700)
    copy_project(project, copy, limits=limits.copy)
    if esp_aws_iot is not None:
        copy_checkout(esp_aws_iot, copy / CHECKOUT_FOLDER, limits=limits.copy)
    vendored_sdk.replace_ports(copy, limits.copy)
    laid = overlay.lay_over(copy)
    return Workspace(copy, scratch, frozenset(copy / path for path in laid))
