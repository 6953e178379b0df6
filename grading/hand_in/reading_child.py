"""Unpacks and reads one submission in a confined process: order as JSON on standard input, a line of JSON per step.

Each step says when it begins, so that whoever started this process knows at what it died. `python -m …` runs it.
"""

import contextlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, TextIO

from kitbench.confinement.checked_json import from_json, to_json
from kitbench.errors import BenchError, KitbenchError, KitError
from kitbench.rule_and_table import RULE_FILE, TABLE_FILE, parse_rule, parse_table

from ..judgement import MISSING, Problem
from ..variant import Variant
from .dump_lab import ALTERED_FILE, DumpLab, read_altered, read_dump_lab
from .layout import ANSWERS_FILE, CERTIFICATE_FILE, FLASH_SIZES, SDKCONFIG, Layout, find_layout
from .submission import (
    Answers,
    Dump,
    choose_certificate,
    parse_answers,
    private_keys_in,
    read_dump,
    read_head,
    read_sdkconfig_endpoint,
    read_text,
)
from .traits import Traits, read_traits
from .unpack import unpack

#: Of a CMakeLists.txt: the call that makes it a project's stands near its beginning, behind a licence.
_PROJECT_HEAD: Final = 16 << 10


@dataclass(frozen=True, slots=True)
class Order:
    """What to read.

    Attributes:
        source: the folder or archive that was handed in.
        folder: private folder for its files; `room` another for what is made from them. Both exist.
        endpoint: what the dumps are searched for.
        registered: SHA-256 of the student's certificate.
        skip: steps that are not done (again).
    """

    source: str
    folder: str
    room: str
    endpoint: str
    registered: str
    skip: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a step has found: a value, and remarks for the page."""

    value: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """Where the projects are."""

    projects: Mapping[Variant, Path]
    remarks: tuple[str, ...]


#: What each step gives, a problem apart; in the order of doing.
KINDS: Final[Mapping[str, Any]] = {
    "the archive": Found,
    "its folders": Places,
    "answers.toml": tuple[Answers | Found, ...],
    "the certificate": Found,
    "sdkconfig": Found,
    **{variant.dump_file: Dump | None for variant in Variant},
    RULE_FILE: Found,
    TABLE_FILE: Found,
    ALTERED_FILE: DumpLab,
    "its projects": Found,
    "its traits": Traits,
}


class SubmissionReader:
    """Does one step after the other."""

    def __init__(self, order: Order, output: TextIO) -> None:
        self._order = order
        self._folder = Path(order.folder)
        self._output = output
        self._layout: Layout | None = None

    def read(self) -> None:
        """Do every step that is not to be skipped."""
        dumps = [lambda variant=variant: self._dump(variant) for variant in Variant]
        steps: list[Callable[[], Any]] = [self._unpack, self._places, self._answers, self._certificate]
        steps += [self._sdkconfig, *dumps, self._rule, self._table, self._dump_lab, self._keys, self._traits]
        for name, step in zip(KINDS, steps, strict=True):
            if name not in self._order.skip:
                self._say({"begin": name})
                self._say({"end": name, "value": to_json(_or_problem(step), self._folder)})

    def _say(self, what: dict[str, Any]) -> None:
        self._output.write(json.dumps(what) + "\n")
        self._output.flush()

    @property
    def layout(self) -> Layout:
        """Where things are; found once."""
        if self._layout is None:
            paths = (path for path in sorted(self._folder.rglob("*")) if path.is_file())
            sizes = {PurePosixPath(path.relative_to(self._folder).as_posix()): path.stat().st_size for path in paths}
            self._layout = find_layout(sizes, self._is_project)
        return self._layout

    def _is_project(self, path: PurePosixPath) -> bool:
        text = read_head(self._folder / path, _PROJECT_HEAD).lower().replace(b" ", b"")
        return b"project(" in text or b"tools/cmake/project.cmake" in text

    def _unpack(self) -> Found:
        unpacked = unpack(Path(self._order.source), self._folder)
        return Found(unpacked.unread, unpacked.remarks)

    def _places(self) -> Places:
        projects = {variant: self._folder / path for variant, path in self.layout.projects.items()}
        return Places(projects, self.layout.guesses)

    def _answers(self) -> tuple[Answers | Found, ...]:
        if self.layout.answers is None:
            raise KitError(f"{ANSWERS_FILE} is missing", stage=MISSING)
        text, remark = read_text(self._folder / self.layout.answers)
        return (parse_answers(text), Found(remarks=(remark,) if remark else ()))

    def _certificate(self) -> Found:
        files = [self._folder / path for path in self.layout.certificates]
        file, certificate = choose_certificate(files, registered=self._order.registered)
        (Path(self._order.room) / CERTIFICATE_FILE).write_text(certificate.pem, encoding="ascii")
        shown = file.relative_to(self._folder).as_posix()
        is_plain = file.name == CERTIFICATE_FILE and read_head(file, 10) == b"-----BEGIN"
        return Found(certificate.sha256, () if is_plain else (f"the certificate was taken from {shown}",))

    def _sdkconfig(self) -> Found:
        place = self.layout.projects.get(Variant.EMBEDDED_KEY)
        others = [self._folder / path for path in self.layout.sdkconfigs]
        host, written, name = read_sdkconfig_endpoint(None if place is None else self._folder / place, others)
        notes = () if name == SDKCONFIG else (f"the endpoint is not set in project/sdkconfig: {name} was read",)
        return Found(host, (*notes, *_remarks_on_host(host, written, name)))

    def _dump(self, variant: Variant) -> Dump | None:
        place = self.layout.dumps.get(variant)
        if place is not None:
            return read_dump(self._folder / place, self._order.endpoint)
        if variant is Variant.EMBEDDED_KEY:
            raise KitError(f"{variant.dump_file} is missing", stage=MISSING)
        return None

    def _rule(self) -> Found:
        return self._cloud_file(RULE_FILE, lambda text: parse_rule(text).to_json())

    def _table(self) -> Found:
        return self._cloud_file(TABLE_FILE, lambda text: parse_table(text).to_json())

    def _cloud_file(self, name: str, read: Callable[[str], str]) -> Found:
        """Return what a file of the cloud's part says, without what cannot be made anew."""
        place = self.layout.other_files.get(name)
        if place is None:
            raise KitError(f"{name} is missing", stage=MISSING)
        text, remark = read_text(self._folder / place)
        return Found(read(text), (remark,) if remark else ())

    def _dump_lab(self) -> DumpLab:
        """Return what the lab on dumps asks of flash.bin and altered.bin."""
        dump, altered = self.layout.dumps.get(Variant.EMBEDDED_KEY), self.layout.other_files.get(ALTERED_FILE)
        if dump is None:
            raise KitError(f"{Variant.EMBEDDED_KEY.dump_file} is missing", stage=MISSING)
        read_dump(self._folder / dump, self._order.endpoint)
        written_back = None if altered is None else read_altered(self._folder / altered, FLASH_SIZES)
        return read_dump_lab((self._folder / dump).read_bytes(), written_back, self._settings())

    def _settings(self) -> str:
        """Return the project's sdkconfig; "" without one."""
        place = self.layout.projects.get(Variant.EMBEDDED_KEY)
        file = None if place is None else self._folder / place / "sdkconfig"
        return read_text(file)[0] if file is not None and file.is_file() else ""

    def _keys(self) -> Found:
        projects = [self._folder / place for place in self.layout.projects.values()]
        return Found(remarks=private_keys_in(projects, self._folder))

    def _traits(self) -> Traits:
        projects = [self._folder / place for place in self.layout.projects.values()]
        dumps = {variant: self._folder / place for variant, place in self.layout.dumps.items()}
        return read_traits(projects, dumps)


def _or_problem(step: Callable[[], Any]) -> Any:
    """Return what a step gives, or the problem that it raised."""
    try:
        return step()
    except KitbenchError as error:
        return Problem.of(error)
    except OSError as error:
        return Problem.of(BenchError(f"cannot read the submission: {error.strerror}", stage="validate"))


def main() -> None:
    """Carry out the order on standard input."""
    order = from_json(Order, json.load(sys.stdin), Path())
    output = sys.stdout
    # What a library prints must not be taken for a line of ours.
    with contextlib.redirect_stdout(sys.stderr):
        SubmissionReader(order, output).read()


def _remarks_on_host(host: str, written: str, name: str) -> tuple[str, ...]:
    """Return what keeps a kit from its endpoint though it is the right one: names are looked up as they are written."""
    if written.lower().rstrip(".") == host:
        return ()
    why = "a kit built with it never connects, as a host name has neither blanks nor scheme nor port"
    return (f"{name} says CONFIG_AWS_IOT_MQTT_HOST={written[:80]!r}: {why}",)


if __name__ == "__main__":
    main()
