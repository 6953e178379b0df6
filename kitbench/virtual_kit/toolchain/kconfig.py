"""A project's configuration: its Kconfig files over those of the virtual kit, its sdkconfig files, the run's values."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from kitbench.errors import GapError, KitError
from kitbench.firmware import sdkconfig
from kitbench.quoting import c
from kitbench.quoting import kconfig as quoting_kconfig
from kitbench.virtual_kit.toolchain import renamed_symbols
from kitbench.virtual_kit.toolchain.cmake.source_tree import inside
from kitbench.virtual_kit.toolchain.confinement import Confinement

_CHILD: Final = Path(__file__).with_name("kconfig_child.py")
_BASE: Final = Path(__file__).with_name("Kconfig")
#: Every spelling that the evaluator knows, the old `gsource` and `grsource` too, behind any blank that it skips.
_SOURCE: Final = re.compile(r"^[^\S\n]*(?P<how>[og]?r?source)\b[^\S\n]*(?P<rest>.*)$", re.MULTILINE)
_QUOTED: Final = re.compile(r"\"([^\"*?\[\]\\]+)\"\s*(#.*)?|'([^'*?\[\]\\]+)'\s*(#.*)?")
_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
#: What of `$IDF_PATH` the projects' Kconfig files may read: written here, with ESP-IDF's symbols.
IDF_FILES: Final = Path(__file__).with_name("idf_path")
_VARIABLE: Final = re.compile(r"\$\{?(IDF_PATH|IDF_TARGET)\b\}?")
_ENVIRONMENT: Final = {"KCONFIG_REPORT_VERBOSITY": "quiet", "IDF_PATH": str(IDF_FILES), "IDF_TARGET": "esp32"}
#: A byte that is no UTF-8, as `surrogateescape` has it, and where it hides.
_PRIVATE_USE: Final = 0x10FE80 - 0xDC80
_BYTE: Final = re.compile("[\udc80-\udcff]")
_HIDDEN_BYTE: Final = re.compile("[\U0010fe80-\U0010feff]")
_MAX_FILES: Final = 100
_MAX_SIZE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Configuration:
    """The values of all symbols.

    Attributes:
        types: symbol → bool, int, hex or string; only of symbols that some Kconfig defines.
        values: symbol → value, unquoted; booleans `y` and `n`.
    """

    types: Mapping[str, str]
    values: Mapping[str, str]

    def get(self, name: str, default: str = "") -> str:
        """Return the symbol's value, without quotes."""
        return self.values.get(name, default)

    def is_set(self, name: str) -> bool:
        """Whether a boolean symbol is `y`."""
        return self.values.get(name) == "y"

    def cmake_variables(self) -> dict[str, str]:
        """Return the `CONFIG_…` variables as CMake files see them: unset booleans do not exist."""
        return {f"CONFIG_{name}": value for name, value in self.values.items() if value != "n"}

    def definitions(self, only: frozenset[str] | None = None) -> dict[str, str]:
        """Return symbol → C value for `sdkconfig.h`; `only` picks symbols."""
        chosen = {name: value for name, value in self.values.items() if only is None or name in only}
        return {
            name: self._c_value(name, value) for name, value in chosen.items() if value != "n" or self._is_text(name)
        }

    def _c_value(self, name: str, value: str) -> str:
        if self._is_text(name):
            return c.string(value)
        return "1" if value == "y" else value

    def _is_text(self, name: str) -> bool:
        kind = self.types.get(name)
        if kind is None:
            return sdkconfig.assignment(name, self.values[name]).endswith('"')
        return kind == "string"

    def text(self) -> str:
        """Return the sdkconfig file."""
        lines = ["#", "# Automatically generated file. DO NOT EDIT.", "# kitbench virtual kit", "#"]
        for name, value in self.values.items():
            quoted = f"CONFIG_{name}={sdkconfig.quote(value)}" if self._is_text(name) else ""
            lines.append(quoted or sdkconfig.assignment(name, value))
        return "\n".join([*lines, ""])

    def to_json(self) -> dict[str, Any]:
        """Return config/sdkconfig.json as ESP-IDF writes it: typed values without the prefix."""
        return {name: self._json_value(name, value) for name, value in self.values.items()}

    def _json_value(self, name: str, value: str) -> str | int | bool:
        if self._is_text(name):
            return value
        if value in {"y", "n"}:
            return value == "y"
        try:
            return int(value, 0)
        except ValueError:
            return value


@dataclass(frozen=True, slots=True)
class ConfigurationJob:
    """What a configuration is made from; every path is inside the private copy.

    Attributes:
        project: the private copy, which nothing may leave.
        esp_idf_kconfigs: Kconfig files of ESP-IDF's common components that the project uses, below `IDF_FILES`.
        kconfigs: Kconfig files of the components, then the Kconfig.projbuild files.
        configs: sdkconfig files that exist, later ones win.
        settings: the run's own values, which win over all.
    """

    project: Path
    kconfigs: Sequence[Path]
    configs: Sequence[Path]
    settings: Mapping[str, str]
    esp_idf_kconfigs: Sequence[str] = ()


