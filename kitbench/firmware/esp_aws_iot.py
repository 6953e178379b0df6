"""The components of esp-aws-iot, copied from a recursive checkout: projects of the course are built with them.

There are two editions. release/v3.1.x is one component, with the AWS SDK of 2015 as a submodule; the LTS ones are a
folder of libraries, coreMQTT among them, each with a submodule of its own.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import UsageError
from kitbench.firmware.project import CopyLimits, copy_project

#: What of a checkout of release/v3.1.x an app is built from; examples and documents stay behind.
PARTS: Final = (
    "port",
    "aws-iot-device-sdk-embedded-C/src",
    "aws-iot-device-sdk-embedded-C/include",
    "aws-iot-device-sdk-embedded-C/external_libs/jsmn",
)
FILES: Final = ("CMakeLists.txt", "Kconfig")
USUAL_LIMITS: Final = CopyLimits()
_LIBRARIES: Final = "libraries"
#: What a library's submodule brings: the list of its sources.
_SUBMODULE_MARK: Final = "*/*/*FilePaths.cmake"
_NO_SOURCES: Final = frozenset({"test", "tests", "docs", "tools", "examples"})


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    kind: str

    def is_in(self, checkout: Path) -> bool:
        path = checkout / self.name
        return path.is_dir() if self.kind == "folder" else path.is_file()


def copy_checkout(checkout: Path, destination: Path, *, limits: CopyLimits = USUAL_LIMITS) -> None:
    """Copy the components below `destination`, which is made.

    Raises:
        UsageError: it is no recursive checkout.
        KitError: it has links, devices, or more than the limits allow.
    """
    if (checkout / _LIBRARIES).is_dir():
        _copy_libraries(checkout, destination, limits)
        return
    for part in [*(_Part(name, "folder") for name in PARTS), *(_Part(name, "file") for name in FILES)]:
        if not part.is_in(checkout):
            raise _not_recursive(checkout, f"{part.kind} {part.name!r}", "release/v3.1.x")
    for name in PARTS:
        copy_project(checkout / name, destination / name, limits=limits)
    for name in FILES:
        (destination / name).write_bytes((checkout / name).read_bytes())


def _copy_libraries(checkout: Path, destination: Path, limits: CopyLimits) -> None:
    libraries = checkout / _LIBRARIES
    if next(libraries.glob(_SUBMODULE_MARK), None) is None:
        raise _not_recursive(checkout, "submodule below 'libraries'", "release/202210.01-LTS")
    copy_project(libraries, destination / _LIBRARIES, limits=limits, skipped=_NO_SOURCES)


def _not_recursive(checkout: Path, lacks: str, branch: str) -> UsageError:
    return UsageError(
        f"{str(checkout)!r} is no recursive checkout of esp-aws-iot: no {lacks}",
        stage="build",
        fix=f"run `git clone --recursive -b {branch} https://github.com/espressif/esp-aws-iot`",
    )
