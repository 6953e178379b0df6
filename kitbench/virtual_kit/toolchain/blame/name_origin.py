"""Whose name it is that a build does not know: the project's to fix, or ESP-IDF's, which the stand-in lacks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kitbench.firmware.esp_idf_index import IDENTIFIERS, Index, Kind, Origin, successors
from kitbench.virtual_kit.toolchain.blame.kit_names import kit_names
from kitbench.virtual_kit.toolchain.project_facts import ProjectFacts

#: Generation → the version of ESP-IDF whose headers decide what comes with what.
_VERSIONS: Final = {"4": "4.4"}
_VERSION: Final = "5.1"
_CURRENT: Final = "5"
#: Headers of esp-aws-iot: a component that a checkout beside the project, or a submodule, brings.
_ESP_AWS_IOT: Final = re.compile(
    r"aws_iot_\w+\.h|core_mqtt\w*\.h|core_json\.h|(?:network|timer|threads|transport)_(?:common_)?interface\.h|jsmn\.h"
)
#: Headers of the common component of ESP-IDF's examples.
_COMMON: Final = re.compile(r"(?:protocol_examples_(?:common|utils|thread_config)|addr_from_stdin)\.h")
_STROKES: Final = re.compile(r"\\+")
#: What the compiler's own headers declare.
_OF_CPP_LIBRARY: Final = re.compile(r"_Z(?:T[ISV])?(?:NK?)?(?:St|S[abdios])|_Z(?:T[ISV])?N10__cxxabiv1")
#: A function that is no member: `_Z14nvs_flash_initv`.
_PLAIN_FUNCTION: Final = re.compile(r"_Z(?P<length>\d{1,3})(?P<rest>\w+)")
#: Of GCC's own library of C++.
_GCC_HEADER: Final = re.compile(r"(?:bits|ext|backward|tr1)/[\w+./]+")
_COMPILER: Final = {
    **dict.fromkeys(("bool", "true", "false"), "stdbool.h"),
    **dict.fromkeys(("NULL", "size_t", "ptrdiff_t", "wchar_t", "offsetof", "max_align_t"), "stddef.h"),
    **dict.fromkeys(("va_list", "va_start", "va_end", "va_arg", "va_copy"), "stdarg.h"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be said of a name; `lacks` is the stand-in's gap, "" where ESP-IDF would refuse it, too."""

    text: str
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class NameOrigin:
    """Looks names up in ESP-IDF's index, in the stand-in and in the project."""

    index: Index
    project: ProjectFacts

    def header(self, name: str) -> Finding:
        """Judge a header that was not found."""
        if found := self.index.find(name, Kind.HEADER):
            return self._old(f"header {name!r}", found) or Finding("", f"header {name}{_component(found[0])}")
        if spelled := self._spelled(name):
            return _other_spelling(name, spelled)
        if _ESP_AWS_IOT.fullmatch(name):
            return Finding("", f"the component esp-aws-iot, which has {name}: --esp-aws-iot brings it")
        if _GCC_HEADER.fullmatch(name):
            return Finding("", f"header {name} of GCC's library")
        if _COMMON.fullmatch(name):
            return Finding("", f"header {name} (component protocol_examples_common)")
        return Finding(f"header {name!r} is neither in the project nor in any ESP-IDF")

    def _spelled(self, name: str) -> str:
        """Return what a header's name means where capitals and strokes are all one."""
        plain = _STROKES.sub("/", name)
        return self.project.header_spelled(plain) or self.index.header_spelled(plain)

    def identifier(self, name: str, included: Iterable[str], source: str) -> Finding:
        """Judge a name that is not declared; `included` are the headers that the file `source` includes."""
        found = self.index.find(name, *IDENTIFIERS)
        headers = [_COMPILER[name]] if name in _COMPILER else [origin.header for origin in found]
        if not headers:
            return Finding(f"{name!r} is declared neither by the project nor by any ESP-IDF")
        if old := self._old(repr(name), found):
            return old
        if name not in _COMPILER and name not in kit_names():
            return Finding("", f"{name} of {headers[0]}{_component(found[0])}")
        if self.brought_along(name, included):
            return Finding("", f"{headers[0]} by way of the headers that {source} includes")
        return Finding(f"{name!r} is declared in {headers[0]}, which {source} does not include")

    def brought_along(self, name: str, included: Iterable[str]) -> str:
        """Return the header that declares a name and comes along with other headers in ESP-IDF; "" for none."""
        found = self.index.find(name, *IDENTIFIERS)
        headers = [_COMPILER[name]] if name in _COMPILER else [origin.header for origin in found]
        version = _VERSIONS.get(self.project.generation, _VERSION)
        brought = self.index.included_by(included, version) if name in _COMPILER or name in kit_names() else ()
        return next((header for header in headers if header in brought), "")

    def member(self, type_names: Iterable[str], name: str) -> Finding:
        """Judge a field that a structure does not have; its type may have several names."""
        types = [type_name for type_name in type_names if not self.project.has_type(type_name)]
        for type_name in types:
            fields = self.index.fields(type_name)
            same = [one for one in fields if one.name == f"{type_name}.{name}"]
            if same and not any(one.is_of(_CURRENT) for one in same):
                return self._old_field(type_name, name, same[0], fields)
            if same:
                return Finding("", f"field {name} of {type_name}")
        if types and not any(self.index.find(one, Kind.TYPE) for one in types) and self.index.has_field(name):
            return Finding("", f"field {name} of {types[0]}")  # of a structure inside another one
        return Finding(f"there is no field {name!r} in {(types or ['the structure'])[0]}, nor in ESP-IDF's")

    def symbol(self, name: str) -> Finding:
        """Judge a function or variable that nothing defines."""
        if name.startswith("_binary_"):
            return Finding(f"no file of the project is embedded as {name!r}")
        if name.startswith("_Z"):
            return self._cpp_symbol(name)
        found = self.index.find(name, Kind.FUNCTION, Kind.VARIABLE)
        if not found and name.startswith("_"):
            return Finding("", f"what linker and compiler define: {name}")
        if not found:
            return Finding(f"{name!r} is defined neither by the project nor by any ESP-IDF")
        return self._old(repr(name), found) or Finding("", f"{name}() of {found[0].header}{_component(found[0])}")

    def _cpp_symbol(self, mangled: str) -> Finding:
        """Judge a function of C++ that nothing defines, by its name in the linker's form."""
        if _OF_CPP_LIBRARY.match(mangled):
            return Finding("", f"what C++'s library has: {mangled[:80]}")
        plain = _PLAIN_FUNCTION.match(mangled)
        name = plain["rest"][: int(plain["length"])] if plain else mangled
        if plain and self.index.find(name, Kind.FUNCTION):
            return Finding("", f"{name}() from C++")
        return Finding(f'{name[:80]!r} is declared and defined nowhere; one of a C file needs extern "C"')

    def _old(self, what: str, found: Iterable[Origin]) -> Finding | None:
        """Judge a name that ESP-IDF 5 has no more; None for one that it has, or has in the project's own words."""
        origins = list(found)
        name = origins[0].name if origins else ""
        if name not in successors.OLD_FREERTOS and (not origins or any(one.is_of(_CURRENT) for one in origins)):
            return None
        if self.project.generation == "4":
            return Finding("", f"ESP-IDF 4, which the project is for: {name}")
        successor = successors.SUCCESSORS.get(name) or successors.OLD_FREERTOS.get(name)
        instead = f"it is {successor}" if successor else "there is none"
        return Finding(f"{what} is of ESP-IDF 4; in ESP-IDF 5 {instead}")

    def _old_field(self, type_name: str, name: str, origin: Origin, fields: Iterable[Origin]) -> Finding:
        if self.project.generation == "4":
            return Finding("", f"ESP-IDF 4, which the project is for: {origin.name}")
        moved = [one.name for one in fields if one.is_of(_CURRENT) and one.name.endswith(f".{name}")]
        successor = successors.FIELDS.get(origin.name) or (moved[0].removeprefix(type_name) if moved else "")
        instead = f"it is {successor}" if successor else "there is none"
        return Finding(f"field .{name} of {type_name} is of ESP-IDF 4; in ESP-IDF 5 {instead}")


def _other_spelling(name: str, spelled: str) -> Finding:
    """Judge a header that is there in capitals or strokes of its own, or just the same, where nobody looks."""
    if f"/{spelled}".endswith(f"/{name}"):
        return Finding(f"header {name!r} is {spelled}, whose folder is not among the INCLUDE_DIRS")
    return Finding("", f"a file system that finds {spelled} as {name}, as on Windows and macOS")


def _component(origin: Origin) -> str:
    # In 5.3 the component driver was split up.
    component = "driver" if origin.component.startswith("esp_driver_") else origin.component
    return f" (component {component})"
