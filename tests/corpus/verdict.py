"""What the grader says about a kind, and whether that is right. A kind is graded as a class run grades a submission."""

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from grading.judgement import Outcome, Problem
from grading.marking.facts import Facts
from grading.marking.requirements import REQUIREMENTS
from grading.marking.result import SubmissionResult
from grading.marking.rubric import Criterion, Rubric, read_rubric, rubric_text
from grading.marking.run_report import RunReport
from grading.marking.score import score_criterion
from grading.running.bench import CommandLineBench, find_suite
from grading.running.submission_run import SubmissionRun
from grading.variant import Variant
from tests.corpus.desk import desk
from tests.corpus.kind import Kind

#: Runs that the bench or the cloud spoilt are tried again, as in a class run.
MOST_ATTEMPTS: Final = 2


class Error(StrEnum):
    """How a mark can be wrong."""

    FALSE_PASS = "false pass"
    FALSE_FAIL = "false fail"
    NOT_GRADED = "not graded"
    UNFOUNDED = "wrong reason"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A kind that was graded.

    Attributes:
        kind: what was handed in.
        rubric: with the criteria that the kind is about.
        result: what the grader says.
        escaped: what the submission did to this machine, in words.
    """

    kind: Kind
    rubric: Rubric
    result: SubmissionResult
    escaped: str = ""

    def errors(self) -> dict[str, Error]:
        """Return the criteria whose marks are wrong."""
        found = {}
        for criterion, expected in self.kind.outcomes.items():
            mark = self.result.score[criterion]
            error = error_of(expected, mark.outcome)
            if error is None and not re.search(self.kind.reasons.get(criterion, ""), mark.reason):
                error = Error.UNFOUNDED
            if error is not None and not self.kind.undecidable:
                found[criterion] = error
        return found

    def false_passes_without(self, check: str) -> list[str]:
        """Return the criteria that would be passed wrongly if a check or a requirement were switched off."""
        if self.kind.undecidable:
            return []
        facts = _facts_without(self.result.facts, check)
        return [
            criterion.id
            for criterion in self.rubric.criteria
            if self.kind.outcomes[criterion.id] is not Outcome.PASSED
            and _outcome_without(criterion, facts, check) is Outcome.PASSED
        ]

    def is_caught_by(self, check: str) -> bool:
        """Say whether a check failed, or a requirement was not met, and took a point that was not earned."""
        if check in REQUIREMENTS:
            criteria = [one for one in self.rubric.criteria if check in one.requires]
            is_failed = REQUIREMENTS[check](self.result.facts).outcome is Outcome.FAILED
            return is_failed and any(self.kind.outcomes[one.id] is not Outcome.PASSED for one in criteria)
        runs = [run for run in self.result.facts.runs.values() if isinstance(run, RunReport)]
        failed = [one for run in runs for one in run.checks if one.name == check and one.outcome is Outcome.FAILED]
        return any(self.kind.outcomes.get(one.criterion, Outcome.PASSED) is not Outcome.PASSED for one in failed)


def error_of(expected: Outcome, given: Outcome) -> Error | None:
    """Return what is wrong with an outcome, None for nothing."""
    if given is expected:
        return None
    if given is Outcome.NOT_GRADED:
        return Error.NOT_GRADED
    return Error.FALSE_PASS if given is Outcome.PASSED else Error.FALSE_FAIL


def judged(kinds: Sequence[Kind], *, jobs: int = 1, done: Callable[[Verdict], None] = lambda _: None) -> list[Verdict]:
    """Return the verdicts on kinds, judged `jobs` at a time; `done` is told of each one as it comes."""

    def judge_one(kind: Kind) -> Verdict:
        verdict = judge(kind)
        done(verdict)
        return verdict

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(judge_one, kinds))


def judge(kind: Kind) -> Verdict:
    """Make a kind's submission and grade it on a virtual kit with a local IoT core."""
    with tempfile.TemporaryDirectory(prefix="kitbench-corpus-") as folder:
        file = _rubric_file(kind, Path(folder))
        whole = read_rubric(file)
        rubric = replace(whole, criteria=tuple(_asked(one, kind) for one in whole.criteria if one.id in kind.outcomes))
        work, results = Path(folder) / "desk", Path(folder) / "results"
        work.mkdir()
        place = desk(work)
        run = SubmissionRun(
            student=place.student,
            source=kind.make(place),
            bench=_bench(rubric, file, kind.board),
            rubric=rubric,
            results=results,
            most_attempts=MOST_ATTEMPTS,
            report=lambda _stage, _share: None,
        )
        result = run.grade()
        return Verdict(kind, rubric, result, kind.escaped(place, result))


def _asked(criterion: Criterion, kind: Kind) -> Criterion:
    return replace(criterion, checks=()) if kind.is_of_the_dump_alone else criterion


def _rubric_file(kind: Kind, folder: Path) -> Path | None:
    """Write the rubric of a class that asks of messages what the kind says; else the one that it is about."""
    if not kind.traffic:
        return kind.rubric
    path = folder / "rubric.toml"
    path.write_text(f"{rubric_text(None)}\n[traffic]\n{kind.traffic}", encoding="utf-8")
    return path


def _bench(rubric: Rubric, file: Path | None, board: str | None) -> CommandLineBench:
    checks = {variant: rubric.checks_in(variant) for variant in Variant}
    budget = rubric.message_budget
    return CommandLineBench("virtual", "local", budget, find_suite(), checks, board=board, rubric=file)


def switches(rubric: Rubric) -> Iterator[str]:
    """Yield the names of all that can be switched off: requirements, and checks that must run."""
    names = [name for criterion in rubric.criteria for name in criterion.requires]
    names += [name for one in rubric.criteria for group in one.checks for name in group.must_run]
    yield from dict.fromkeys(names)


def _outcome_without(criterion: Criterion, facts: Facts, check: str) -> Outcome:
    requires = tuple(name for name in criterion.requires if name != check)
    groups = tuple(
        replace(group, must_run=tuple(name for name in group.must_run if name != check)) for group in criterion.checks
    )
    groups = tuple(group for group in groups if group.must_run)
    if not requires and not groups:
        return Outcome.PASSED  # nothing is asked for any more
    return score_criterion(replace(criterion, requires=requires, checks=groups), facts).outcome


def _facts_without(facts: Facts, check: str) -> Facts:
    return replace(facts, runs={variant: _run_without(run, check) for variant, run in facts.runs.items()})


def _run_without(run: RunReport | Problem, check: str) -> RunReport | Problem:
    if isinstance(run, Problem):
        return run
    left = tuple(one for one in run.checks if one.name != check)
    gone = {one.nodeid for one in run.checks if one.name == check}
    return replace(run, checks=left, expected_checks=tuple(name for name in run.expected_checks if name not in gone))
