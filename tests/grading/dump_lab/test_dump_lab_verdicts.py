"""The lab on dumps: right hand-ins get all points; a wrong one loses what it is wrong in, and the reason says so."""

from pathlib import Path
from typing import Any, Final

import pytest

from grading.hand_in.confined_reading import read_handed_in
from grading.judgement import Outcome
from grading.marking.facts import Facts
from grading.marking.rubric import read_rubric
from grading.marking.score import score
from kitbench.installation import named_rubric
from tests.grading.dump_lab.hand_ins import PASSWORD, TABLE, changed, fixed, flash, hand_in
from tests.grading.synthetic import STUDENT

RUBRIC: Final = read_rubric(named_rubric(Path("dump_lab")))
DUMP: Final = flash()
IN_NVS: Final = DUMP.index(PASSWORD.encode())
ANSWERS: Final = {
    "partitions": '["nvs", "phy_init", "factory"]',
    "wifi_password": f'"{PASSWORD}"',
    "wifi_password_offset": hex(IN_NVS),
    "boots": "false",
}
BROKEN: Final = changed(DUMP, b"hello", b"HELLO")


def lost(tmp_path: Path, **given: Any) -> dict[str, str]:
    """Return the criteria that a hand-in loses, each with its first reason."""
    arguments = {"dump": DUMP, "written_back": BROKEN, "answers": ANSWERS} | given
    source = hand_in(tmp_path / "handed_in", **arguments)
    work = tmp_path / "work"
    work.mkdir()
    submission = read_handed_in(source, work, STUDENT)
    scored = score(RUBRIC, Facts(STUDENT, submission, RUBRIC.offset_tolerance))
    return {mark.criterion.id: mark.reason for mark in scored.marks if mark.outcome is not Outcome.PASSED}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"written_back": fixed(DUMP, b"hello", b"HELLO"), "answers": ANSWERS | {"boots": "true"}},
        {"answers": ANSWERS | {"partitions": '"factory, nvs phy_init"', "boots": '"No"'}},
        {"answers": ANSWERS | {"wifi_password_offset": f'"{IN_NVS + 15:#x}"'}},
    ],
    ids=["as asked", "fixed", "as texts", "line of a hexdump"],
)
def test_right_hand_in_loses_nothing(tmp_path: Path, given: dict[str, Any]) -> None:
    assert lost(tmp_path, **given) == {}


@pytest.mark.parametrize(
    ("given", "criterion", "word"),
    [
        ({"answers": ANSWERS | {"partitions": '["nvs", "factory"]'}}, "partition_table", "phy_init"),
        ({"answers": ANSWERS | {"partitions": '["nvs", "phy_init", "factory", "ota_0"]'}}, "partition_table", "ota_0"),
        ({"answers": ANSWERS | {"wifi_password": '"guessed"'}}, "wifi_password", "is not the one"),
        ({"answers": ANSWERS | {"wifi_password_offset": hex(IN_NVS + 16)}}, "wifi_password", "not at the stated"),
        ({"written_back": DUMP, "answers": ANSWERS | {"boots": "true"}}, "altered_flash", "as it was"),
        ({"answers": ANSWERS | {"boots": "true"}}, "altered_flash", "checksum is wrong"),
        ({"written_back": fixed(DUMP, b"hello", b"HELLO")}, "altered_flash", "boots: every check holds"),
        ({"written_back": None}, "altered_flash", "altered.bin is missing"),
        ({"written_back": BROKEN[: 1 << 19] * 4}, "altered_flash", "bytes, flash.bin"),
        ({"written_back": bytes(1 << 20)}, "altered_flash", "another flash"),
    ],
)
def test_wrong_hand_in_loses_its_criterion_alone(
    tmp_path: Path, given: dict[str, Any], criterion: str, word: str
) -> None:
    reasons = lost(tmp_path, **given)

    assert list(reasons) == [criterion]
    assert word in reasons[criterion]


def test_password_of_the_app_counts_where_nvs_has_none(tmp_path: Path) -> None:
    dump = flash(in_nvs=False, text=b"hello\0" + PASSWORD.encode() + b"\0\0")
    place = dump.index(PASSWORD.encode())
    answers = ANSWERS | {"wifi_password_offset": hex(place)}

    assert lost(tmp_path, dump=dump, written_back=changed(dump, b"hello", b"HELLO"), answers=answers) == {}


def test_dump_without_a_password_or_a_table_says_so(tmp_path: Path) -> None:
    bare = flash(in_nvs=False, text=b"hello\0\0\0")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    without = lost(tmp_path / "a", dump=bare, written_back=changed(bare, b"hello", b"HELLO"))
    erased = flash(table=())
    nothing = lost(tmp_path / "b", dump=erased, written_back=changed(erased, b"hello", b"HELLO"))

    assert "holds no Wi-Fi password" in without["wifi_password"]
    assert "has no partition table" in nothing["partition_table"]
    assert len(TABLE) == 3
