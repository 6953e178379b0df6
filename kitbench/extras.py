"""What a real bench does without: packages of the stand-ins, installed by name, `pip install 'kitbench[virtual]'`."""

from collections.abc import Mapping
from enum import StrEnum
from importlib.util import find_spec
from typing import Final

from kitbench.errors import UsageError


class Extra(StrEnum):
    """An extra of `pyproject.toml`."""

    VIRTUAL = "virtual"
    LOCAL = "local"
    QEMU = "qemu"


#: What each extra brings: the module that is imported, and the package that has it.
PACKAGES: Final[Mapping[Extra, Mapping[str, str]]] = {
    Extra.VIRTUAL: {
        "wasmtime": "wasmtime",
        "ziglang": "ziglang",
        "tlslite": "tlslite-ng",
        "esp_kconfiglib": "esp-idf-kconfig",
    },
    Extra.LOCAL: {"moto": "moto", "websockets": "websockets"},
    Extra.QEMU: {"pytest_embedded_qemu": "pytest-embedded-qemu"},
}
_USERS: Final = {
    Extra.VIRTUAL: "the virtual kit",
    Extra.LOCAL: "the local IoT core",
    Extra.QEMU: "--kit qemu",
}


def command(extra: Extra) -> str:
    """Return what to type to have an extra."""
    return f"pip install 'kitbench[{extra}]'"


def missing(extra: Extra) -> list[str]:
    """Return the packages of an extra that are not installed."""
    return [package for module, package in PACKAGES[extra].items() if find_spec(module) is None]


def require(extra: Extra) -> None:
    """Make sure that an extra is installed, without importing anything of it.

    Raises:
        UsageError: it is not, or a part of it is missing; the line has the command.
    """
    if lacks := missing(extra):
        raise UsageError(f"{_USERS[extra]} needs {', '.join(lacks)}", stage="installation", fix=command(extra))
