"""What a build folder says of itself: which of its files is the app, and for which chip it is.

Source: ESP-IDF v5.1 to v5.5, `tools/cmake/project_description.json.in`, `components/esptool_py/flasher_args.json.in`. A
project's own CMake files may write them, too, so they are read as what somebody else wrote.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.errors import BenchError

STAGE: Final = "build"
DESCRIPTION: Final = "project_description.json"
FLASHER_ARGS: Final = "flasher_args.json"
#: A whole configuration in JSON has 100 KB.
_LARGEST: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class BuildDescription:
    """The app of a build.

    Attributes:
        app: the file of the app image.
        elf: the file with its symbols.
        chip: as ESP-IDF names it, such as ``"esp32"`` or ``"esp32c3"``; "" where the folder does not say.
    """

    app: Path
    elf: Path
    chip: str


def describe_build(folder: Path) -> BuildDescription:
    """Return what the folder says; other images beside the app, of OTA data say, are not taken for it.

    Raises:
        BenchError: it does not name its app, or names one that is not in it.
    """
    description, arguments = read_object(folder / DESCRIPTION), read_object(folder / FLASHER_ARGS)
    app = _text(description, "app_bin") or _text(_inner(arguments, "app"), "file")
    if not app:
        raise BenchError(
            f"{folder} does not say which file is its app: neither {DESCRIPTION} nor {FLASHER_ARGS} names one",
            stage=STAGE,
            fix="build it with `idf.py build`",
        )
    elf = _text(description, "app_elf") or str(Path(app).with_suffix(".elf"))
    chip = _text(description, "target") or _text(_inner(arguments, "extra_esptool_args"), "chip")
    return BuildDescription(file_in(folder, app), file_in(folder, elf), chip)


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file of a build, an empty one where there is no file.

    Raises:
        BenchError: what is there is no JSON object.
    """
    if not path.is_file():  # a FIFO would be waited for
        return {}
    try:
        with path.open(encoding="utf-8") as file:
            read = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError) as error:
        raise BenchError(f"{path} cannot be read: {error}", stage=STAGE) from error
    if not isinstance(read, dict):
        raise BenchError(f"{path} is no JSON object", stage=STAGE)
    return read


def file_in(folder: Path, name: str) -> Path:
    """Return a file of a build.

    Raises:
        BenchError: it is not there, or not in the build.
    """
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BenchError(f"{folder} names {name!r}, which is outside of it", stage=STAGE)
    if not path.is_file():
        raise BenchError(f"{folder} has no {name}", stage=STAGE, fix="build it to its end")
    return path


def _inner(values: dict[str, Any], key: str) -> dict[str, Any]:
    inner = values.get(key)
    return inner if isinstance(inner, dict) else {}


def _text(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""
