"""Where the parts of a submission are, whatever folders are around them; each guess is said. Names only, no content."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from kitbench.rule_and_table import RULE_FILE, TABLE_FILE

from ..variant import Variant
from .dump_lab import ALTERED_FILE

ANSWERS_FILE: Final = "answers.toml"
CERTIFICATE_FILE: Final = "certificate.pem.crt"
PROJECT_FILE: Final = "CMakeLists.txt"
#: PlatformIO's, of a project that may have no other.
_PLATFORMIO_FILE: Final = "platformio.ini"
SDKCONFIG: Final = "sdkconfig"
#: Sizes of the flash chips that ESP32 modules carry, in bytes.
FLASH_SIZES: Final = tuple(megabytes << 20 for megabytes in (1, 2, 4, 8, 16))
_CERTIFICATE_NAME: Final = re.compile(r"cert|\.(crt|pem|cer|der|p7b|p7c|p7s|spc)(\.txt)?$")
_SECURE_ELEMENT: Final = re.compile(r"atecc|ecc608|608a?|secure.?element")
_ANSWERS: Final = re.compile(r"answers?[^/]*\.(toml|txt)")
_MOST_CERTIFICATES: Final = 60
#: What people call what they do not mean.
_SPARE: Final = re.compile(r"old|backup|back_up|copy|bak|orig|previous|first|test|example|template|demo|tmp|temp|draft")

_TOP: Final = PurePosixPath()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are, relative to the unpacked folder; what is nowhere is not there.

    Attributes:
        certificates: files that may hold the certificate, the likeliest first.
        guesses: remarks on what was found elsewhere than asked for.
        other_files: rule.json, table.json and altered.bin, by these names.
        sdkconfigs: files of this name outside of the projects.
    """

    answers: PurePosixPath | None
    certificates: tuple[PurePosixPath, ...]
    projects: Mapping[Variant, PurePosixPath]
    dumps: Mapping[Variant, PurePosixPath]
    guesses: tuple[str, ...] = ()
    other_files: Mapping[str, PurePosixPath] = field(default_factory=dict)
    sdkconfigs: tuple[PurePosixPath, ...] = ()