def configure(job: ConfigurationJob, confinement: Confinement, *, deadline: float) -> Configuration:
    """Evaluate the Kconfig files with all values.

    Raises:
        KitError: a Kconfig or sdkconfig file cannot be read; names it.
    """
    for file in job.kconfigs:
        _check_sources(file, job)
    carried: dict[str, sdkconfig.Value] = {}
    configs: list[Path] = []
    for number, config in enumerate(job.configs):
        text = renamed_symbols.follow(sdkconfig.decode(config.read_bytes()))
        carried |= _checked(sdkconfig.read(text), config.relative_to(job.project).as_posix())
        configs.append(confinement.scratch / f"sdkconfig.{number}")
        configs[-1].write_text(_hide_bytes(text))
    top = confinement.scratch / "Kconfig.top"
    files = (_BASE, *(IDF_FILES / name for name in job.esp_idf_kconfigs), *job.kconfigs)
    top.write_text("".join(f"source {_quoted(path, job.project)}\n" for path in files))
    answer = _ask_child(replace(job, configs=configs), top, confinement, deadline - time.monotonic())
    symbols: dict[str, list[str]] = answer["symbols"]
    defined = set(answer["defined"])
    # What no Kconfig defines reaches the C code as the sdkconfig has it: ESP-IDF's own symbols, mostly.
    strays = {name: value for name, value in carried.items() if name not in defined}
    unknown: dict[str, str] = {name: _show_bytes(value) for name, value in answer["unknown"].items()}
    return Configuration(
        {name: "string" for name, value in strays.items() if value.is_string}
        | {name: kind for name, (kind, _) in symbols.items()},
        {name: _show_bytes(value) for name, (_, value) in symbols.items()}
        | {name: value.text for name, value in strays.items()}
        | unknown,
    )


def _checked(values: dict[str, sdkconfig.Value], shown: str) -> dict[str, sdkconfig.Value]:
    for name, value in values.items():
        if len(value.text) > 4096:
            raise KitError(f"{shown}: value of CONFIG_{name[:60]} is too long", stage="build")
    return values


def _hide_bytes(text: str) -> str:
    """Return a text with bytes of no encoding as characters of private use: the evaluator reads UTF-8 only."""
    return _BYTE.sub(lambda match: chr(ord(match[0]) + _PRIVATE_USE), text)


def _show_bytes(text: str) -> str:
    return _HIDDEN_BYTE.sub(lambda match: chr(ord(match[0]) - _PRIVATE_USE), text)


def _check_sources(file: Path, job: ConfigurationJob) -> None:
    """Follow every `source` and make sure that it stays in the copy, and that nothing is expanded."""
    waiting, seen = [file], set[Path]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        shown = path.relative_to(job.project).as_posix()
        if len(seen) > _MAX_FILES:
            raise KitError(f"{shown}: more than {_MAX_FILES} Kconfig files", stage="build")
        waiting += _sources_of(path, shown, job)


def _sources_of(path: Path, shown: str, job: ConfigurationJob) -> list[Path]:
    try:
        text = path.read_text("utf-8", "replace").replace("\\\n", "")
    except OSError as error:
        raise KitError(f"{shown}: cannot be read", stage="build") from error
    if len(text) > _MAX_SIZE:
        raise KitError(f"{shown}: larger than {_MAX_SIZE} bytes", stage="build")
    if "$(" in text or "${" in _VARIABLE.sub("", text):
        raise GapError("Kconfig's macros and environment variables", where=shown)
    found: list[Path] = []
    line, counted = 1, 0
    for match in _SOURCE.finditer(text):
        line, counted = line + text.count("\n", counted, match.start()), match.start()
        quoted = _QUOTED.fullmatch(match["rest"].strip())
        if quoted is None and set("$*?[").intersection(match["rest"]):
            raise GapError("Kconfig's patterns and variables in a source", where=f"{shown}:{line}")
        if quoted is None:
            raise KitError(f"{shown}:{line}: {match['how']}: expected a plain file name in quotes", stage="build")
        name = _VARIABLE.sub(_variable, quoted[1] or quoted[3])
        if name.startswith(f"{IDF_FILES}/") and ".." not in name:
            continue
        base = path.parent if "r" in match["how"].removesuffix("source") else job.project
        try:
            target = inside(base, job.project, name)
        except ValueError as error:
            raise KitError(f"{shown}:{line}: {match['how']}: {error}", stage="build") from error
        if target.is_file():
            found.append(target)
    return found


def _variable(match: re.Match[str]) -> str:
    return {"IDF_PATH": str(IDF_FILES), "IDF_TARGET": "esp32"}[match[1]]


def _quoted(path: Path, project: Path) -> str:
    try:
        return quoting_kconfig.quoted(str(path))
    except ValueError as error:
        shown = path.relative_to(project).as_posix()
        raise KitError(f"{shown[:80]!r}: {error}", stage="build") from error


def _ask_child(job: ConfigurationJob, top: Path, confinement: Confinement, timeout_s: float) -> dict[str, Any]:
    order = {
        "kconfig": str(top),
        "configs": [str(path) for path in job.configs],
        "settings": {name: _hide_bytes(value) for name, value in job.settings.items() if _NAME.fullmatch(name)},
    }
    child = replace(confinement, readable=(job.project, _BASE, IDF_FILES, top, *job.configs), writable=())
    answer = child.ask(_CHILD, order, folder=job.project, timeout_s=timeout_s, environment=_ENVIRONMENT)
    if "error" in answer:
        raise KitError(f"Kconfig: {_as_the_project_sees_it(answer['error'], job, top)[:240]}", stage="build")
    return answer


def _as_the_project_sees_it(said: str, job: ConfigurationJob, top: Path) -> str:
    """Return the evaluator's message on one line, without files and advice that mean nothing outside of this build."""
    for ours, theirs in ((f"{job.project}/", ""), (str(_BASE), "the virtual kit's Kconfig")):
        said = said.replace(ours, theirs)
    # The file that sources all others is ours, too, and no macro is expanded that a variable could set.
    said = re.sub(rf"{re.escape(str(top))}:\d+\s*", "", said)
    said = re.sub(r"Check that environment variables.*?(?=Include path:|\Z)", "", said, flags=re.DOTALL)
    return " ".join(said.split())
