"""The component esp-aws-iot, copied from a recursive checkout: projects of the course are built with it."""

from pathlib import Path
from typing import Final

from kitbench.errors import UsageError
from kitbench.firmware.project import CopyLimits, copy_project

#: What of a checkout an app is built from; examples and documents stay behind.
PARTS: Final = (
    "port",
    "aws-iot-device-sdk-embedded-C/src",
    "aws-iot-device-sdk-embedded-C/include",
    "aws-iot-device-sdk-embedded-C/external_libs/jsmn",
)
FILES: Final = ("CMakeLists.txt", "Kconfig")
USUAL_LIMITS: Final = CopyLimits()


def copy_checkout(checkout: Path, destination: Path, *, limits: CopyLimits = USUAL_LIMITS) -> None:
    """Copy the component below `destination`, which is made.

    Raises:
        UsageError: it is no recursive checkout.
        KitError: it has links, devices, or more than the limits allow.
    """
    kinds = [(part, "folder", Path.is_dir) for part in PARTS] + [(name, "file", Path.is_file) for name in FILES]
    for name, kind, is_there in kinds:
        if not is_there(checkout / name):
            raise UsageError(
                f"{str(checkout)!r} is no recursive checkout of esp-aws-iot: no {kind} {name!r}",
                stage="build",
                mend="run `git clone --recursive -b release/v3.1.x https://github.com/espressif/esp-aws-iot`",
            )
    for part in PARTS:
        copy_project(checkout / part, destination / part, limits=limits)
    for name in FILES:
        (destination / name).write_bytes((checkout / name).read_bytes())
