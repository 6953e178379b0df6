"""A component of an ESP-IDF project, and the project's executable: what goes into the build."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kitbench.quoting import c


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file that goes into the app as it is; text gets a NUL behind it."""

    path: Path
    is_text: bool
    line: str
    renamed_to: str = ""

    @property
    def symbol(self) -> str:
        """The middle of `_binary_<symbol>_start`."""
        return c.symbol_part(self.renamed_to or self.path.name)


@dataclass(slots=True)
class CompileSettings:
    """Options (`-W…`, in order) and definitions (`NAME` or `NAME=value`) of C files, and folders of headers."""

    options: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    include_dirs: list[Path] = field(default_factory=list)

    def plus(self, other: "CompileSettings") -> "CompileSettings":
        """Return both, these first."""
        return CompileSettings(
            self.options + other.options,
            self.definitions + other.definitions,
            self.include_dirs + other.include_dirs,
        )


@dataclass(slots=True)
class Component:
    """Everything the build needs of a component; paths are absolute and inside the private copy.

    The project's file may add to a component after it was read, as CMake's targets allow.

    Attributes:
        private: settings of its own files; `private.include_dirs` are its PRIV_INCLUDE_DIRS.
        public: settings of its own files and of the components that see it.
        of_source: settings of single files.
        requires: components that its headers need, and that its users see, too.
        private_requires: components that only its own files need.
        links: components that its library is linked with, beside those that it requires.
        public_links: those of them that its users see, too.
        is_registered: whether its CMakeLists.txt has registered it.
        is_executable: the project's executable, which has embedded files only.
    """

    name: str
    folder: Path
    sources: list[Path] = field(default_factory=list)
    private: CompileSettings = field(default_factory=CompileSettings)
    public: CompileSettings = field(default_factory=CompileSettings)
    of_source: dict[Path, CompileSettings] = field(default_factory=dict)
    embedded: list[EmbeddedFile] = field(default_factory=list)
    requires: list[str] = field(default_factory=list)
    private_requires: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    public_links: list[str] = field(default_factory=list)
    is_registered: bool = False
    is_executable: bool = False

    @property
    def include_dirs(self) -> tuple[Path, ...]:
        """The folders of headers that its users see."""
        return tuple(dict.fromkeys(self.public.include_dirs))

    @property
    def target(self) -> str:
        """The name of its library, or of the executable, in CMake."""
        return self.name if self.is_executable else f"__idf_{self.name}"


class Targets:
    """The project's components and its executable, by any name that CMake has for them."""

    def __init__(self) -> None:
        """Start with no target."""
        self._components: dict[str, Component] = {}

    def __iter__(self) -> Iterator[Component]:
        yield from self._components.values()

    def add(self, component: Component) -> None:
        """Make a component known."""
        self._components[component.name] = component

    def find(self, target: str) -> Component | None:
        """Return the component of a target's or alias' name."""
        return next((item for item in self if target in {item.target, item.target.replace("__idf_", "idf::")}), None)

    def of_component(self, name: str) -> Component | None:
        """Return the component of a name."""
        return self._components.get(name)


def component_name(target: str) -> str:
    """Return the component's name in a target's or alias' name."""
    return target.removeprefix("__idf_").removeprefix("idf::")
