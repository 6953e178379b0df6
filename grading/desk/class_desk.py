"""The way of one `kitbench grade`: a class folder read, graded, and written down."""

import threading
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from kitbench.board.board import Board
from kitbench.board.board_file import read_board
from kitbench.errors import UsageError
from kitbench.esp_idf_versions import checked_version
from kitbench.extras import Extra, require
from kitbench.installation import reference_project
from kitbench.kit_list import VIRTUAL, stages
from kitbench.spelling import did_you_mean
from kitbench.witness.bench_key import FOLDER as KEYS_FOLDER

from ..adjusting.corrections import Corrections
from ..anonymity.concealment import Concealment
from ..anonymity.pseudonyms import NOBODY_HIDDEN, Pseudonyms, pseudonyms_of
from ..export.platform import Export
from ..hand_in.class_folder import ClassList, ClassSettings, read_class, read_settings
from ..hand_in.traits import project_prints
from ..marking.check_catalogue import KnownCheck, check_rubric, known_checks, with_names
from ..marking.result import ClassResult
from ..marking.rubric import Rubric, read_rubric, rubric_text
from ..marking.witness import WitnessFolder, WitnessRule, witness_folder
from ..records.claim import Claim
from ..records.class_record import earlier_kit
from ..records.kept_results import KeptResults, Settled, run_digest
from ..records.schedule import Schedule
from ..report.schedule_picture import write_schedule
from ..results_writer import ResultsWriter
from ..running.bench import CommandLineBench, board_option, find_suite
from ..running.class_generator import generated_class
from ..running.class_run import ClassRun
from ..running.interruption import interruptible
from ..running.pool.kit_pool import KitPool
from ..running.pool.kits_meant import attached_kits
from ..running.progress import ClassProgress, shown_on
from ..variant import Variant
from ..warm_up import warm_up
from .grade_options import GradeOptions
from .side_by_side import builders, pool_jobs, usual_jobs


@dataclass(frozen=True, slots=True)
class ClassDesk:
    """What is settled before the first hand-in is looked at: mistakes in it have been told by then.

    Attributes:
        known: the checks that a rubric can ask for.
        wiring: what is on the kits' pins.
        pool: of attached kits, None where there are none.
    """

    asked: GradeOptions
    settings: ClassSettings
    rubric: Rubric
    suite: Path
    known: tuple[KnownCheck, ...]
    wiring: Board
    stop: threading.Event
    pool: KitPool | None = None

    @property
    def title(self) -> str:
        """Of the class."""
        return self.settings.title or self.rubric.title

    @property
    def rubric_file(self) -> Path | None:
        """The rubric that counts, None for the course's own."""
        return self.asked.rubric or self.settings.rubric

    @property
    def checks(self) -> dict[Variant, tuple[str, ...]]:
        """By variant, the checks that are run."""
        return {variant: self.rubric.checks_in(variant) for variant in Variant}

    def bench(self) -> CommandLineBench:
        """Return the bench that runs and audits."""
        return CommandLineBench(
            *(self.asked.kit, self.asked.cloud, self.rubric.message_budget, self.suite, self.checks, self.stop),
            suite_timeout_s=self.asked.timeout,
            esp_aws_iot=self.asked.esp_aws_iot,
            idf=self.asked.idf,
            rubric=self.rubric_file,
            own_checks=self.settings.checks,
            template=self.settings.template,
            board=board_option(self.wiring),
            pool=self.pool,
            bench_file=self.asked.bench,
        )

    def settled(self) -> Settled:
        """Return what every result of this class follows from, whoever handed it in."""
        board = Path(self.wiring.name) if self.wiring.name.endswith(".toml") else None
        trusted = self.asked.class_folder / KEYS_FOLDER
        has_grader_key = self.asked.grader_key.is_file()
        contents = (
            *(board, self.suite, self.settings.checks, self.settings.template, self.asked.esp_aws_iot, trusted),
        )
        chosen = (self.checks, self.asked.kit, self.asked.cloud, self.asked.esp_aws_iot, has_grader_key)
        return Settled(
            runs=run_digest(contents, *chosen, self.wiring.name, self.asked.idf),
            audits=run_digest((self.settings.template, trusted), has_grader_key),
        )

    def class_run(
        self, students: ClassList, names: Pseudonyms, witnesses: WitnessFolder, progress: ClassProgress
    ) -> ClassRun:
        """Return the run over these students."""
        asked = self.asked
        side_by_side = asked.jobs or (pool_jobs(self.pool.size) if self.pool is not None else usual_jobs())
        kit = asked.kit if asked.needs_a_kit else earlier_kit(asked.output, "none")
        only = _named(asked.only, students, names)
        kept = KeptResults(
            *(asked.output, self.rubric, self.settled(), only, asked.again, witnesses.bundles_of, asked.stage)
        )
        return ClassRun(
            *(self.title, self.bench(), self.rubric, asked.output, progress, self.stop),
            *(kit, asked.cloud, side_by_side, asked.attempts),
            kept=kept,
            witnesses=witnesses,
        )


@dataclass(frozen=True, slots=True)
class Graded:
    """A graded class; `missing` are the students for whom a file of a learning platform has no row, by that file."""

    result: ClassResult
    missing: Mapping[str, tuple[str, ...]]


