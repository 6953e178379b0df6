"""The verdicts on the corpus as tables in Markdown."""

from collections import Counter
from collections.abc import Iterable, Sequence

from grading.judgement import Outcome
from grading.rubric import Rubric
from tests.corpus.kind import Family
from tests.corpus.verdict import Error, Verdict, switches


def verdict_table(verdicts: Sequence[Verdict]) -> str:
    """Return one row per kind: what it is, the mark per criterion, and what is wrong with the marks."""
    rows = ["| kind | family | marks | wrong |", "|---|---|---|---|"]
    rows += [_row(verdict) for verdict in verdicts]
    return "\n".join(rows)


def summary_table(verdicts: Sequence[Verdict]) -> str:
    """Return one row per family: how many kinds, and how many marks of them are wrong in which way."""
    heads = [error.value for error in Error]
    rows = [f"| family | kinds | {' | '.join(heads)} | undecidable | break-outs |", "|---" * (len(heads) + 4) + "|"]
    for family in Family:
        mine = [verdict for verdict in verdicts if verdict.kind.family is family]
        if not mine:
            continue
        wrong = Counter(error for verdict in mine for error in set(verdict.errors().values()))
        counts = " | ".join(str(wrong[error]) for error in Error)
        undecidable = sum(bool(verdict.kind.undecidable) for verdict in mine)
        rows.append(f"| {family} | {len(mine)} | {counts} | {undecidable} | {sum(bool(v.escaped) for v in mine)} |")
    return "\n".join(rows)


def mutation_table(verdicts: Sequence[Verdict], rubric: Rubric) -> str:
    """Return one row per check: who gets a point unearned when it is switched off, and whom else it catches."""
    rows = ["| switched off | false passes | of | others that it catches, as other checks do |", "|---|---|---|---|"]
    for check in switches(rubric):
        fooled = [verdict.kind.name for verdict in verdicts if verdict.false_passes_without(check)]
        caught = [one.kind.name for one in verdicts if one.is_caught_by(check) and one.kind.name not in fooled]
        rows.append(f"| {check.replace('_', ' ')} | {len(fooled)} | {', '.join(fooled)} | {', '.join(caught)} |")
    return "\n".join(rows)


def _row(verdict: Verdict) -> str:
    marks = ", ".join(f"{one.criterion.id} {_shown(one.outcome)}" for one in verdict.result.score.marks)
    wrong = [f"{error}: {criterion}" for criterion, error in verdict.errors().items()]
    wrong += [f"undecidable: {verdict.kind.undecidable}"] if verdict.kind.undecidable else []
    wrong += [f"**broke out**: {verdict.escaped}"] if verdict.escaped else []
    return f"| {verdict.kind.name} | {verdict.kind.family} | {marks} | {_joined(wrong)} |"


def _shown(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ")


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(parts) or "nothing"
