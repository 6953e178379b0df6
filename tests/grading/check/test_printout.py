"""For a pipe, each line says by itself what it is about; for a terminal, signs beside the colours."""

from grading.check.printout import lines, paragraphs, summary
from grading.check.standing import CriterionStanding, Fact, Standing
from grading.marking.rubric import read_rubric

ENDPOINT, *_, CHIP = read_rubric().criteria
STANDING = (
    CriterionStanding(ENDPOINT, (Fact("a", Standing.KEPT, "it is"), Fact("b", Standing.LOST, "it is not", "fix it"))),
    CriterionStanding(CHIP, (Fact("c", Standing.NOT_SHOWN, "no dump", "make one"),)),
)


def test_every_line_stands_alone() -> None:
    printed = list(lines(STANDING))

    assert printed == [
        "lost: endpoint (Custom endpoint): 1",
        "kept: endpoint: a: it is",
        "lost: endpoint: b: it is not",
        "to do: endpoint: b: fix it",
        "not shown yet: secure_element (Secure element): 1 bonus",
        "not shown yet: secure_element: c: no dump",
        "to do: secure_element: c: make one",
    ]


def test_terminal_shows_names_and_signs() -> None:
    printed = [text for text, _ in paragraphs(STANDING)]

    assert printed[0] == "✗ Custom endpoint: lost"
    assert printed[-3:] == ["? Secure element: not shown yet, bonus", "   ? no dump", "     → make one"]


def test_summary_counts() -> None:
    assert summary(STANDING) == "0 of 2 points: 0 kept, 1 lost, 1 not shown yet"
    assert summary((CriterionStanding(ENDPOINT, STANDING[0].facts[:1]),)) == (
        "1 of 1 points: 1 kept, 0 lost, 0 not shown yet"
    )
