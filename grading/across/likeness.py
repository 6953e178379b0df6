"""Which hand-ins of a class are alike, in what, and how rare that is. Pure.

Kits are shared in a laboratory, so that MAC address, eFuses and secure element say nothing here.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from kitbench.forensics.sameness import alike

from ..hand_in.submission import Submission
from ..hand_in.traits import Traits
from ..judgement import Problem
from ..marking.result import SubmissionResult
from ..variant import Variant

#: Of the smaller one's own fingerprints, as many in common are worth a look.
_ALIKE: Final = 0.5
#: With fewer of one's own, two authors agree by chance.
_LEAST_PRINTS: Final = 12
#: Of two dumps, as many places in which they differ are named.
_MOST_PLACES: Final = 6
#: Words of an answer below which the same words are no surprise.
_LEAST_WORDS: Final = 8
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Likeness:
    """What some hand-ins have in common.

    Attributes:
        students: two for sources that are alike, two or more for what is the same.
        what: in words.
        rarity: how many of how many have it, in words.
    """

    students: tuple[str, ...]
    what: str
    rarity: str


def likenesses(results: Iterable[SubmissionResult], template: frozenset[str]) -> tuple[Likeness, ...]:
    """Return what hand-ins have in common, the most telling first.

    Args:
        results: of the class.
        template: fingerprints of the project that was handed out.
    """
    handed_in = [(one, one.facts.submission) for one in results if isinstance(one.facts.submission, Submission)]
    same: list[Likeness] = []
    for kind, values_of in _VALUES.items():
        values = {one.student.id: values_of(submission, one) for one, submission in handed_in}
        same += _same(kind, values, len(handed_in))
    traits = {one.student.id: submission.traits for one, submission in handed_in}
    return (*same, *_alike_dumps(traits), *_alike_sources(traits, template))


def _dumps(submission: Submission, _result: SubmissionResult) -> set[str]:
    return {dump.sha256 for dump in submission.dumps.values() if not isinstance(dump, Problem)}


def _keys(_submission: Submission, result: SubmissionResult) -> set[str]:
    audits = [audit for audit in result.facts.audits.values() if not isinstance(audit, Problem)]
    return {key.public_key_sha256 for audit in audits for key in audit.private_keys if key.public_key_sha256}


def _certificate(submission: Submission, _result: SubmissionResult) -> set[str]:
    return {submission.certificate_sha256} if isinstance(submission.certificate_sha256, str) else set()


def _images(submission: Submission, _result: SubmissionResult) -> set[str]:
    return {image for images in submission.traits.images.values() for image in images}


def _answers(submission: Submission, _result: SubmissionResult) -> set[str]:
    """Return the answers by their words alone; short ones are everybody's."""
    if isinstance(submission.answers, Problem):
        return set()
    words = (_WORD.findall(text.casefold()) for text in submission.answers.written.values())
    return {" ".join(one) for one in words if len(one) >= _LEAST_WORDS}


#: What is compared as a whole, the most telling first.
_VALUES: Final[Mapping[str, Callable[[Submission, SubmissionResult], set[str]]]] = {
    "the same dump": _dumps,
    "the same private key": _keys,
    "the same certificate": _certificate,
    "the same app image": _images,
    "the same written answer": _answers,
}


def _same(kind: str, values: Mapping[str, set[str]], count: int) -> list[Likeness]:
    owners: dict[str, list[str]] = {}
    for name, own in values.items():
        for value in sorted(own):
            owners.setdefault(value, []).append(name)
    groups = Counter(tuple(names) for names in owners.values() if len(names) > 1)
    return [Likeness(names, kind, f"{len(names)} of {count}") for names in sorted(groups)]


def _alike_dumps(traits: Mapping[str, Traits]) -> list[Likeness]:
    """Return pairs of dumps that differ in a few places only; what is the same throughout is told as the same dump."""
    found = []
    for variant in Variant:
        dumps = {name: [bytes.fromhex(one) for one in own.sectors.get(variant, ())] for name, own in traits.items()}
        for pair in _likely_pairs(dumps):
            alike_ones = [one for one in alike({name: dumps[name] for name in pair}) if one.differ]
            found += [
                Likeness(pair, f"{variant.dump_file} alike by {one.share:.1%}", _places(one.differ))
                for one in alike_ones
            ]
    return found


def _likely_pairs(dumps: Mapping[str, Sequence[bytes]]) -> Iterator[tuple[str, str]]:
    """Yield pairs that share most of what not half of the class has: code that was handed out says nothing."""
    own = {name: frozenset(sectors) - {b""} for name, sectors in dumps.items()}
    counts = Counter(one for sectors in own.values() for one in sectors)
    rare = {
        name: frozenset(one for one in sectors if counts[one] <= max(len(dumps) / 2, 2))
        for name, sectors in own.items()
    }
    for first, second in combinations(sorted(name for name in rare if rare[name]), 2):
        if 2 * len(rare[first] & rare[second]) >= max(len(rare[first]), len(rare[second])):
            yield first, second


def _places(stretches: Sequence[tuple[int, int]]) -> str:
    shown = ", ".join(f"{begin:#x} to {end:#x}" for begin, end in stretches[:_MOST_PLACES])
    return f"they differ at {shown}" + (" …" if len(stretches) > _MOST_PLACES else "")


def _alike_sources(traits: Mapping[str, Traits], template: frozenset[str]) -> list[Likeness]:
    common = Counter(one for own in traits.values() for one in own.prints)
    # What half of a class has was handed out in some other way: a lecture, a forum.
    everybodys = {one for one, count in common.items() if count > max(len(traits) / 2, 2)} | template
    own = {name: frozenset(one.prints) - everybodys for name, one in traits.items()}
    found = []
    for first, second in combinations(sorted(name for name in own if len(own[name]) >= _LEAST_PRINTS), 2):
        shared = own[first] & own[second]
        share = len(shared) / min(len(own[first]), len(own[second]))
        if share >= _ALIKE and len(shared) >= _LEAST_PRINTS:
            only = sum(1 for one in shared if common[one] == 2)
            rarity = f"{only} of {len(shared)} pieces are in no other hand-in"
            found.append((share, Likeness((first, second), f"sources alike by {share:.0%}", rarity)))
    return [likeness for _, likeness in sorted(found, key=lambda one: -one[0])]


def widespread(found: Sequence[Likeness], count: int) -> tuple[Likeness, ...]:
    """Return those that more than half of the class has: they were probably handed out."""
    return tuple(one for one in found if len(one.students) > max(count / 2, 2))
