"""What is passed over: what tools leave and builds make, and nothing of a student's own."""

import pytest

from grading.hand_in.litter import Litter

PROJECT = ["project/CMakeLists.txt", "project/main/main.c", "venv/pyvenv.cfg", "project/out/CMakeCache.txt"]


@pytest.mark.parametrize(
    ("name", "is_litter"),
    [
        ("__MACOSX/project/._main.c", True),
        ("project/._main.c", True),
        (".DS_Store", True),
        ("project/.git/HEAD", True),
        ("project/build/main.o", True),
        ("project/out/x/y", True),
        ("venv/lib/x.py", True),
        ("project/main/build.c", False),
        ("project/build", False),
        ("build/flash.bin", False),
        ("project/main/build/x.h", False),
        ("project/managed_components/a/a.c", False),
        ("project/.gitignore", False),
        ("flash.bin", False),
    ],
)
def test_member_is_litter_or_not(name: str, *, is_litter: bool) -> None:
    litter = Litter(one.split("/") for one in [*PROJECT, name])

    assert litter.holds(name.split("/")) is is_litter


def test_hand_in_that_is_an_environment_itself_is_not_passed_over() -> None:
    litter = Litter([["pyvenv.cfg"], ["answers.toml"]])

    assert not litter.holds(["answers.toml"])
