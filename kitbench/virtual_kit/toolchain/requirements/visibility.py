"""What one component of a project sees: itself, what every component sees, and what it requires.

Source: ESP-IDF, API guides, "Build System", "Component Requirements"; `tools/cmake/project.cmake` for `main`, which
requires every component where it names none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kitbench.firmware.esp_idf_index import Index, Kind, esp_idf_index
from kitbench.virtual_kit.toolchain.project.component import Component
from kitbench.virtual_kit.toolchain.requirements.esp_idf_components import ESP_IDF_COMPONENTS

_MAIN: Final = "main"
#: ESP-IDF 5.3 split the component driver up.
_PARTS_OF_DRIVER: Final = "esp_driver_"
#: Headers that neither the project nor ESP-IDF's components have: ESP-IDF's examples share them.
_COMMON_HEADERS: Final = {"protocol_examples_common.h": "protocol_examples_common"}


@dataclass(frozen=True, slots=True)
class Visibility:
    """The components that one component sees.

    Attributes:
        component: which one it is.
        names: what it sees; None for everything.
        version: of ESP-IDF, ``"4.4"`` or ``"5.1"``.
        project: the project's components by name.
    """

    component: str
    names: frozenset[str] | None
    version: str
    project: Mapping[str, Component] = field(default_factory=dict)

    def sees(self, component: str) -> bool:
        """Whether the headers of a component are seen."""
        return self.names is None or component in self.names

    def hidden_of_esp_idf(self, header: str) -> str:
        """Return the component of ESP-IDF whose header it is and that is not seen; "" where there is none."""
        if self.names is None:
            return ""
        if owner := _COMMON_HEADERS.get(header):
            return "" if owner in self.names else owner
        owners = _owners(esp_idf_index(), header, self.version)
        return "" if not owners or self.names.intersection(owners) else owners[0]

    def hidden_of_project(self, header: str) -> str:
        """Return the component of the project that has the header and is not seen; "" where there is none."""
        hidden = [item for name, item in self.project.items() if not self.sees(name)]
        having = (item.name for item in hidden if any((place / header).is_file() for place in item.include_dirs))
        return next(having, "")

    def refusal(self, header: str, owner: str, file: Path) -> str:
        """Return what ESP-IDF says of a header of a component that is not required.

        Args:
            header: as it is included.
            owner: the component that has it.
            file: of the project, which includes it.
        """
        homes = [item for item in self.project.values() if file.is_relative_to(item.folder)]
        includer = max(homes, key=lambda item: len(item.folder.parts)).name if homes else self.component
        where = f"{includer}'s idf_component_register()"
        if includer == self.component:
            fix = f"add {owner} to PRIV_REQUIRES in {where}"
        elif owner in self.project[includer].private_requires:
            return f"header {header!r} is of component {owner}: move it from PRIV_REQUIRES to REQUIRES in {where}"
        else:
            fix = f"add {owner} to REQUIRES in {where}"
        return f"header {header!r} is of component {owner}, which {includer} does not require: {fix}"


def _owners(index: Index, header: str, version: str) -> tuple[str, ...]:
    """Return the components that have a header in a version; empty where the C library has it, or nobody.

    The index knows a header by the component that had it last: one that the version does not have is not taken.
    """
    found = [_plain(origin.component) for origin in index.find(header, Kind.HEADER) if version in origin.versions]
    is_clear = all(any(version in one.versions for one in index.find(name, Kind.COMPONENT)) for name in found)
    return tuple(found) if is_clear else ()


def visibility_of(
    component: Component, components: Iterable[Component], version: str, *, sees_all: bool = False
) -> Visibility:
    """Return what a component sees.

    Args:
        component: of the project.
        components: all of the project.
        version: of ESP-IDF, ``"4.4"`` or ``"5.1"``.
        sees_all: it is the main component of a build system that shows it everything.
    """
    others = {item.name: item for item in components if not item.is_executable}
    requires = {name: frozenset([*item.requires, *item.public_links]) for name, item in others.items()}
    is_main = component.name == _MAIN and not component.requires and not component.private_requires
    if sees_all or is_main or component.is_executable:
        return Visibility(component.name, None, version, others)
    own = {component.name, *component.requires, *component.private_requires, *component.links, *component.public_links}
    names = _with_public_ones(own, requires, version)
    return Visibility(component.name, names, version, others)


def _with_public_ones(own: Iterable[str], requires: Mapping[str, frozenset[str]], version: str) -> frozenset[str]:
    esp_idf = ESP_IDF_COMPONENTS[version]
    waiting, seen = [*own, *esp_idf.common], set[str]()
    while waiting:
        name = _plain(waiting.pop())
        if name not in seen:
            seen.add(name)
            waiting += requires.get(name, esp_idf.requires.get(name, ()))
            # A managed component is known by its name without the namespace, too.
            waiting += [other for other in requires if is_same(other, name)]
    return frozenset(seen)


def _plain(name: str) -> str:
    return "driver" if name.startswith(_PARTS_OF_DRIVER) else name


def is_same(one: str, other: str) -> bool:
    """Whether two names are of one component, with its namespace and without."""
    return one == other or one.endswith(f"__{other}") or other.endswith(f"__{one}")
