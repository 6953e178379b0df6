"""Every requirement says what it rests on, and every part how it comes to be."""

from grading.check.own_entry import completed, given_entry
from grading.check.parts import MAKE, NEEDS, Part, audited_dumps, parts_there
from grading.hand_in.submission import Submission
from grading.judgement import MISSING, Problem
from grading.marking.requirements import REQUIREMENTS
from grading.variant import Variant
from kitbench.errors import Fault
from tests.grading.synthetic import submission


def there(handed_in: Submission) -> frozenset[Part]:
    return parts_there(handed_in, completed(given_entry(None, None), handed_in)[0])


def test_every_requirement_and_part_is_known() -> None:
    assert NEEDS.keys() == REQUIREMENTS.keys()
    assert MAKE.keys() == set(Part)


def test_whole_hand_in_has_every_part() -> None:
    without_reading = submission(dumps={variant: Problem(Fault.STUDENT, "validate", "is cut") for variant in Variant})

    assert there(without_reading) == set(Part)


def test_empty_hand_in_has_none() -> None:
    missing = Problem(Fault.STUDENT, MISSING, "is missing")
    nothing = submission(
        answers=missing,
        certificate_sha256=missing,
        sdkconfig_endpoint=missing,
        rule=missing,
        table=missing,
        lab=missing,
        projects={},
        dumps={Variant.EMBEDDED_KEY: missing},
    )

    assert there(nothing) == frozenset()


def test_only_dumps_that_somebody_looks_at_are_audited() -> None:
    assert audited_dumps(["endpoint_in_answers"]) == frozenset()
    assert audited_dumps(["offset_is_right"]) == {Variant.EMBEDDED_KEY}
    assert audited_dumps(REQUIREMENTS) == set(Variant)
