"""Names that learning platforms give: the roster's id is found in them, and nobody else's."""

import pytest

from grading.hand_in.bulk_name import read_bulk_name

IDS = frozenset({"s01", "ann.b", "doeann", "u_17", "4711"})


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("s01", "s01"),
        ("S01", "s01"),
        ("doeann_12345_678_submission", "doeann"),
        ("doeann_LATE_12345_678_submission-2", "doeann"),
        ("somebody_4711_678_x", "4711"),
        ("somebody_12345_678_s01", "s01"),
        ("Ann B_1234567_assignsubmission_file_", "ann.b"),
        ("Ann B_1234567_assignsubmission_file", "ann.b"),
        ("Ann B_1234567_assignsubmission_file_project", "ann.b"),
        ("Participant_4711_assignsubmission_file_", "4711"),
        ("Final Project_s01_attempt_2026-01-15-12-30-45_kit", "s01"),
        ("Final_Project_u_17_attempt_2026-01-15-12-30-45", "u_17"),
        ("s01 (1)", "s01"),
        ("doeann(12)", "doeann"),
        ("lab3_s01", "s01"),
        ("s01 final version", "s01"),
        ("lab 4711 and s01", None),
        ("s0 (1)", None),
        ("s012", None),
        ("mallory_12345_678_x", None),
        ("", None),
        ("_" * 5000, None),
    ],
)
def test_owner_is_found(name: str, owner: str | None) -> None:
    assert read_bulk_name(name).owner(IDS) == owner


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("doeann_1_2_kit", "doeann_1_2_kit-1"),
        ("doeann_1_2_kit-9", "doeann_1_2_kit-10"),
        ("s01", "s01 (1)"),
        ("s01 (9)", "s01 (10)"),
        ("A_s01_attempt_2026-01-15-12-30-45_x", "A_s01_attempt_2026-02-01-08-00-00_x"),
    ],
)
def test_what_was_handed_in_again_is_newer(older: str, newer: str) -> None:
    assert read_bulk_name(older).again < read_bulk_name(newer).again
