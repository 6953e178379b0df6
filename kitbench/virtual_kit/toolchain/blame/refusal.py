"""Whose fault it is that a project does not build: the student's only where ESP-IDF itself would refuse, too."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError, GapError, KitError
from kitbench.firmware.esp_idf_index import Kind, esp_idf_index
from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.toolchain import zig
from kitbench.virtual_kit.toolchain.blame.cpp_names import standard_name
from kitbench.virtual_kit.toolchain.blame.gcc_only import only_gcc_takes
from kitbench.virtual_kit.toolchain.blame.kit_names import kit_names
from kitbench.virtual_kit.toolchain.blame.name_origin import Finding, NameOrigin
from kitbench.virtual_kit.toolchain.blame.tool_failure import tool_failure
from kitbench.virtual_kit.toolchain.compiler_output import (
    Diagnostic,
    clean,
    diagnostics,
    first_error,
    shown,
    undefined_symbols,
)
from kitbench.virtual_kit.toolchain.project_facts import OF_ESP_IDF_4, ProjectFacts
from kitbench.virtual_kit.toolchain.requirements.visibility import Visibility

#: How messages name the shims' sources.
SHIM_PREFIX: Final = "esp_idf/"

#: A warning that is an error: the line is C, and nothing is missing in it.
_WARNING: Final = re.compile(r"\[-W[^\]]*\]$")
_HEADER: Final = re.compile(r"'(?P<name>[^']+)' file not found")
_IDENTIFIER: Final = re.compile(
    r"call to undeclared (?:library )?function '(?P<a>\w+)'|undeclared identifier '(?P<b>\w+)'"
    r"|unknown type name '(?P<c>\w+)'|incomplete (?:definition of )?type '(?:const |struct |union |enum )*(?P<d>\w+)'"
)
_MEMBER: Final = re.compile(
    r"no member named '(?P<a>\w+)' in '(?P<x>[^']+)'"
    r"|field designator '(?P<b>\w+)' does not refer to any field in type '(?P<y>[^']+)'(?: \(aka '(?P<z>[^']+)'\))?"
)
_CLASH: Final = re.compile(r"(?:redefinition of|conflicting types for|declaration of) '(?P<name>\w+)'")
#: `#error` and its like, whose words are no names.
_NO_CODE: Final = re.compile(r"\s*#(?!\s*(?:el)?if)|\s*(?:_Static_assert|static_assert)\b")
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_QUALIFIERS: Final = frozenset(("const", "volatile", "struct", "union", "enum"))
_DUPLICATE: Final = re.compile(r"wasm-ld: error: duplicate symbol: (?P<name>\S+)(?P<places>(?:\n>>> [^\n]*)*)")
_MEMORY: Final = re.compile(r"initial memory too small, (?P<bytes>\d+) bytes needed")
#: The largest flash of a module, and a megabyte for what is ours: variables and constants beyond it fit nowhere.
_NO_CHIP_HAS: Final = (16 + 1) << 20
_MISMATCH: Final = re.compile(r"function signature mismatch: (?P<name>\S+)")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was compiled.

    Attributes:
        path: where it is.
        shown: how messages name it.
        include_dirs: where its own headers are looked for.
        visibility: what its component requires; None for everything.
    """

    path: Path
    shown: str
    include_dirs: tuple[Path, ...] = ()
    visibility: Visibility | None = None


