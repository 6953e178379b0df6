"""Files of learning platforms, read before anything is graded: an error in them must not come last."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..marking.result import ClassResult
from ..marking.rubric import Rubric
from ..roster import RosterEntry
from .blackboard import read_blackboard_gradebook
from .canvas import read_canvas_gradebook
from .moodle import read_moodle_worksheet


class Export(Protocol):
    """A file for a learning platform, made from one that came from there; `owners` says which row is whose."""

    @property
    def file(self) -> str:
        """Name of the file."""

    @property
    def owners(self) -> Mapping[int, str]:
        """Row index to student id."""

    @property
    def encoding(self) -> str:
        """The text encoding that the platform gave it in."""

    def filled(self, result: ClassResult) -> str:
        """Return the text that the platform imports."""


@dataclass(frozen=True, slots=True)
class PlatformFiles:
    """What the command line names: the files, and how the assignment is called there; None for the class's title."""

    canvas: Path | None = None
    canvas_assignment: str | None = None
    blackboard: Path | None = None
    blackboard_column: str | None = None
    moodle: Path | None = None

    def read(self, roster: tuple[RosterEntry, ...], rubric: Rubric, title: str) -> tuple[Export, ...]:
        """Return an export for each file.

        Raises:
            UsageError: one is no such file, or does not fit the roster or the rubric.
        """
        exports: list[Export] = []
        highest = rubric.points + rubric.bonus_points
        if self.canvas is not None:
            exports.append(read_canvas_gradebook(self.canvas, roster, assignment=self.canvas_assignment or title))
        if self.blackboard is not None:
            column = self.blackboard_column or title
            exports.append(read_blackboard_gradebook(self.blackboard, roster, assignment=column, highest=highest))
        if self.moodle is not None:
            exports.append(read_moodle_worksheet(self.moodle, roster, highest=highest))
        return tuple(exports)
