"""Port errors by name: what is wrong with the port, and what mends it."""

from pathlib import Path

import pytest

from kitbench.doctor import port
from kitbench.doctor.check import State


def test_a_port_that_does_not_exist_says_so(tmp_path: Path) -> None:
    line = port.permission(str(tmp_path / "ttyUSB0"))

    assert line.state is State.FAIL
    assert "does not exist" in line.detail


@pytest.mark.parametrize(
    ("number", "mend"), [(13, "usermod -aG"), (16, "close the program"), (2, "check the cable"), (5, "check the name")]
)
def test_each_error_has_its_mend(number: int, mend: str, tmp_path: Path) -> None:
    node = tmp_path / "tty"
    node.touch()

    line = port.line_for(str(node), OSError(number, "text"))

    assert line.state is State.FAIL
    assert mend in line.mend
