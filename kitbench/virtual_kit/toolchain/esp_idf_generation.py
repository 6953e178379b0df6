"""Which ESP-IDF a project is for, and what that means for the compiler: two generations are stood for, 4.4 and 5.1.

A project says it in its sdkconfig, `dependencies.lock` or `platformio.ini`, or the caller says it. Where nobody does,
it is 4.4 with an esp-aws-iot of 2019, and else 5.1, as the course has it.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import GapError
from kitbench.esp_idf_versions import checked_version
from kitbench.firmware.esp_idf_index.c_header import includes_in
from kitbench.firmware.esp_idf_index.index import esp_idf_index
from kitbench.firmware.esp_idf_index.kind import Kind
from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.toolchain.compilation.compiler import CompilerRules
from kitbench.virtual_kit.toolchain.kconfig import Configuration
from kitbench.virtual_kit.toolchain.project import vendored_sdk
from kitbench.virtual_kit.toolchain.project.platformio import PlatformIoProject
from kitbench.virtual_kit.toolchain.project_facts import ProjectFacts

#: Generation → the version that the shims stand for.
VERSIONS: Final = {"4": "v4.4.8", "5": "v5.1.4"}
_DEFAULT: Final = "5"
#: Source: `tools/cmake/build.cmake` of both.
_CPP_STANDARDS: Final = {"4": "gnu++11", "5": "gnu++2b"}
#: How ESP-IDF 3 begins an sdkconfig.
_OLD_HEADER: Final = re.compile(r"^# Espressif IoT Development Framework Configuration", re.MULTILINE)
#: Without a version in it, ESP-IDF 4.0 to 5.0; what follows is in every sdkconfig of ESP-IDF 5, and in no older one.
_HEADER: Final = re.compile(r"^# Espressif IoT Development Framework \(ESP-IDF\) Project Configuration", re.MULTILINE)
_ONLY_IN_5: Final = re.compile(r"^CONFIG_SOC_", re.MULTILINE)
_FIELD_OF_5: Final = re.compile(r"\.\s*broker\b")
_SOURCES: Final = ("main/*.c", "main/*.cpp", "main/*.h", "src/*.c", "src/*.cpp")
_MOST_BYTES: Final = 1 << 20
_MEND: Final = "--idf 4.4 or --idf 5.1 tries it with one that is stood for"


@dataclass(frozen=True, slots=True)
class Generation:
    """The major version, and who says so."""

    major: str
    said_by: str

    @property
    def version(self) -> str:
        """The version of ESP-IDF that the shims stand for."""
        return VERSIONS[self.major]

    def cmake_variables(self) -> dict[str, str]:
        """Return what ESP-IDF's build system says of its version."""
        names = ("IDF_VERSION_MAJOR", "IDF_VERSION_MINOR", "IDF_VERSION_PATCH")
        return {"IDF_VER": self.version, **dict(zip(names, self.version[1:].split("."), strict=True))}

    def rules(self, configuration: Configuration) -> CompilerRules:
        """Return how this generation compiles the project's own files."""
        flags: tuple[str, ...] = ("-isystem", str(esp_idf.include_dir_of_4()))
        if self.major == "5":
            flags = ("-include", str(esp_idf.include_dir() / "kit/long_int32.h"))
        are_errors = not configuration.is_set("COMPILER_DISABLE_DEFAULT_ERRORS")
        cpp = _CPP_STANDARDS[self.major]
        return CompilerRules(flags, warnings_are_errors=are_errors, version=self.version[1:4], cpp_standard=cpp)


def generation_of(project: Path, *, asked: str = "", platformio: PlatformIoProject | None = None) -> Generation:
    """Return the generation that a project is for.

    Args:
        project: the private copy.
        asked: the version that the caller asks for, such as ``"4.4"``; "" for what the project says.
        platformio: what its `platformio.ini` says.

    Raises:
        UsageError: the caller asks for a version that nothing stands for.
        GapError: the project is for another version.
    """
    if asked:
        return Generation(checked_version(asked)[0], "--idf")
    major, said_by = _said(project, platformio)
    if major not in VERSIONS:
        raise GapError(f"ESP-IDF {major}, which {said_by} names", fix=_MEND)
    return Generation(major, said_by)


def _said(project: Path, platformio: PlatformIoProject | None) -> tuple[str, str]:
    own = platformio.sdkconfig if platformio else "sdkconfig"
    if major := ProjectFacts(project, own).generation:
        return major, "the project"
    for name in (own, "sdkconfig.defaults"):
        path = project / name
        text = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
        if _OLD_HEADER.search(text):
            return "3", name
        if _HEADER.search(text):
            # An old sdkconfig is taken along into newer versions, which understand it: then the code tells.
            return ("5" if _ONLY_IN_5.search(text) or _is_written_for_5(project) else "4"), name
    if platformio and platformio.idf_version:
        return platformio.idf_version[0], "platformio.ini"
    return ("4", "its esp-aws-iot") if vendored_sdk.is_for_esp_idf_4(project) else (_DEFAULT, "nothing")


def _is_written_for_5(project: Path) -> bool:
    """Whether some source of the project has a name that ESP-IDF 4 does not have."""
    for path in sorted(path for pattern in _SOURCES for path in project.glob(pattern)):
        text = path.read_bytes()[:_MOST_BYTES].decode("utf-8", "replace")
        if _FIELD_OF_5.search(text) or any(_is_only_in_5(name) for name in includes_in(text)):
            return True
    return False


def _is_only_in_5(header: str) -> bool:
    origins = esp_idf_index().find(header, Kind.HEADER)
    return bool(origins) and not any(origin.is_of("4") for origin in origins)
