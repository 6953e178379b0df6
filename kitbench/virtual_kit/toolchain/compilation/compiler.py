"""Compiles one file of C or C++ after the other, confined to what it may see, and judges what it has read.

Four layers, each of which would do: the compiler's own view of files (`virtual_files`), inline assembly switched off,
the kernel's confinement (`confinement`), and at the end the compiler's list of the files it opened.
"""

import hashlib
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError, KitError
from kitbench.firmware import sdkconfig
from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.toolchain import zig
from kitbench.virtual_kit.toolchain.blame.refusal import Refusal, Source
from kitbench.virtual_kit.toolchain.compilation.compiler_warnings import format_errors, warning_flags
from kitbench.virtual_kit.toolchain.compilation.cpp import cpp_flags
from kitbench.virtual_kit.toolchain.compilation.object_cache import Dependency, ObjectCache, key_of
from kitbench.virtual_kit.toolchain.compilation.virtual_files import overlay_text
from kitbench.virtual_kit.toolchain.compiler_output import first_error
from kitbench.virtual_kit.toolchain.confinement import Confinement
from kitbench.virtual_kit.toolchain.languages import CPP_SUFFIXES
from kitbench.virtual_kit.toolchain.project_facts import ProjectFacts
from kitbench.virtual_kit.toolchain.requirements.hidden_header import hidden_header
from kitbench.virtual_kit.toolchain.requirements.inclusion import FLAGS as LIST_INCLUSIONS
from kitbench.virtual_kit.toolchain.requirements.visibility import Visibility

#: Inline assembly could name any file (`.incbin`), and has no meaning for another processor.
_NO_ASSEMBLY: Final = "-fno-gnu-inline-asm"
_SECRET_MARK: Final = b"PRIVATE KEY"
#: Headers that are put before a file.
_MOST_BROUGHT: Final = 16
_DEPENDENCY: Final = re.compile(r"(?:[^\s\\]|\\.)+")


@dataclass(frozen=True, slots=True)
class Unit:
    """One file to compile.

    Attributes:
        source: absolute path below the root.
        shown: how messages name it.
        include_dirs: `-I`, in order.
        definitions: `-D`.
        options: the project's `-W…`, in order.
        trusted: our own file: may use assembly, and is not judged.
        visibility: what its component requires; None for everything.
        settings: all that it sees of `sdkconfig.h`, where that is known; None for a file that may name any symbol.
    """

    source: Path
    shown: str
    include_dirs: tuple[Path, ...] = ()
    definitions: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    trusted: bool = False
    visibility: Visibility | None = None
    settings: bytes | None = None

    @property
    def sees(self) -> str:
        """What its component sees, as a text that changes when that does."""
        names = self.visibility.names if self.visibility else None
        return "everything" if names is None else " ".join(sorted(names))


@dataclass(frozen=True, slots=True)
class CompilerRules:
    """How a generation of ESP-IDF compiles a project's files.

    Attributes:
        flags: its types and folders of headers.
        warnings_are_errors: as far as the configuration leaves them on.
        version: of ESP-IDF, as ``"4.4"``.
        cpp_standard: the edition of C++.
    """

    flags: tuple[str, ...] = ()
    warnings_are_errors: bool = True
    version: str = "5.1"
    cpp_standard: str = "gnu++2b"