@dataclass(slots=True)
class _Search:
    sizes: Mapping[PurePosixPath, int]
    is_project: Callable[[PurePosixPath], bool]
    guesses: list[str] = field(default_factory=list)
    root: PurePosixPath = _TOP
    folders: frozenset[PurePosixPath] = frozenset()
    project_folders: tuple[PurePosixPath, ...] = ()

    def layout(self) -> Layout:
        self.folders = frozenset(parent for path in self.sizes for parent in path.parents)
        self.root = self._root()
        self.project_folders = self._project_folders()
        projects = self._projects()
        answers, certificates, dumps, others = self._answers(), self._certificates(), self._dumps(), self._other_files()
        sdkconfigs = tuple(path for path in self.sizes if path.name == SDKCONFIG and self._is_outside(path, projects))
        return Layout(answers, certificates, projects, dumps, tuple(self.guesses), others, sdkconfigs)

    def _root(self) -> PurePosixPath:
        """Return the folder in which most of what was asked for is; the outermost of equals."""
        asked = {ANSWERS_FILE, CERTIFICATE_FILE, *(variant.dump_file for variant in Variant)}
        asked |= {variant.project_folder for variant in Variant}
        counts = Counter(path.parent for path in [*self.sizes, *self.folders] if path.name in asked)
        best = min(counts, key=lambda folder: (-counts[folder], len(folder.parts), folder), default=_TOP)
        if any(not path.is_relative_to(best) for path in self.sizes):
            self.guesses.append(f"taken for what was handed in: the folder {best}")
        return best

    def _project_folders(self) -> tuple[PurePosixPath, ...]:
        """Return the outermost folders that are projects."""
        found: list[PurePosixPath] = []
        for folder in sorted(self.folders, key=lambda folder: (len(folder.parts), folder)):
            is_within = any(folder.is_relative_to(outer) for outer in found)
            if not is_within and self._is_project_folder(folder):
                found.append(folder)
        return tuple(found)

    def _is_project_folder(self, folder: PurePosixPath) -> bool:
        if folder / _PLATFORMIO_FILE in self.sizes:
            return True
        return folder / PROJECT_FILE in self.sizes and self.is_project(folder / PROJECT_FILE)

    def _projects(self) -> Mapping[Variant, PurePosixPath]:
        found: dict[Variant, PurePosixPath] = {}
        for variant in Variant:
            asked = self.root / variant.project_folder
            within = [folder for folder in self.project_folders if folder.is_relative_to(asked)]
            if asked in within or (asked in self.folders and len(within) != 1):
                found[variant] = asked
            else:
                others = within or [folder for folder in self.project_folders if self._is_free(folder, variant)]
                self._guess(found, variant, others, variant.project_folder)
        return found

    def _is_free(self, folder: PurePosixPath, variant: Variant) -> bool:
        """Whether a project that is elsewhere may be this variant's."""
        asked = [self.root / other.project_folder for other in Variant if other is not variant]
        if any(folder.is_relative_to(other) for other in asked):
            return False
        return _names_secure_element(folder) is (variant is Variant.ATECC608A)

    def _dumps(self) -> Mapping[Variant, PurePosixPath]:
        found: dict[Variant, PurePosixPath] = {}
        whole = [path for path, size in self.sizes.items() if size in FLASH_SIZES and self._may_be_dump(path)]
        for variant in Variant:
            asked = self.root / variant.dump_file
            same = [path for path in self.sizes if path.name.lower() == variant.dump_file]
            if asked in self.sizes:
                found[variant] = asked
            else:
                taken = {self.root / other.dump_file for other in Variant}
                is_chip = variant is Variant.ATECC608A
                others = [path for path in whole if path not in taken and _names_secure_element(path) is is_chip]
                self._guess(found, variant, same or others, variant.dump_file)
        return found

    def _may_be_dump(self, path: PurePosixPath) -> bool:
        is_binary = path.suffix.lower() == ".bin" or not self._is_in_project(path)
        return is_binary and path.name.lower() != ALTERED_FILE

    def _guess(
        self,
        found: dict[Variant, PurePosixPath],
        variant: Variant,
        candidates: Sequence[PurePosixPath],
        asked: str,
    ) -> None:
        if len(candidates) == 1:
            found[variant] = candidates[0]
            self.guesses.append(f"taken for {asked}: {candidates[0]}")
        elif candidates:
            found[variant] = min(candidates, key=lambda path: _spareness(path, asked))
            others = [str(path) for path in candidates if path != found[variant]]
            self.guesses.append(f"taken for {asked}: {found[variant]}; it might have been {', '.join(others[:3])}, too")

    def _answers(self) -> PurePosixPath | None:
        asked = self.root / ANSWERS_FILE
        if asked in self.sizes:
            return asked
        outside = [path for path in self.sizes if not self._is_in_project(path)] or list(self.sizes)
        by_name = [path for path in outside if path.name.lower() == ANSWERS_FILE]
        alike = [path for path in outside if _ANSWERS.fullmatch(path.name.lower())]
        any_toml = [path for path in outside if path.suffix.lower() == ".toml"]
        for candidates in (by_name, alike, any_toml):
            if len(candidates) == 1:
                self.guesses.append(f"taken for {ANSWERS_FILE}: {candidates[0]}")
                return candidates[0]
        return None

    def _certificates(self) -> tuple[PurePosixPath, ...]:
        fitting = [path for path in self.sizes if _CERTIFICATE_NAME.search(path.name.lower())]
        asked = self.root / CERTIFICATE_FILE
        fitting.sort(key=lambda path: (path != asked, path.parent != self.root, "certificate" not in path.name, path))
        return tuple(fitting[:_MOST_CERTIFICATES])

    def _other_files(self) -> Mapping[str, PurePosixPath]:
        """Return where rule, table and altered flash are: as asked for, else where the only file of that name does."""
        found: dict[str, PurePosixPath] = {}
        for name in (RULE_FILE, TABLE_FILE, ALTERED_FILE):
            same = [path for path in self.sizes if path.name.lower() == name]
            if self.root / name in same:
                found[name] = self.root / name
            elif len(same) == 1:
                found[name] = same[0]
                self.guesses.append(f"taken for {name}: {same[0]}")
        return found

    def _is_outside(self, path: PurePosixPath, projects: Mapping[Variant, PurePosixPath]) -> bool:
        return not self._is_in_project(path) and not any(path.is_relative_to(one) for one in projects.values())

    def _is_in_project(self, path: PurePosixPath) -> bool:
        return any(path.is_relative_to(folder) for folder in self.project_folders)


def find_layout(sizes: Mapping[PurePosixPath, int], is_project: Callable[[PurePosixPath], bool]) -> Layout:
    """Return where things are.

    Args:
        sizes: bytes of every file by its path.
        is_project: whether a CMakeLists.txt is that of a project, not of a component.
    """
    return _Search(sizes, is_project).layout()


def _names_secure_element(path: PurePosixPath) -> bool:
    return bool(_SECURE_ELEMENT.search(path.as_posix().lower()))


def _spareness(path: PurePosixPath, asked: str) -> tuple[bool, bool, int, int, PurePosixPath]:
    """Return what orders several that might be meant: what is called old or a copy last, the outermost first."""
    name = path.as_posix().lower()
    return bool(_SPARE.search(name)), asked.split(".", maxsplit=1)[0] not in name, len(path.parts), len(name), path
