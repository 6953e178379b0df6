"""Marks are rounded to 0.01 as people do it, however their sum is kept."""

import pytest

from grading.marking.points import rounded


@pytest.mark.parametrize(
    ("points", "expected"),
    [(4.125, 4.13), (2.675, 2.68), (1.005, 1.01), (0.1 + 0.2, 0.3), (0.285 * 3, 0.86), (1.0, 1.0), (0.0049, 0.0)],
)
def test_half_goes_up(points: float, expected: float) -> None:
    assert rounded(points) == expected
