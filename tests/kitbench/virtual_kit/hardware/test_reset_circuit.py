"""EN and IO0 from DTR and RTS."""

import pytest

from kitbench.virtual_kit.hardware.reset_circuit import Edge, ResetCircuit


def _drive(circuit: ResetCircuit, steps: str) -> list[Edge]:
    """Change lines as in esptool's custom reset strings: D0, D1, R0, R1; return the edges that are not nothing."""
    edges = []
    for step in steps.split():
        change = circuit.set_dtr if step[0] == "D" else circuit.set_rts
        edges.append(change(asserted=step[1] == "1"))
    return [edge for edge in edges if edge is not Edge.NONE]


@pytest.mark.parametrize(
    ("steps", "edges"),
    [
        ("D1 R1", []),  # a port being opened
        ("D0 R1 D1 R0 D0", [Edge.RESET, Edge.DOWNLOAD]),  # classic reset
        ("D0 R1 D0 D1 R0 D1 D0", [Edge.RESET, Edge.DOWNLOAD]),  # the same with esptool's repeated DTR
        ("R1 R0", [Edge.RESET, Edge.RUN]),  # hard reset
        ("D1 R1 D0 R1 R0", [Edge.RESET, Edge.RUN]),  # hard reset of a port just opened
        ("D1 R0 D0", []),  # IO0 alone
        ("R1 D1 D0 D1 R0", [Edge.RESET, Edge.DOWNLOAD]),  # stays in reset through (1,1)
        ("D1 R1 R0 D0", []),  # a port that was opened is closed, RTS first
    ],
)
def test_edges(steps: str, edges: list[Edge]) -> None:
    assert _drive(ResetCircuit(), steps) == edges
