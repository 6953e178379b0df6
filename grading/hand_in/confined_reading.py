"""Reads a submission without touching it: a confined process does, and says what it found in small, checked values.

What kills that process costs the student the one file that it was reading: the rest is read by another.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from kitbench.confinement.checked_json import from_json
from kitbench.confinement.confined_process import Box, Ended, Limit, Limits
from kitbench.errors import BenchError, Fault, KitbenchError, KitError, UsageError
from kitbench.rule_and_table import RULE_FILE, TABLE_FILE

from ..judgement import Problem, one_line
from ..roster import RosterEntry
from ..variant import Variant
from .dump_lab import ALTERED_FILE
from .layout import CERTIFICATE_FILE
from .reading_child import KINDS, Found, Order, Places
from .submission import Answers, Submission
from .traits import Traits

#: A class's largest hand-ins, two dumps of 16 MB and a project with an SDK, need 2 s and 150 MB.
LIMITS: Final = Limits(seconds=120, cpu_seconds=20, memory=400 << 20, file_size=64 << 20, output=4 << 20)
_ARCHIVE, _FOLDERS, _ANSWERS, _CERTIFICATE, _SDKCONFIG, *_DUMPS, _PROJECTS, _TRAITS = KINDS
_MODULE: Final = f"{__package__}.reading_child"


def read_handed_in(source: Path, work: Path, student: RosterEntry, *, limits: Limits = LIMITS) -> Submission:
    """Unpack the folder or archive `source` into the private folder `work`, and return what is in it.

    Raises:
        KitError: it cannot be unpacked.
        UsageError: it is packed in a way that is not read here.
        BenchError: the disk, or this reader, failed.
    """
    folder, room = work / "submission", work / "made"
    folder.mkdir()
    room.mkdir()
    order = Order(str(source.absolute()), str(folder), str(room), student.endpoint, student.certificate_sha256)
    return _submission(folder, room, _Reading(order, limits).answers())


@dataclass(slots=True)
class _Reading:
    order: Order
    limits: Limits

    def answers(self) -> dict[str, Any]:
        """Return what each step gave, a problem where it died."""
        given: dict[str, Any] = {}
        while len(given) < len(KINDS):
            before = len(given)
            ended = self._run(tuple(given))
            dying = ""
            for name, value in _lines(ended.output):
                if value is None:
                    dying = name
                else:
                    given[name], dying = self._checked(name, value), ""
            if dying:
                given[dying] = self._death(dying, ended)
            if len(given) == before:
                raise BenchError(f"reading the submission failed: {_last_line(ended)}", stage="validate")
            if isinstance(given.get(_ARCHIVE), Problem):
                break
        return given

    def _run(self, skip: tuple[str, ...]) -> Ended:
        order = json.dumps(asdict(replace(self.order, skip=skip)))
        box = Box(
            self.limits,
            readable=(Path(self.order.source),),
            writable=(Path(self.order.folder), Path(self.order.room)),
        )
        return box.run_module(_MODULE, stdin=order.encode())

    def _checked(self, name: str, value: Any) -> Any:
        """Return what a step gave; what does not fit is a gap of ours, and costs nobody more than that step."""
        try:
            return from_json(KINDS[name] | Problem, value["value"], Path(self.order.folder))
        except (ValueError, KeyError, TypeError) as error:
            return Problem(Fault.BENCH, "validate", one_line(f"reading {name} gave nonsense: {error}"))

    def _death(self, name: str, ended: Ended) -> Problem:
        """Say at what the process died: at a limit or in a library it is the file's doing, else the bench's."""
        stage = "unpack" if name == _ARCHIVE else "validate"
        if ended.limit is Limit.TIME:  # of the wall clock, which a machine under load lets run out, too
            return Problem(Fault.BENCH, stage, f"reading {name} took longer than {self.limits.seconds:.0f} s")
        if ended.limit is not None:
            most = {"memory": f" (more than {self.limits.memory >> 20} MB)"}.get(ended.limit, "")
            return Problem(Fault.STUDENT, stage, f"{name} takes too much {ended.limit} to read{most}")
        if ended.status < 0 and ended.status != _KILLED:
            return Problem(Fault.STUDENT, stage, f"{name} breaks what reads it (signal {-ended.status})")
        return Problem(Fault.BENCH, stage, one_line(f"reading {name} failed: {_last_line(ended)}"))


#: By somebody else, such as a system without memory.
_KILLED: Final = -9


def _lines(output: bytes) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield (step, None) for each beginning and (step, line) for each end."""
    for line in output.split(b"\n"):
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            continue  # the last line of a process that died
        if not isinstance(said, dict):
            continue
        if said.get("begin") in KINDS:
            yield said["begin"], None
        elif said.get("end") in KINDS:
            yield said["end"], said


def _submission(folder: Path, room: Path, given: dict[str, Any]) -> Submission:
    if isinstance(given[_ARCHIVE], Problem):
        raise _error(given[_ARCHIVE])
    places = given[_FOLDERS]
    if isinstance(places, Problem):
        raise _error(places)
    answers = given[_ANSWERS]
    dumps = {variant: given[variant.dump_file] for variant in Variant}
    certificate = room / CERTIFICATE_FILE
    return Submission(
        folder=folder,
        answers=answers if isinstance(answers, Problem) else next(one for one in answers if isinstance(one, Answers)),
        certificate_sha256=_value(given[_CERTIFICATE]),
        sdkconfig_endpoint=_value(given[_SDKCONFIG]),
        projects=places.projects,
        dumps={variant: dump for variant, dump in dumps.items() if dump is not None},
        notes=tuple(_remarks(given)),
        traits=given[_TRAITS] if isinstance(given[_TRAITS], Traits) else Traits(),
        rule=_value(given[RULE_FILE]),
        table=_value(given[TABLE_FILE]),
        unread=_unread(given[_ARCHIVE]),
        lab=given[ALTERED_FILE],
        certificate=certificate if isinstance(given[_CERTIFICATE], Found) and certificate.is_file() else None,
    )


def _unread(found: Found | Problem) -> str:
    return one_line(found.value or "") if isinstance(found, Found) else ""


def _value(found: Found | Problem) -> str | Problem:
    return found if isinstance(found, Problem) else found.value or ""


def _remarks(given: dict[str, Any]) -> Iterator[str]:
    for found in given.values():
        for one in found if isinstance(found, tuple) else (found,):
            if isinstance(one, Found | Places):
                yield from (one_line(remark) for remark in one.remarks)


def _error(problem: Problem) -> KitbenchError:
    """Return the error that a problem was."""
    kinds = {Fault.STUDENT: KitError, Fault.CALLER: UsageError}
    return kinds.get(problem.fault, BenchError)(problem.reason, stage=problem.stage)


def _last_line(ended: Ended) -> str:
    lines = ended.errors.decode(errors="replace").strip().splitlines()
    return one_line(lines[-1]) if lines else f"status {ended.status}"
