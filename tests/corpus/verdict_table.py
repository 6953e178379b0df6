"""The verdicts on the corpus as tables in Markdown."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from grading.judgement import Outcome
from grading.marking.rubric import Rubric
from grading.marking.score import Mark
from kitbench.quoting import markdown
from tests.corpus.kind import Family
from tests.corpus.verdict import Error, Verdict, switches

#: Where the name of an abusive case comes to its constant.
_CONSTANT: Final = re.compile(r": | to | that is ")


def verdict_table(verdicts: Sequence[Verdict]) -> str:
    """Return one row per kind: what it is, the mark per criterion, and what is wrong with the marks."""
    rows = ["| kind | family | marks | wrong |", "|---|---|---|---|"]
    rows += [_row(name, cases) for name, cases in by_kind(verdicts).items()]
    return "\n".join(rows)


def by_kind(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """Return the verdicts by kind: abusive cases that differ by a constant are one."""
    kinds: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        is_case = verdict.kind.family is Family.ABUSIVE
        kinds.setdefault(sort_of(verdict.kind.name) if is_case else verdict.kind.name, []).append(verdict)
    return kinds


def sort_of(name: str) -> str:
    """Return what the name of an abusive case says before its constant: ``"name in a zip"`` of "name 7 in a zip: x"."""
    return _CONSTANT.split(re.sub(r" \d+\b", "", name))[0]


def summary_table(verdicts: Sequence[Verdict]) -> str:
    """Return one row per family: how many kinds, how many of them have a mark that is wrong in which way, or none.

    What is not graded counts, also where it may not be: somebody has to grade it.
    """
    heads = [error.value for error in Error]
    rows = [f"| family | kinds | {' | '.join(heads)} | undecidable | break-outs |", "|---" * (len(heads) + 4) + "|"]
    for family in Family:
        mine = [verdict for verdict in verdicts if verdict.kind.family is family]
        if not mine:
            continue
        wrong = Counter(error for verdict in mine for error in set(verdict.errors().values()))
        wrong[Error.NOT_GRADED] = sum(_is_ungraded(verdict) for verdict in mine)
        counts = " | ".join(str(wrong[error]) for error in Error)
        undecidable = sum(bool(verdict.kind.undecidable) for verdict in mine)
        cases = f" ({len(mine)} cases)" if len(mine) > len(by_kind(mine)) else ""
        counts = f"{counts} | {undecidable} | {sum(bool(one.escaped) for one in mine)}"
        rows.append(f"| {family} | {len(by_kind(mine))}{cases} | {counts} |")
    return "\n".join(rows)


def mutation_table(verdicts: Sequence[Verdict], rubric: Rubric) -> str:
    """Return one row per check: who gets a point unearned when it is switched off, and whom else it catches."""
    rows = ["| switched off | false passes | of | others that it catches, as other checks do |", "|---|---|---|---|"]
    for check in switches(rubric):
        fooled = [verdict.kind.name for verdict in verdicts if verdict.false_passes_without(check)]
        caught = [one.kind.name for one in verdicts if one.is_caught_by(check) and one.kind.name not in fooled]
        rows.append(f"| {check.replace('_', ' ')} | {len(fooled)} | {', '.join(fooled)} | {', '.join(caught)} |")
    return "\n".join(rows)


def _is_ungraded(verdict: Verdict) -> bool:
    return any(mark.outcome is Outcome.NOT_GRADED for mark in verdict.result.score.marks)


def _row(name: str, cases: Sequence[Verdict]) -> str:
    marks = dict.fromkeys(", ".join(_mark(mark) for mark in one.result.score.marks) for one in cases)
    wrong = dict.fromkeys(text for verdict in cases for text in _wrong(verdict))
    shown = markdown.text(f"{name} ({len(cases)} cases)" if len(cases) > 1 else name)
    return f"| {shown} | {cases[0].kind.family} | {' or '.join(marks)} | {_joined(wrong)} |"


def _mark(mark: Mark) -> str:
    return f"{mark.criterion.id} {_shown(mark.outcome)}"


def _wrong(verdict: Verdict) -> list[str]:
    wrong = [f"{error}: {criterion}" for criterion, error in verdict.errors().items()]
    wrong += [f"undecidable: {verdict.kind.undecidable}"] if verdict.kind.undecidable else []
    return wrong + ([f"**broke out**: {verdict.escaped}"] if verdict.escaped else [])


def _shown(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ")


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(parts) or "nothing"