class Refusal:
    """Judges what compiler and linker say of one project."""

    def __init__(self, project: ProjectFacts) -> None:
        """Take the project."""
        self._project = project
        self._roots = (project.root, esp_idf.include_dir(), *zig.header_folders())

    @cached_property
    def _names(self) -> NameOrigin:
        """What ESP-IDF calls things: its index is read only where something is refused."""
        return NameOrigin(esp_idf_index(), self._project)

    def of_compile(self, output: str, status: int, source: Source) -> KitError | BenchError:
        """Return the error for a source that did not compile: its first, as later ones may follow from it.

        Args:
            output: what the compiler said.
            status: its exit status, negative for a signal.
            source: the file.
        """
        if found := diagnostics(output):
            place = f"{shown(found[0].file, self._roots)}:{found[0].line}"
            finding = self._judge(found[0], source)
            return GapError(finding.lacks, where=place) if finding.lacks else _students(f"{place}: {finding.text}")
        text = first_error(output)
        if lacks := only_gcc_takes(text or output):
            return GapError(lacks, where=source.shown)
        return tool_failure("the compiler", source.shown, output, status)

    def brought_along(self, output: str, source: Source) -> str:
        """Return the header that the source would see by way of others, were they ESP-IDF's; "" for none."""
        found = diagnostics(output)
        name = _IDENTIFIER.search(found[0].text) if found else None
        if name is None:
            return ""
        return self._names.brought_along(_first_group(name), self._project.headers_of(source.path, source.include_dirs))

    def _judge(self, diagnostic: Diagnostic, source: Source) -> Finding:
        text = diagnostic.text
        if found := _HEADER.search(text):
            return self._judge_header(clean(found["name"]), Path(diagnostic.file), source)
        if lacks := only_gcc_takes(text, diagnostic.code):
            return Finding("", lacks)
        if name := standard_name(text, diagnostic.code):
            return Finding("", f"std::{name} (C++)")
        if not self._is_of_project(diagnostic.file):
            return Finding("", f"what {Path(diagnostic.file).name} of ESP-IDF has: {clean(text)}")
        return self._judge_name(text, source) or self._judge_rest(diagnostic)

    def _judge_header(self, name: str, file: Path, source: Source) -> Finding:
        """Judge a header that was not found; one of a component that is not required is not found, either."""
        visibility = source.visibility
        if visibility and (owner := visibility.hidden_of_project(name) or visibility.hidden_of_esp_idf(name)):
            return Finding(visibility.refusal(name, owner, source.path.parent / file))
        return self._names.header(name)

    def _judge_name(self, text: str, source: Source) -> Finding | None:
        if found := _IDENTIFIER.search(text):
            included = self._project.headers_of(source.path, source.include_dirs)
            return self._names.identifier(_first_group(found), included, source.shown)
        if found := _MEMBER.search(text):
            types = [word for part in (found["x"], found["y"], found["z"]) for word in _WORD.findall(part or "")]
            return self._names.member([word for word in types if word not in _QUALIFIERS], found["a"] or found["b"])
        return None

    def _judge_rest(self, diagnostic: Diagnostic) -> Finding:
        if _WARNING.search(diagnostic.text):
            return Finding(clean(diagnostic.text))
        if lacks := self._clash(diagnostic) or self._lacking_macro(diagnostic.code):
            return Finding("", lacks)
        return Finding(clean(diagnostic.text))

    def _is_of_project(self, file: str) -> bool:
        """Whether the project wrote what the compiler refuses; relative names are the project's."""
        return not file.startswith("/") or Path(file).is_relative_to(self._project.root)

    def _clash(self, diagnostic: Diagnostic) -> str:
        """Return what a name of the project collides with, where it is the stand-in's own and not ESP-IDF's."""
        found = _CLASH.search(diagnostic.text)
        if found is None or all(self._is_of_project(file) for file in diagnostic.note_files):
            return ""
        name = found["name"]
        is_known = bool(esp_idf_index().find(name, Kind.FUNCTION, Kind.TYPE, Kind.ENUMERATOR, Kind.VARIABLE))
        return "" if is_known else f"room for the project's own {name}"

    def _lacking_macro(self, code: str) -> str:
        """Return a macro of ESP-IDF in a line that does not parse: without it the line is no C."""
        if _NO_CODE.match(code):
            return ""
        for word in dict.fromkeys(_WORD.findall(code[:400])):
            found = esp_idf_index().find(word, Kind.MACRO) if word not in kit_names() else ()
            if any(origin.is_of("5") for origin in found):
                return f"{word} of {found[0].header}"
        return ""

    def of_link(self, output: str, objects: Mapping[str, str], status: int = 1) -> KitError | BenchError:
        """Return the error for an app that did not link.

        Args:
            output: what the linker said.
            objects: object file, as the linker was given it → source file as messages show it.
            status: its exit status, negative for a signal.
        """
        undefined = list(undefined_symbols(output))
        errors = [self._undefined(name, objects.get(made, "")) for made, name in undefined]
        if decisive := next((error for error in errors if isinstance(error, KitError)), next(iter(errors), None)):
            return decisive
        if found := _DUPLICATE.search(output):
            name, places = clean(found["name"]), found["places"]
            theirs = [made for made, source in objects.items() if made in places and not source.startswith(SHIM_PREFIX)]
            if len(theirs) > 1 or not places:
                return _students(f"{name!r} is defined twice in the project")
            return GapError(f"room for the project's own {name}()")
        if found := _MISMATCH.search(output):
            name = clean(found["name"])
            return GapError(f"functions that are declared one way and defined another: {name}()")
        if found := _MEMORY.search(output):
            return _no_room(int(found["bytes"]))
        return tool_failure("the linker", "the app", output, status)

    def _undefined(self, name: str, source: str) -> KitError | BenchError:
        if name == "app_main":
            return _students("the project has no function app_main()")
        if not source or source.startswith(SHIM_PREFIX):
            return BenchError(f"{source or 'the C library'} needs {name!r}, which nothing defines", stage="build")
        finding = self._names.symbol(name)
        return GapError(finding.lacks, where=source) if finding.lacks else _students(f"{source}: {finding.text}")


def _first_group(found: re.Match[str]) -> str:
    return next(group for group in found.groups() if group)


def _no_room(size: int) -> KitError | GapError:
    """Return the error for constants and variables of `size` bytes, the stand-in's own among them."""
    if size > _NO_CHIP_HAS:
        return _students(f"the project's constants and variables take {size} bytes, more than any kit's flash has")
    return GapError(f"room for the app's data: {size} bytes of constants and variables")


def _students(message: str) -> KitError:
    return KitError(message, stage="build", fix=OF_ESP_IDF_4 if " is of ESP-IDF 4;" in message else "")
