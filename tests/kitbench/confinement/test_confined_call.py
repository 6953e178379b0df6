"""A call in a confined process: values, errors and progress come back; what ends the process is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from kitbench.confinement.confined_call import ConfinedCall
from kitbench.confinement.confined_process import Box, Limits
from kitbench.errors import BenchError, Fault, GapError, KitbenchError, KitError
from tests.kitbench.confinement import callees
from tests.optional_part import LINUX

LIMITS = Limits(seconds=20, cpu_seconds=10, memory=256 << 20, file_size=1 << 20)
CALL = ConfinedCall("a.txt", "validate", Box(LIMITS))


def test_value_comes_back_with_its_type() -> None:
    assert CALL(callees.answer, 1, names=("a", "\u2028")) == callees.Answer(2, ("a", "\u2028"))


def test_value_of_another_type_is_no_value() -> None:
    with pytest.raises(BenchError, match=r"reading a\.txt gave nonsense"):
        CALL(callees.nonsense)


@pytest.mark.parametrize("kind", [*Fault, "gap"])
def test_error_is_what_it_was(kind: str) -> None:
    with pytest.raises(KitbenchError) as original:
        callees.fails(kind)

    with pytest.raises(KitbenchError) as told:
        CALL(callees.fails, kind)

    assert type(told.value) is type(original.value)
    assert str(told.value) == str(original.value)
    assert told.value.lacks == original.value.lacks
    assert isinstance(told.value, GapError) is (kind == "gap")


@LINUX.needed
@pytest.mark.parametrize(
    ("how", "limits", "said"),
    [
        ("memory", LIMITS, r"a\.txt takes too much memory to read \(more than 256 MB\)"),
        ("processor", replace(LIMITS, cpu_seconds=1), r"a\.txt takes too much processor time to read"),
        ("disk", LIMITS, r"a\.txt takes too much room on disk to read"),
        ("signal", LIMITS, r"a\.txt breaks what reads it"),
    ],
)
def test_limit_is_told_to_whom_the_file_belongs(how: str, limits: Limits, said: str) -> None:
    with pytest.raises(KitError, match=said):
        ConfinedCall("a.txt", "validate", Box(limits))(callees.dies, how)

    with pytest.raises(BenchError, match=said):
        ConfinedCall("a.txt", "validate", Box(limits), Fault.BENCH)(callees.dies, how)


@pytest.mark.parametrize(
    ("how", "said"), [("time", "took longer than 2 s"), ("killed", "failed"), ("error", "Zero"), ("silence", "failed")]
)
def test_what_may_be_the_machines_doing_is_the_benchs_fault(how: str, said: str) -> None:
    limits = replace(LIMITS, seconds=2) if how == "time" else LIMITS

    with pytest.raises(BenchError, match=said):
        ConfinedCall("a.txt", "validate", Box(limits))(callees.dies, how)


def test_progress_is_told_while_it_runs() -> None:
    told: list[tuple[str, int, int]] = []

    result = CALL.watched(lambda *step: told.append(step), callees.steps)

    assert result == 3
    assert ("step [2J 0", 0, 3) in told


def test_file_of_somebody_else_is_out_of_reach(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("kitbench-secret", encoding="utf-8")
    call = replace(CALL, box=Box(LIMITS, readable=(tmp_path / "a.txt",)))

    assert call(callees.read_text, tmp_path / "a.txt") == "x"
    with pytest.raises(BenchError) as told:
        call(callees.read_text, tmp_path / "secret.txt")
    assert "kitbench-secret" not in str(told.value)