def graded(asked: GradeOptions, console: Console, *, given: ClassList | None = None) -> Graded:
    """Grade a class, and write its results; `given` are its students, where they are not in its folder.

    Raises:
        KitbenchError: something that was asked cannot be, or the class cannot be made or written.
    """
    desk = _opened(asked)
    if desk.rubric.witness is WitnessRule.ANY_KIT:
        console.print('witness = "required of any kit": dumps of virtual kits count; no mark proves a real kit')
    with ExitStack() as stack:
        stack.enter_context(interruptible())
        progress = stack.enter_context(shown_on(console))
        folder = asked.class_folder
        if desk.settings.generate is not None:
            folder = stack.enter_context(generated_class(desk.settings.generate, progress, desk.stop))
        students = given or read_class(folder, roster=asked.roster)
        names = NOBODY_HIDDEN
        if asked.anonymous:
            names = pseudonyms_of((entry for entry, _ in students.entries), folder)
        outcome = _graded(desk, students, names, progress)
    for kit, reason in desk.pool.schedule.aside.items() if desk.pool is not None else ():
        line = f"kit {kit} was put aside: {reason}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return outcome


def _opened(asked: GradeOptions) -> ClassDesk:
    """Return the desk, once options, class folder and rubric have been understood."""
    if asked.needs_a_kit and VIRTUAL in stages(asked.kit):
        require(Extra.VIRTUAL)
    if asked.needs_a_kit and asked.cloud == "local":
        require(Extra.LOCAL)
    asked = replace(asked, idf=checked_version(asked.idf))
    wiring = read_board(asked.board)
    settings = read_settings(asked.class_folder)
    rubric = read_rubric(asked.rubric or settings.rubric)
    suite = find_suite()
    known = known_checks(suite, *([settings.checks] if settings.checks is not None else []))
    check_rubric(rubric, known)
    rubric = with_names(rubric, known)
    if asked.budget is not None:
        rubric = replace(rubric, message_budget=asked.budget)
    desk = ClassDesk(asked, settings, rubric, suite, known, wiring, threading.Event())
    meant = attached_kits(asked.kit, asked.bench) if asked.needs_a_kit else None
    if meant is None:
        return desk
    pool = KitPool(meant.names, builders(), desk.stop, Schedule(), meant.kind)
    for name in meant.missing:
        pool.schedule.put_aside(name, "it is not there")
    return replace(desk, pool=pool)


def _graded(desk: ClassDesk, students: ClassList, names: Pseudonyms, progress: ClassProgress) -> Graded:
    """Grade students, who are called by their pseudonyms everywhere but in what goes to learning platforms."""
    asked = desk.asked
    entries = tuple(entry for entry, _ in students.entries)
    exports = asked.platform_files.read(entries, desk.rubric, desk.title)
    corrections = names.corrections(
        Corrections.read(asked.class_folder, desk.rubric, (*(entry.id for entry in entries), *names.entries))
    )
    writer = ResultsWriter(
        *(asked.output, desk.rubric, desk.title, exports, rubric_text(desk.rubric_file), desk.known),
        corrections=corrections.texts(),
        reveal=names.revealed,
    )
    hidden = names.hidden(students)
    # A generated class has other certificates in every run.
    claimed = [entry for entry, _ in hidden.entries] if desk.settings.generate is None else []
    writer.prepare(Claim.of(desk.title, asked.class_folder, claimed, is_anonymous=asked.anonymous))
    witnesses = witness_folder(asked.class_folder, asked.grader_key, desk.rubric.witness)
    concealment = Concealment.of(names, students)
    run = replace(
        desk.class_run(hidden, names, replace(witnesses, ids=names.ids), progress),
        conceal=lambda one: concealment.result(one, desk.rubric, asked.output),
    )
    has_hand_ins = any(isinstance(source, Path) for _, source in students.entries)
    if asked.needs_a_kit and VIRTUAL in stages(asked.kit) and has_hand_ins:
        warm_up(progress, desk.stop)
    result = run.grade(hidden, lambda one: writer.write_submission(corrections.applied(one)))
    result = replace(result, results=tuple(map(corrections.applied, result.results)))
    writer.write_class(result)
    if desk.pool is not None:
        write_schedule(desk.pool.schedule, asked.output)
    writer.write_across(result, project_prints(desk.settings.template or reference_project()))
    return Graded(result, _missing(result, exports, names))


def _missing(result: ClassResult, exports: Iterable[Export], names: Pseudonyms) -> dict[str, tuple[str, ...]]:
    """Return whose grade an export has no row for."""
    missing = {}
    for export in exports:
        owners = {names.name_of(owner) for owner in export.owners.values()}
        missing[export.file] = tuple(one.student.id for one in result.results if one.student.id not in owners)
    return missing


def _named(only: str | None, students: ClassList, names: Pseudonyms) -> frozenset[str]:
    """Return what the results call the students that --only names, by id or by pseudonym.

    Raises:
        UsageError: one is not in the roster.
    """
    known = {entry.id for entry, _ in students.entries}
    given = [name.strip() for name in only.split(",")] if only is not None else []
    for name in sorted(given):
        if names.name_of(name) not in known:
            raise UsageError(f"--only {name}: {did_you_mean(name, known)}", stage="roster")
    return frozenset(map(names.name_of, given))
