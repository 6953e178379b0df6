"""A class of thirty: everybody's own work, and three pairs that have something in common which they should not.

Mistakes are the smaller class's: here nobody makes any, so that what is alike is what was planted.
"""

import random
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from grading.example_class.hand_in import HandIn, answers
from grading.example_class.students import Forge, Student, with_dump_of

COUNT: Final = 30
#: Who has the same dump, who the same answer, who the same sources under other names.
PAIRS: Final = (("s02", "s04"), ("s07", "s08"), ("s11", "s12"))
_WORDS: Final = (
    *("flash", "reader", "serial line", "partition", "certificate", "sector", "offset", "bootloader", "secure element"),
    *("kit", "minute", "strapping pin", "signature", "console", "backup", "cable", "laboratory", "neighbour", "dump"),
)
_SIGNS: Final = ("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "&&", "||", "<", ">", "==")


def own_answer(number: int) -> str:
    """Return an answer in words that no other number has."""
    chance = random.Random(number)
    return " ".join(chance.choice(_WORDS) for _ in range(24)) + f", says number {number}."


def own_source(number: int) -> str:
    """Return a C source whose functions no other number has."""
    chance = random.Random(number)
    return "\n".join(
        f"static inline int work_{number}_{index}(int a, int b)\n{{\n    return {_expression(chance, 6)};\n}}\n"
        for index in range(8)
    )


def renamed(source: str) -> str:
    """Return a source under other names, with other comments and layout."""
    return "/* all my own work */\n" + re.sub(r"\bwork_", "task_", source).replace("    return", "\treturn")


def _expression(chance: random.Random, depth: int) -> str:
    if depth == 0:
        return chance.choice(("a", "b", "3", "~a", "!b", "(a - 1)"))
    left, right = _expression(chance, depth - 1), _expression(chance, depth - chance.choice((1, depth)))
    return f"({left} {chance.choice(_SIGNS)} {right})"


def own_work(number: int, *, answer: int = 0, source: int = 0) -> Forge:
    """Return what a student adds to the assignment: an answer and a source, own ones unless it is another number's."""

    def forge(_class: Mapping[str, HandIn], own: HandIn) -> HandIn:
        text = own_source(source or number)
        _write(own.projects["project"], renamed(text) if source else text)
        stated = answers(own.registered.endpoint, own.key_offset, own_answer(answer or number))
        return replace(own, files={**own.files, "answers.toml": stated})

    return forge


def _write(project: Path, source: str) -> None:
    (project / "main" / "own_work.h").write_text(source, encoding="utf-8")


def _with_somebodys_dump(number: int, other: str) -> Forge:
    """Return a hand-in of somebody else's dump, with the offset that goes with it in words of one's own."""

    def forge(everybody: Mapping[str, HandIn], own: HandIn) -> HandIn:
        copied = with_dump_of(other)(everybody, own_work(number)(everybody, own))
        stated = answers(own.registered.endpoint, everybody[other].key_offset, own_answer(number))
        return replace(copied, files={**copied.files, "answers.toml": stated})

    return forge


def _student(number: int) -> Student:
    name = f"s{number:02}"
    (_, dump), (_, answer), (_, source) = PAIRS
    if name == dump:
        return Student(name, "hands in somebody else's dump", forge=_with_somebodys_dump(number, PAIRS[0][0]))
    if name == answer:
        return Student(name, "copies an answer", forge=own_work(number, answer=int(PAIRS[1][0][1:])))
    if name == source:
        return Student(name, "copies sources and renames all in them", forge=own_work(number, source=int(PAIRS[2][0][1:])))
    return Student(name, "does everything right", forge=own_work(number))


LARGE_CLASS: Final = tuple(_student(number) for number in range(1, COUNT + 1))
