from dataclasses import replace

import pytest

from grading.judgement import LONGEST_REASON
from grading.marking.check_reason import check_reason
from grading.marking.run_report import Check
from grading.variant import Variant
from kitbench.errors import Fault
from tests.grading.synthetic import failing


def check(stage: str, reason: str) -> Check:
    one = failing("kit_connects", "connects", Variant.EMBEDDED_KEY, reason=reason, fault=Fault.STUDENT)
    return replace(one, stage=stage)


@pytest.mark.parametrize(
    ("stage", "reason", "shown"),
    [
        ("build", "build: main/a.c:6: expected ';'", "the project does not build: main/a.c:6: expected ';'"),
        ("cloud", "cloud: nothing came", "nothing came (see serial.log and cloud_messages.jsonl)"),
        ("traffic", "traffic: 800 of 800", "too many messages: 800 of 800 (see serial.log and cloud_messages.jsonl)"),
        ("run", "run: no 'x' on the serial line", "no 'x' on the serial line (see serial.log)"),
        ("check", "a message arrived twice", "a message arrived twice (see serial.log)"),
        ("audit", "audit: a key is there", "a key is there (see verdict and flash map)"),
        ("", "silent", "silent (see serial.log)"),
    ],
)
def test_reason_says_what_happened_and_where_to_look(stage: str, reason: str, shown: str) -> None:
    assert check_reason(check(stage, reason)) == shown


def test_key_in_the_flash_of_a_run_is_shown_by_its_map() -> None:
    one = replace(check("check", "a key is at 0x1000"), name="private_key_is_nowhere_in_flash")

    assert check_reason(one) == "a key is at 0x1000 (see the verdict and the flash map of the run)"


def test_long_reason_is_cut_before_the_place_to_look() -> None:
    text = check_reason(check("run", "x" * 1000))

    assert len(text) == LONGEST_REASON
    assert text.endswith("x… (see serial.log)")
