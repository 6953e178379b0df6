"""What a machine may lack: a test that needs it is skipped with its reason, and fails when the reason does not hold.

`tests/conftest.py` turns every skip for another reason, or for a part that is there, into a failure.
"""

import ctypes
import importlib.util
import os
import shutil
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

PREFIX: Final = "needs "


def chromium_program() -> str | None:
    """Return the browser's program, by the names that systems give it."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


def labgrid_program(name: str) -> str:
    """Return one of labgrid's programs: beside the client that LABGRID_CLIENT names, or on PATH; "" for none."""
    beside = Path(os.environ.get("LABGRID_CLIENT", "")).with_name(name) if os.environ.get("LABGRID_CLIENT") else None
    return str(beside) if beside is not None and beside.is_file() else shutil.which(name) or ""


@dataclass(frozen=True)
class OptionalPart:
    """Something that is not installed with the project.

    Attributes:
        name: as the reason names it.
        hint: where it comes from.
        is_there: looks for it.
    """

    name: str
    hint: str
    is_there: Callable[[], bool]

    @property
    def reason(self) -> str:
        """The reason of a skip."""
        return f"{PREFIX}{self.name} ({self.hint})"

    @property
    def needed(self) -> pytest.MarkDecorator:
        """The mark for tests that need it."""
        return pytest.mark.skipif(not self.is_there(), reason=self.reason)

    def require(self) -> None:
        """Skip the running test without it."""
        if not self.is_there():
            pytest.skip(self.reason)


CRYPTOAUTHLIB: Final = OptionalPart(
    "the cryptoauthlib wheel",
    "pip install 'kitbench[cryptoauthlib]'",
    lambda: importlib.util.find_spec("cryptoauthlib") is not None,
)
AWS_CLI: Final = OptionalPart("the AWS CLI", "pipx install awscli", lambda: bool(shutil.which("aws")))
MOSQUITTO: Final = OptionalPart("mosquitto", "apt-get install mosquitto", lambda: bool(shutil.which("mosquitto")))
ESP_AWS_IOT: Final = OptionalPart(
    "a recursive checkout of esp-aws-iot",
    "its folder in KITBENCH_ESP_AWS_IOT",
    lambda: "KITBENCH_ESP_AWS_IOT" in os.environ,
)
AWS_SDK: Final = OptionalPart(
    "a checkout of aws-iot-device-sdk-python-v2",
    "its folder in KITBENCH_AWS_SDK",
    lambda: "KITBENCH_AWS_SDK" in os.environ,
)
LABGRID: Final = OptionalPart("labgrid", "tox -e lab", lambda: bool(labgrid_program("labgrid-coordinator")))
TLS_1_0: Final = OptionalPart("OpenSSL with TLS 1.0", "this Python was built without", lambda: ssl.HAS_TLSv1)
TLS_1_1: Final = OptionalPart("OpenSSL with TLS 1.1", "this Python was built without", lambda: ssl.HAS_TLSv1_1)


def _has_landlock() -> bool:
    # landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION): the same number on every architecture
    return sys.platform == "linux" and bool(ctypes.CDLL(None).syscall(444, None, 0, 1) >= 1)


LANDLOCK: Final = OptionalPart("Landlock", "a Linux kernel from 5.13 that has it switched on", _has_landlock)

LINUX: Final = OptionalPart("Linux", "limits of memory and /proc are its own", lambda: sys.platform == "linux")

#: The accessibility rules of Deque, as npm lays them down; fetched by `.ci/run`, never part of the project.
AXE_CORE_FILE: Final = Path(__file__).parents[1] / ".cache" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
AXE_CORE: Final = OptionalPart("axe-core", "npm install --prefix .cache/axe axe-core@4", AXE_CORE_FILE.is_file)

CHROMIUM: Final = OptionalPart("Chromium", "apt-get install chromium", lambda: chromium_program() is not None)

PARTS: Final = (
    AWS_CLI,
    AWS_SDK,
    AXE_CORE,
    CHROMIUM,
    CRYPTOAUTHLIB,
    MOSQUITTO,
    ESP_AWS_IOT,
    LABGRID,
    LANDLOCK,
    LINUX,
    TLS_1_0,
    TLS_1_1,
)


def complaint(reason: str) -> str:
    """Return what is wrong with a skip for this reason; "" when the reason is known and holds."""
    part = next((part for part in PARTS if part.reason in reason), None)
    if part is None:
        return f"skipped for a reason that tests/optional_part.py does not know: {reason}"
    return f"skipped although {part.name} is there" if part.is_there() else ""
