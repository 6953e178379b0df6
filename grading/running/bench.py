"""The seam to the bench: the on-kit suite and the audit of dumps, each a process of its own that writes JSON."""

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from kitbench.board.board import Board
from kitbench.confinement.confined_process import Box, Ended, Limits
from kitbench.confinement.python_process import python
from kitbench.errors import BenchError, KitError
from kitbench.installation import reference_project
from kitbench.kit_desk import VARIABLE
from kitbench.kit_list import QEMU, STAND_INS, VIRTUAL

from ..evidence import empty
from ..judgement import one_line
from ..marking.audit_verdict import AuditVerdict, parse_audit_verdict
from ..marking.run_report import RunReport, read_run_report
from ..variant import Variant
from .child_process import Finished, child_environment, run_child
from .kit_pool import stages_for
from .pool.kit_pool import KitPool
from .pool.pool_run import Handing, run_on_fit_kit

#: A class need not wait a second of real time for each second that a virtual kit's firmware sleeps.
_CLOCK_FACTOR = "2"
#: One of these is at the top of whatever builds: for CMake, for PlatformIO, which writes CMake's, for make before 5.0.
_PROJECT_FILES = ("CMakeLists.txt", "platformio.ini", "Makefile")
#: A dump of 16 MB with every scan takes 600 MB and 40 s of processor time.
_AUDIT_LIMITS = Limits(seconds=0, cpu_seconds=400, memory=3 << 30, file_size=64 << 20)
#: The suite's own plugins: whatever else is installed could change order or outcome of its checks, and takes time.
_PLUGINS = (
    *("--disable-plugin-autoload", "-p", "pytest_embedded", "-p", "kitbench"),
    *("-p", "no:cacheprovider", "-p", "no:unraisableexception", "-p", "no:threadexception"),
    "--show-capture=no",  # the serial line is kept as evidence, without keys
)
#: The same in a checkout, whose pytest.ini makes errors of warnings, and from a wheel, where there is none.
_SETTINGS = ("-o", "addopts=", "-o", "strict_config=false", "--import-mode=importlib", "-W", "default")
_ENDED_TEST = re.compile(r"\S+::test_(\w+)\S* (?:PASSED|FAILED)")

#: Receives the name of what is being done now.
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a dump is handed in as: of a kit with this certificate and endpoint, running this project."""

    certificate: Path | None
    endpoint: str
    project: Path | None


@dataclass(frozen=True, slots=True)
class CloudFiles:
    """A student's rule and table, each a file as `kitbench.rule_and_table` writes them; empty where there is none."""

    rule: Path
    table: Path


class Bench(Protocol):
    """What a class run asks of a bench; every error is one of `kitbench.errors`."""

    def run_suite(self, project: Path, variant: Variant, evidence: Path, progress: Progress) -> RunReport:
        """Build, flash and check one project on a kit; logs and pictures go to the folder `evidence`."""

    def for_student(self, student: str) -> "Bench":
        """Return this bench for a student, whose id it then tells of what it runs."""

    def with_cloud_files(self, files: CloudFiles) -> "Bench":
        """Return this bench for a student whose rule and table are made for the run."""

    def audit(self, dump: Path, claim: Claim, evidence: Path) -> AuditVerdict:
        """Look for private keys in a dump that was handed in, and at what it is a dump of."""


