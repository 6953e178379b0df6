"""Which kit is on a port; the good case is judged with a kit in tests/conformance."""

from pathlib import Path

import pytest

from kitbench.errors import BenchError
from kitbench.kit.identity import identify


def test_a_port_without_a_kit_is_the_benchs_fault_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="kitbench doctor --kit") as caught:
        identify(str(tmp_path / "ttyUSB0"))

    assert "\n" not in str(caught.value)
