"""What the lab on dumps requires: one function each, facts in, judgement out. The answers stand in answers.toml."""

import re
from typing import Final

from ..hand_in.dump_lab import ALTERED_FILE, DumpLab
from ..hand_in.submission import ANSWERS_FILE
from ..judgement import MISSING, Judgement, Problem, failed, judge_problem, passed
from .facts import Facts

#: Bytes that an alteration by hand changes at most, checksum and hash of the app included.
MOST_CHANGED: Final = 64 << 10
_STAGE: Final = "security analysis"
_YES_NO: Final = {"yes": True, "no": False}


def partition_table_named(facts: Facts) -> Judgement:
    """In answers.toml, partitions names every partition of flash.bin, and no other."""
    lab, answer = _lab(facts), _answer(facts, "partitions")
    if isinstance(lab, Judgement):
        return lab
    if isinstance(answer, Judgement):
        return answer
    if lab.table_problem:
        return failed(lab.table_problem, stage=_STAGE)
    named, there = set(re.split(r"[\s,;]+", answer.strip(" ,;\n"))), set(lab.partitions)
    if missing := [name for name in lab.partitions if name not in named]:
        return failed(f"{ANSWERS_FILE} does not name the partition {missing[0]!r} of flash.bin", stage=_STAGE)
    if extra := sorted(named - there):
        return failed(f"flash.bin has no partition {extra[0][:40]!r}", stage=_STAGE)
    return passed(f"all {len(there)} partitions are named")


def wifi_password_found(facts: Facts) -> Judgement:
    """In answers.toml, wifi_password is what is in flash.bin, in NVS or in the app, where wifi_password_offset says."""
    lab, answer, stated = _lab(facts), _answer(facts, "wifi_password"), _answer(facts, "wifi_password_offset")
    if isinstance(lab, Judgement):
        return lab
    if isinstance(answer, Judgement) or isinstance(stated, Judgement):
        return answer if isinstance(answer, Judgement) else _missing("wifi_password_offset")
    if not lab.passwords:
        return failed("flash.bin holds no Wi-Fi password, neither in NVS nor that of project/ in an app", stage=_STAGE)
    places = [one.offset for one in lab.passwords if one.text == answer]
    if not places:
        return failed(f"wifi_password in {ANSWERS_FILE} is not the one that flash.bin holds", stage=_STAGE)
    offset = _offset(stated)
    if not any(abs(place - offset) <= facts.offset_tolerance for place in places):
        return failed(f"the Wi-Fi password is not at the stated offset {stated[:20]}", stage=_STAGE)
    return passed(f"the Wi-Fi password begins at {places[0]:#x}")


def altered_flash_handed_in(facts: Facts) -> Judgement:
    """altered.bin is flash.bin with few bytes changed."""
    lab = _lab(facts)
    if isinstance(lab, Judgement):
        return lab
    if not lab.altered:
        return failed(f"{ALTERED_FILE} is missing", stage=MISSING)
    if lab.altered_problem:
        return failed(lab.altered_problem, stage="validate")
    if lab.changed == 0:
        return failed(f"{ALTERED_FILE} is flash.bin as it was", stage=_STAGE)
    if lab.changed > MOST_CHANGED:
        why = f"{ALTERED_FILE} differs from flash.bin in {lab.changed} bytes: it is another flash, not an altered one"
        return failed(why, stage=_STAGE)
    return passed(f"{lab.changed} bytes were changed")


def altered_flash_boots_as_answered(facts: Facts) -> Judgement:
    """In answers.toml, boots says whether altered.bin comes to run its app, by what ROM and boot loader check."""
    handed_in = altered_flash_handed_in(facts)
    lab, answer = _lab(facts), _answer(facts, "boots")
    if isinstance(lab, Judgement) or not lab.altered or lab.altered_problem:
        return handed_in
    if isinstance(answer, Judgement):
        return answer
    said = _YES_NO.get(answer.strip().lower())
    if said is None:
        return failed(f"boots in {ANSWERS_FILE} is neither true nor false", stage="validate")
    if said is bool(lab.boot_problem):
        truth = f"does not boot: {lab.boot_problem}" if lab.boot_problem else "boots: every check holds"
        return failed(f"{ANSWERS_FILE} says boots = {str(said).lower()}, but {ALTERED_FILE} {truth}", stage=_STAGE)
    return passed(lab.boot_problem or "it boots")


def _lab(facts: Facts) -> DumpLab | Judgement:
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    lab = facts.submission.lab
    return judge_problem(lab) if isinstance(lab, Problem) else lab


def _answer(facts: Facts, name: str) -> str | Judgement:
    """Return an answer, or the judgement that it was not given."""
    if isinstance(facts.submission, Problem):
        return judge_problem(facts.submission)
    answers = facts.submission.answers
    if isinstance(answers, Problem):
        return judge_problem(answers)
    if name not in answers.written:
        return _missing(name)
    return answers.written[name]


def _missing(name: str) -> Judgement:
    return failed(f"{ANSWERS_FILE} has no {name}", stage=MISSING)


def _offset(stated: str) -> int:
    """Return a stated offset; far away from everything where it is none."""
    try:
        return int(stated.strip()[:20], 0)
    except ValueError:
        return -(1 << 40)