@dataclass(frozen=True, slots=True)
class CommandLineBench:
    """The bench of this installation, by its commands.

    Attributes:
        kit: `virtual`, `auto` or a port, as the suite's option --kit takes it; or several with commas between them.
        cloud: `local` or `aws`.
        budget: metered units that one run may use.
        checks: names of the checks to run in a variant; empty runs all that serve a criterion.
        stop: set to end whatever runs.
        esp_aws_iot: a recursive checkout, for projects that use its components.
        idf: the version of ESP-IDF that every project is built as on the virtual kit; "" for what each says.
        template: the project that was handed out; None for the reference project.
        rubric: the class's, whose table [traffic] the checks go by; None for the course's own.
        own_checks: a folder with checks of the class's own, None for none.
        cloud_files: the rule and the table of the student whose turn it is, None for none.
        pool: hands out attached kits; None where there is none.
        bench_file: as --bench takes it, None for the usual one.
        student: whose turn it is, for the schedule.
        handing: how the session of this run gets its kit, None where it has it from the start.
        board: what is wired to the kits' pins, as --board takes it; None for the course's.
    """

    kit: str
    cloud: str
    budget: int
    suite: Path
    checks: Mapping[Variant, tuple[str, ...]] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    suite_timeout_s: float = 300.0
    audit_timeout_s: float = 180.0
    esp_aws_iot: Path | None = None
    idf: str = ""
    template: Path | None = None
    rubric: Path | None = None
    own_checks: Path | None = None
    board: str | None = None
    cloud_files: CloudFiles | None = None
    pool: KitPool | None = None
    bench_file: Path | None = None
    student: str = ""
    handing: Handing | None = None
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def run_suite(self, project: Path, variant: Variant, evidence: Path, progress: Progress) -> RunReport:
        """Run the on-kit suite and return what it reported; where a kit lacks what the project uses, on the next one.

        Raises:
            KitError: there is no project that any suite could build; none is started for it.
            BenchError: it could not be started, did not end in time, or wrote no report that can be read.
        """
        if not any((project / name).is_file() for name in _PROJECT_FILES):
            raise KitError(f"the project has no {_PROJECT_FILES[0]}", stage="build")
        *before, last = stages_for(self.kit, variant)
        for kit in before:
            outcome = self._run_on(kit, project, variant, evidence, progress)
            if not any(check.lacks for check in outcome.checks):
                return outcome
            progress(f"{kit} lacks something, on to the next kit")
            empty(evidence)
        return self._run_on(last, project, variant, evidence, progress)

    def for_student(self, student: str) -> "CommandLineBench":
        """Return this bench for a student, whose id stands in the pool's schedule; kits are shared all the same."""
        return replace(self, student=student)

    def with_cloud_files(self, files: CloudFiles) -> "CommandLineBench":
        """Return this bench for a student whose rule and table are made for the run; kits are shared all the same."""
        return replace(self, cloud_files=files)

    def _run_on(self, kit: str, project: Path, variant: Variant, evidence: Path, progress: Progress) -> RunReport:
        """Run the suite in a process of its own; only virtual kits, and those of a pool, are run side by side."""
        if kit in STAND_INS or self.pool is None:
            with nullcontext() if kit == VIRTUAL else self._one_at_a_time:
                return self._run_suite_on(kit, project, variant, evidence, progress)

        def run(handing: Handing) -> RunReport:
            session = replace(self, handing=handing)
            return session._run_suite_on(kit, project, variant, evidence, progress)  # noqa: SLF001 - its own

        def begin_anew(failure: str) -> None:
            progress(f"kit {failure}; on to another one")
            empty(evidence)

        return run_on_fit_kit(self.pool, f"{self.student} {variant}".strip(), run, on_failure=begin_anew)

    def _run_suite_on(self, kit: str, project: Path, variant: Variant, evidence: Path, progress: Progress) -> RunReport:
        report = evidence / "run_report.json"
        report.unlink(missing_ok=True)
        handed = {VARIABLE: self.handing.address} if self.handing is not None else {}
        finished = run_child(
            self._suite_command(self._names(kit), project, variant, evidence, report),
            log=evidence / "pytest.log",
            timeout_s=self.suite_timeout_s,
            stop=self.stop,
            on_line=lambda line: _announce_test(line, progress),
            environment=child_environment() | handed,
            waited_s=self.handing.waited_s if self.handing is not None else lambda: 0.0,
        )
        _check_ending(finished, f"the on-kit suite ({variant})", self.suite_timeout_s)
        if not report.exists():
            raise BenchError(f"the on-kit suite wrote no run report: {_last_line(finished)}", stage="run")
        return read_run_report(report)

    def _names(self, kit: str) -> str:
        """Return the kits that a session may be handed, for the list that means them."""
        return ",".join(self.pool.names) if self.handing is not None and self.pool is not None else kit

    def _is_software(self, kit: str) -> bool:
        """Say whether a kit's clock can be hurried."""
        return kit == VIRTUAL or (kit != QEMU and self.pool is not None and self.pool.kind == VIRTUAL)

    def _suite_command(self, kit: str, project: Path, variant: Variant, evidence: Path, report: Path) -> list[str]:
        options = ["-m", "hardware and criterion", "--verbose", "--color=no", *_PLUGINS, *_SETTINGS]
        options += ["-k", " or ".join(self.checks.get(variant, ()))]
        # With "=": pytest looks for its ini-file beside whatever might be a path among the arguments, and would find
        # the one that a student put into the project.
        options += [f"--kit={kit}", f"--cloud={self.cloud}", f"--budget={self.budget}"]
        options += [f"--clock-factor={_CLOCK_FACTOR}"] if self._is_software(kit) else []
        options += [f"--bench={self.bench_file}"] if self.bench_file is not None else []
        options += [f"--project={project}", f"--variant={variant}"]
        options += [f"--run-report={report}", f"--evidence={evidence}"]
        options += [f"--esp-aws-iot={self.esp_aws_iot}"] if self.esp_aws_iot is not None else []
        if (files := self.cloud_files) is not None:
            options += [f"--rule={files.rule}", f"--table={files.table}"]
        options += [f"--board={self.board}"] if self.board is not None else []
        options += [f"--idf={self.idf}"] if self.idf else []
        options += [f"--rubric={self.rubric.resolve()}"] if self.rubric is not None else []
        folders = [str(self.suite), *([str(self.own_checks)] if self.own_checks is not None else [])]
        return python("-m", "pytest", *folders, *options)

    def audit(self, dump: Path, claim: Claim, evidence: Path) -> AuditVerdict:
        """Run `kitbench audit` on a dump and return its verdict.

        Raises:
            KitError: the dump takes more memory or processor time than that of any kit.
            BenchError: it could not be started, did not end in time, or printed no verdict.
        """
        verdict = evidence / "verdict.json"
        verdict.unlink(missing_ok=True)
        template = self.template or reference_project()
        arguments = ["audit", str(dump), "--json", str(verdict), "--map", str(evidence / "flash_map.png")]
        arguments += ["--endpoint", claim.endpoint]
        readable = [dump]
        if claim.certificate is not None:
            arguments += ["--certificate", str(claim.certificate)]
            readable += [claim.certificate]
        if claim.project is not None:
            arguments += ["--project", str(claim.project), "--template", str(template)]
            readable += [claim.project, template]
        box = _audit_box(readable, evidence)
        finished = run_child(
            box.module_command("kitbench", *arguments),
            log=evidence / "audit.log",
            timeout_s=self.audit_timeout_s,
            stop=self.stop,
            environment=box.clean_environment,
        )
        _check_ending(finished, "the audit", self.audit_timeout_s)
        if limit := Ended(finished.status, b"", b"").limit:
            raise KitError(f"{dump.name} takes too much {limit} to audit", stage="audit")
        if not verdict.exists():
            raise BenchError(f"the audit wrote no verdict: {_last_line(finished)}", stage="audit")
        return parse_audit_verdict(verdict.read_bytes())