@dataclass(slots=True)
class Compiler:
    """Compiles units into objects.

    Attributes:
        root: the private copy; with the shims and the compiler's headers all that exists.
        scratch: private folder for objects and dependency lists.
        confinement: what the compiler may touch.
        cache: where unchanged objects come from; None: everything is compiled.
        identity_files: files of this run's identity; what was made from one is never cached.
        deadline: `time.monotonic()` at which the build ends.
        rules: how strict it is with the project's own files.
        facts: what the project says of itself, beside what stands in `root`.
        compiled: the units that were really compiled, as messages show them.
    """

    root: Path
    scratch: Path
    confinement: Confinement
    cache: ObjectCache | None
    identity_files: frozenset[Path]
    deadline: float
    rules: CompilerRules = CompilerRules()
    facts: ProjectFacts | None = None
    compiled: list[str] = field(default_factory=list)
    _hashes: dict[str, str | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def compile(self, unit: Unit, number: int) -> Path:
        """Return the unit's object, from the cache or made anew.

        Raises:
            KitError: ESP-IDF would not compile it, either, or it reached for a file outside.
            GapError: the stand-in lacks what it uses.
        """
        if (kept := self.kept(unit, number)) is not None:
            return kept
        made = self._made(number)
        self._keep(unit, made, self._run(unit, self._flags(unit), made))
        return made

    def kept(self, unit: Unit, number: int) -> Path | None:
        """Return the unit's object from the cache, None where it has none."""
        found = self.cache.find(self._key(unit), self._hash_of_name) if self.cache else None
        if found is None:
            return None
        self._made(number).write_bytes(found)
        return self._made(number)

    def compile_together(self, units: Sequence[tuple[Unit, int]]) -> list[Path]:
        """Compile trusted units of C with one start of the compiler, whose flags are those of the first.

        Returns:
            Their objects in that order; none where one of them does not compile: `compile` says why.
        """
        folder = self.scratch / f"together-{units[0][1]:04d}"
        folder.mkdir()
        sources = [str(unit.source) for unit, _ in units]
        command = [*self._command(self._flags(units[0][0]), folder / "view.vfs"), "-MD", "-MT", "object", "-c"]
        result = self.confinement.run([*command, *sources], folder=folder, timeout_s=self.remaining_s())
        if result.status != 0:
            return []
        for unit, number in units:
            listing = (folder / unit.source.with_suffix(".d").name).read_text("utf-8", "replace")
            dependencies = parse_dependencies(listing, unit.source.parent)
            self._refuse_foreign(unit, dependencies)
            (folder / unit.source.with_suffix(".o").name).replace(self._made(number))
            self._keep(unit, self._made(number), dependencies)
        return [self._made(number) for _, number in units]

    def remaining_s(self) -> float:
        """Return the seconds left of the whole build."""
        return self.deadline - time.monotonic()

    def _made(self, number: int) -> Path:
        return self.scratch / f"{number:04d}.o"

    def _key(self, unit: Unit) -> str:
        portable = self._portable(self._flags(unit))
        seen = () if unit.settings is None else (unit.settings,)
        return key_of(zig.version(), *portable, unit.sees, unit.shown, unit.source.read_bytes(), *seen)

    def _keep(self, unit: Unit, made: Path, dependencies: Sequence[Path]) -> None:
        with self._lock:
            self.compiled.append(unit.shown)
        if self.cache and not self._is_secret(dependencies):
            # What is known to be seen of the project is part of the key.
            own = [path for path in dependencies if unit.settings is None or not path.is_relative_to(self.root)]
            listed = [Dependency(name, self._hash_of_name(name) or "") for name in map(self._name, own)]
            self.cache.store(self._key(unit), made.read_bytes(), listed)

    def _flags(self, unit: Unit) -> list[str]:
        folders = [f"-I{folder}" for folder in unit.include_dirs]
        judged = (_NO_ASSEMBLY, *warning_flags(unit.options, are_errors=self.rules.warnings_are_errors))
        guards = ("-w",) if unit.trusted else (*judged, *self.rules.flags, *esp_idf.APP_FLAGS)
        return [
            *guards,
            *(f"-D{definition}" for definition in unit.definitions),
            *folders,
            *self._language_flags(unit),
            # __FILE__ and debug information tell no path of this machine.
            f"-ffile-prefix-map={self.root}/=./",
            f"-ffile-prefix-map={esp_idf.include_dir().parent}/=esp_idf/",
        ]

    def _language_flags(self, unit: Unit) -> tuple[str, ...]:
        if unit.source.suffix in CPP_SUFFIXES:
            return cpp_flags(self.rules.cpp_standard)
        return zig.compile_flags()

    def _run(self, unit: Unit, flags: Sequence[str], made: Path) -> tuple[Path, ...]:
        listing = made.with_suffix(".d")
        compiler = self._command(flags, made.with_suffix(".vfs"))
        command = [*compiler, "-MD", "-MF", str(listing), "-MT", "object", "-c", str(unit.source), "-o", str(made)]
        self._run_judged(unit, command, made)
        if not listing.is_file():
            # Clang 22 says nothing of an #embed that it cannot open, and writes no list.
            raise KitError(f"{unit.shown}: embeds a file that is not part of the project", stage="build")
        dependencies = parse_dependencies(listing.read_text("utf-8", "replace"), unit.source.parent)
        self._refuse_foreign(unit, dependencies)
        self._refuse_hidden(unit, compiler, dependencies)
        return dependencies

    def _command(self, flags: Sequence[str], view: Path) -> list[str]:
        view.write_text(overlay_text(self._visible()))
        return [zig.program(), "clang", *flags, "-Xclang", "-ivfsoverlay", "-Xclang", str(view)]

    def _run_judged(self, unit: Unit, command: list[str], made: Path, brought: frozenset[str] = frozenset()) -> None:
        """Run the compiler; a header that ESP-IDF's headers bring along, and the stand-in's do not, is put before."""
        result = self.confinement.run(command, folder=unit.source.parent, timeout_s=self.remaining_s())
        refused = result.status != 0 or not made.is_file()
        errors = format_errors(result.output, unit.options, are_errors=self.rules.warnings_are_errors)
        if not refused and (not errors or unit.trusted):
            return
        said = result.output if refused else errors
        source = Source(unit.source, unit.shown, unit.include_dirs, unit.visibility)
        refusal = Refusal(self.facts or ProjectFacts(self.root))
        header = "" if unit.trusted else refusal.brought_along(said, source)
        if not header or header in brought or len(brought) == _MOST_BROUGHT:
            raise refusal.of_compile(said, result.status or 1, source)
        self._run_judged(unit, [*command, "-include", header], made, brought | {header})

    def _visible(self) -> tuple[Path, ...]:
        return (self.root, esp_idf.include_dir().parent, zig.library_folder())

    def _refuse_foreign(self, unit: Unit, dependencies: Sequence[Path]) -> None:
        roots = [folder.resolve() for folder in self._visible()]
        for path in dependencies:
            if not any(path.resolve().is_relative_to(root) for root in roots):
                raise KitError(f"{unit.shown}: reads {path.name!r}, which is not part of the project", stage="build")

    def _refuse_hidden(self, unit: Unit, compiler: Sequence[str], dependencies: Sequence[Path]) -> None:
        if unit.visibility is None or unit.visibility.names is None:
            return

        def listing() -> str:
            command = [*compiler, *LIST_INCLUSIONS, str(unit.source)]
            return self.confinement.run(command, folder=unit.source.parent, timeout_s=self.remaining_s()).output

        own = [path for path in dependencies if path.is_relative_to(self.root)]
        if hidden := hidden_header(unit.visibility, unit.source, own, listing):
            place = f"{hidden.file.resolve().relative_to(self.root.resolve())}:{hidden.line}"
            raise KitError(f"{place}: {hidden.text}", stage="build")

    def _is_secret(self, dependencies: Sequence[Path]) -> bool:
        """Whether the object may hold a private key: made from a file of the identity, or from one with a key."""
        own = [path for path in dependencies if path.is_relative_to(self.root)]
        return any(path in self.identity_files or _SECRET_MARK in path.read_bytes() for path in own)

    def _name(self, path: Path) -> str:
        return f"./{path.relative_to(self.root)}" if path.is_relative_to(self.root) else str(path)

    def _hash_of_name(self, name: str) -> str | None:
        # The shims ask for thousands of names: no path is made of one that is known.
        if name not in self._hashes:
            path = self.root / name[2:] if name.startswith("./") else Path(name)
            self._hashes[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
        return self._hashes[name]

    def _portable(self, flags: Sequence[str]) -> list[str]:
        return [flag.replace(str(self.root), ".") for flag in flags]


def parse_dependencies(listing: str, folder: Path) -> tuple[Path, ...]:
    """Return the files of a make rule as `-MD` writes it; relative ones are relative to `folder`."""
    _, _, files = listing.replace("\\\n", " ").partition(":")
    names = [re.sub(r"\\(.)", r"\1", match[0]).replace("$$", "$") for match in _DEPENDENCY.finditer(files)]
    return tuple(folder / name for name in names)


def assemble(confinement: Confinement, source: Path, made: Path, *, timeout_s: float) -> None:
    """Assemble one of our own generated files.

    Raises:
        BenchError: the assembler refused it.
    """
    command = [zig.program(), "clang", *zig.assemble_flags(), "-c", str(source), "-o", str(made)]
    result = confinement.run(command, folder=source.parent, timeout_s=timeout_s)
    if result.status != 0:
        raise BenchError(f"cannot assemble {source.name}: {first_error(result.output)}", stage="build")


#: Reports progress: what is being done, how far of how much.
Progress = Callable[[str, int, int], None]


def no_progress(what: str, done: int, total: int) -> None:
    """Take a step of progress and show it nowhere."""


def sdkconfig_header(values: Mapping[str, str]) -> bytes:
    """Return `sdkconfig.h`: a definition for each symbol that is set; values as C writes them."""
    lines = [f"#define CONFIG_{name} {value}" for name, value in values.items()]
    return sdkconfig.encode("\n".join(["/* Generated by kitbench build. */", "#pragma once", *lines, ""]))
