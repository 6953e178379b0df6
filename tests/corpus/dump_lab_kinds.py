"""Hand-ins for the rubric `dump_lab`: a dump, a flash that was written back, and answers, one of which is not right."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from grading.judgement import Outcome
from kitbench.installation import named_rubric
from tests.corpus.desk import Desk
from tests.corpus.kind import Family, Kind, Make
from tests.grading.dump_lab.hand_ins import PASSWORD, changed, fixed, flash, hand_in

RUBRIC: Final = named_rubric(Path("dump_lab"))
_CRITERIA: Final = ("partition_table", "wifi_password", "altered_flash")
_DUMP: Final = flash()
_BROKEN: Final = changed(_DUMP, b"hello", b"HELLO")
_ANSWERS: Final[Mapping[str, str]] = {
    "partitions": '["nvs", "phy_init", "factory"]',
    "wifi_password": f'"{PASSWORD}"',
    "wifi_password_offset": hex(_DUMP.index(PASSWORD.encode())),
    "boots": "false",
}


def _made(written_back: bytes | None = _BROKEN, *, dump: bytes = _DUMP, **answers: str) -> Make:
    """Return what hands in a dump and what was written back, with other answers than the right ones."""

    def make(desk: Desk) -> Path:
        return hand_in(desk.submission, dump=dump, written_back=written_back, answers={**_ANSWERS, **answers})

    return make


def _kind(name: str, why: str, make: Make, criterion: str, reason: str) -> Kind:
    outcomes = dict.fromkeys(_CRITERIA, Outcome.PASSED) | {criterion: Outcome.FAILED}
    return Kind(name, Family.FORGED_DUMP, why, make, outcomes, {criterion: reason}, rubric=RUBRIC)


def _honest(name: str, why: str, make: Make, *, is_quick: bool = False) -> Kind:
    outcomes = dict.fromkeys(_CRITERIA, Outcome.PASSED)
    return Kind(name, Family.HONEST, why, make, outcomes, is_quick=is_quick, rubric=RUBRIC)


DUMP_LAB: Final[tuple[Kind, ...]] = (
    _honest(
        "what the lab asks for", "a text was changed with a hex editor, so it does not boot", _made(), is_quick=True
    ),
    _honest(
        "a change that boots",
        "checksum and SHA-256 were made right after the change",
        _made(fixed(_DUMP, b"hello", b"HELLO"), boots="true"),
    ),
    _honest(
        "a password in the app alone",
        "NVS is empty, the app has it from the project's sdkconfig",
        _made(
            changed(flash(in_nvs=False), b"hello", b"HELLO"),
            dump=flash(in_nvs=False),
            wifi_password_offset=hex(flash(in_nvs=False).index(PASSWORD.encode())),
        ),
    ),
    _kind(
        "a partition that is left out",
        "the table has three",
        _made(partitions='["nvs", "factory"]'),
        "partition_table",
        "phy_init",
    ),
    _kind(
        "partitions of a tutorial",
        "the table of another kit, with OTA",
        _made(partitions='["nvs", "otadata", "phy_init", "ota_0", "ota_1"]'),
        "partition_table",
        "factory|ota",
    ),
    _kind(
        "the password of somebody else",
        "it is not in this flash",
        _made(wifi_password='"red-kettle-17"'),
        "wifi_password",
        "is not the one",
    ),
    _kind(
        "the right password somewhere else",
        "an offset that was guessed",
        _made(wifi_password_offset="0x9000"),
        "wifi_password",
        "not at the stated",
    ),
    _kind(
        "a claim that it boots",
        "the app's checksum is wrong, the ROM stops there",
        _made(boots="true"),
        "altered_flash",
        "checksum is wrong",
    ),
    _kind(
        "nothing was written back",
        "altered.bin is the dump itself",
        _made(_DUMP, boots="true"),
        "altered_flash",
        "as it was",
    ),
    _kind(
        "a flash of another kit",
        "nearly every byte differs",
        _made(bytes(range(256)) * 4096),
        "altered_flash",
        "another flash",
    ),
)