def _audit_box(readable: Sequence[Path], evidence: Path) -> Box:
    """Return what an audit of a stranger's dump may touch; it starts Pythons of its own for file systems in it."""
    return Box(
        _AUDIT_LIMITS,
        readable=tuple(readable),
        writable=(evidence,),
        executable=(Path(sys.executable),),
        environment=dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(evidence)),
    )


def board_option(board: Board) -> str | None:
    """Return what the suite's --board takes, None for the course's board: the suite runs in a folder of its own."""
    if not board.is_named:
        return None
    return str(Path(board.name).resolve()) if board.name.endswith(".toml") else board.name


def find_suite() -> Path:
    """Return where this installation's on-kit suite is.

    Raises:
        BenchError: the bench does not say.
    """
    command = python("-m", "kitbench.installation")
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=True, env=child_environment()
        ).stdout.strip()
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise BenchError(f"cannot find the on-kit suite: {one_line(last)}", stage="start") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BenchError("cannot find the on-kit suite", stage="start") from error
    return Path(answer)


def _check_ending(finished: Finished, what: str, timeout_s: float) -> None:
    if finished.stopped:
        raise BenchError(f"{what} was interrupted", stage="run")
    if finished.timed_out:
        raise BenchError(f"{what} did not end within {timeout_s:.0f} s", stage="run")


def _announce_test(line: str, progress: Progress) -> None:
    """Tell from a line of pytest's verbose output which check has just ended."""
    ended = _ENDED_TEST.match(line)
    if ended:
        progress(ended[1].replace("_", " "))


def _last_line(finished: Finished) -> str:
    return one_line(finished.tail[-1]) if finished.tail else f"it printed nothing (exit status {finished.status})"
