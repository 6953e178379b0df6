"""What hand-ins have in common: planted likenesses are listed, each once, and nothing else."""

import random
from dataclasses import replace
from pathlib import Path

from grading.across.likeness import Likeness, likenesses, widespread
from grading.hand_in.source_prints import source_prints
from grading.hand_in.submission import Answers, Dump, Submission
from grading.hand_in.traits import Traits
from grading.marking.result import SubmissionResult
from grading.report.pages import across_page
from grading.variant import Variant
from tests.grading.hand_in.test_source_prints import SOURCE
from tests.grading.results import result
from tests.grading.synthetic import ENDPOINT, KEY_OFFSET

ANSWER = "The key is in the flash, and whoever reads the flash over the serial line has it."


def program(seed: int) -> str:
    """Return a program that no other seed has."""
    chance = random.Random(seed)
    signs = [
        chance.choice(["x", "(y)", "+", "*", "if", "[1]", "->z", "&&", "while", "!", ";", "{ }"]) for _ in range(600)
    ]
    return f"void work{seed}(void) {{ {' '.join(signs)} }}"


def student(number: int, *, source: str = "", answer: str = "", dump: str = "", image: str = "") -> SubmissionResult:
    name = f"s{number:02}"
    given = result(name)
    assert isinstance(given.facts.submission, Submission)
    own = frozenset(source_prints(SOURCE)) | source_prints(source or program(number))
    submission = replace(
        given.facts.submission,
        answers=Answers(ENDPOINT, KEY_OFFSET, {"answer": answer or f"Answer {number}: " + "own words " * number}),
        certificate_sha256=f"{number:064}",
        dumps={Variant.EMBEDDED_KEY: Dump(Path("flash.bin"), dump or f"d{number}", carries_endpoint=True)},
        traits=Traits(tuple(sorted(own)), {Variant.EMBEDDED_KEY: (image or f"i{number}",)}),
    )
    return replace(given, facts=replace(given.facts, submission=submission, audits={}))


def test_planted_pairs_are_found_and_no_other() -> None:
    own = [student(number) for number in range(1, 21)]
    planted = [
        student(21, source=program(3)),
        student(22, dump="d5"),
        student(23, answer="ANSWER 7 — " + "own, words; " * 7),
    ]

    found = likenesses([*own, *planted], source_prints(SOURCE))

    assert [(one.students, one.what.partition(" by")[0]) for one in found] == [
        (("s05", "s22"), "the same dump"),
        (("s07", "s23"), "the same written answer"),
        (("s03", "s21"), "sources alike"),
    ]
    assert found[0].rarity == "2 of 23"
    assert "are in no other hand-in" in found[2].rarity


def test_dumps_that_differ_in_few_places_are_listed_with_them() -> None:
    def with_sectors(number: int, sectors: list[int]) -> SubmissionResult:
        given = student(number)
        submission = given.facts.submission
        assert isinstance(submission, Submission)
        # Half of a flash is the sample's code, which everybody has; the last sectors are erased.
        digests = tuple(f"{one:032x}" for one in [*range(1, 41), *sectors]) + ("",) * 20
        traits = replace(submission.traits, sectors={Variant.EMBEDDED_KEY: digests})
        return replace(given, facts=replace(given.facts, submission=replace(submission, traits=traits)))

    own = [with_sectors(number, [1000 * number + one for one in range(20)]) for number in range(1, 7)]
    copied = with_sectors(7, [3000, 3001, 7002, 7003, *(3004 + one for one in range(16))])

    [found] = likenesses([*own, copied], source_prints(SOURCE))

    assert (found.students, found.what) == (("s03", "s07"), "flash.bin alike by 96.7%")
    assert found.rarity == "they differ at 0x2a000 to 0x2c000"


def test_template_makes_nobody_alike() -> None:
    unchanged = [student(number, source=SOURCE) for number in range(1, 4)]

    assert likenesses(unchanged, source_prints(SOURCE)) == ()


def test_what_most_have_was_handed_out_and_stands_apart() -> None:
    everybody = [student(number, answer=ANSWER) for number in range(1, 5)]

    found = likenesses(everybody, source_prints(SOURCE))

    assert [one.rarity for one in widespread(found, 4)] == ["4 of 4"]
    page = across_page("A class", found, 4)
    assert "No two hand-ins have more in common" in page
    assert "the same written answer: 4 of 4" in page


def test_page_names_students_and_escapes_the_title() -> None:
    page = across_page("<b>", (Likeness(("s01", "s02"), "the same dump", "2 of 30"),), 30)

    assert 'href="submissions/s02/index.html"' in page
    assert "<b>" not in page.partition("<h1>")[2]
    assert "nothing here costs points" in page
