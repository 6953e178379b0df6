"""A stand-in of `idf.py build`: the arguments that the bench gives, and the virtual kit's toolchain as the compiler."""

import sys
from pathlib import Path
from typing import Final

from kitbench.errors import KitbenchError
from kitbench.firmware import sdkconfig
from kitbench.firmware.overlay import Overlay
from kitbench.virtual_kit.toolchain import build_project

DEFAULTS: Final = "-DSDKCONFIG_DEFAULTS="


def main(arguments: list[str]) -> int:
    """Build the project at `-C` into `-B`; every default wins over those before it."""
    assert arguments[-1] == "build", arguments
    project = Path(arguments[arguments.index("-C") + 1])
    folder = Path(arguments[arguments.index("-B") + 1])
    names = next(word for word in arguments if word.startswith(DEFAULTS)).removeprefix(DEFAULTS).split(";")
    settings: dict[str, str] = {}
    for name in names:
        settings |= sdkconfig.parse((project / name).read_text(encoding="utf-8"))
    try:
        build_project(project, folder, overlay=Overlay(kconfig=settings))
    except KitbenchError as error:
        sys.stdout.write(f"error: {error.message}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
