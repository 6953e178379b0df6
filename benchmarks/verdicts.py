"""How often the grader is wrong: every kind of submission of `tests/corpus`, graded, as the tables of docs/verdicts.md.

    python benchmarks/verdicts.py                    all kinds
    python benchmarks/verdicts.py -k "log level"     those whose name holds this
    python benchmarks/verdicts.py --without abusive --jobs 4

Exit status 1 when a mark is wrong.
"""

import argparse
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from grading.marking.rubric import read_rubric
from tests.corpus.corpus import CORPUS
from tests.corpus.verdict import Verdict, judged
from tests.corpus.verdict_table import mutation_table, summary_table, verdict_table


def main() -> int:
    """Judge, print, and say whether all marks are right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", default="", metavar="TEXT", help="only kinds whose name or family holds it")
    parser.add_argument("--without", default="", metavar="FAMILY", help="all kinds but those of this family")
    parser.add_argument("--jobs", type=int, default=4, help="how many side by side: a run mostly waits")
    arguments = parser.parse_args()
    kinds = [kind for kind in CORPUS if arguments.k in kind.name or arguments.k in kind.family]
    kinds = [kind for kind in kinds if kind.family != arguments.without]
    began, count = time.monotonic(), 0

    def tell(verdict: Verdict) -> None:
        nonlocal count
        count += 1
        wrong = ", ".join(f"{error} ({criterion})" for criterion, error in verdict.errors().items()) or "right"
        print(f"{count}/{len(kinds)} {verdict.kind.name}: {wrong}{_reasons(verdict)}", file=sys.stderr, flush=True)

    verdicts = judged(kinds, jobs=arguments.jobs, done=tell)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(summary_table(verdicts), verdict_table(verdicts), mutation_table(verdicts, read_rubric()), sep="\n\n")
    print(
        f"\n{len(verdicts)} kinds, {time.monotonic() - began:.0f} s, "
        f"{usage.ru_utime + usage.ru_stime:.0f} CPU seconds in the grader's children"
    )
    return int(any(verdict.errors() or verdict.escaped for verdict in verdicts))


def _reasons(verdict: Verdict) -> str:
    wrong = verdict.errors()
    marks = [mark for mark in verdict.result.score.marks if mark.criterion.id in wrong]
    return "".join(f"\n    {mark.criterion.id} {mark.outcome}: {mark.reason}" for mark in marks)


if __name__ == "__main__":
    sys.exit(main())
