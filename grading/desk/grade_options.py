"""What `kitbench grade` was asked, as its options say it."""

from dataclasses import dataclass
from pathlib import Path

from kitbench.kit_list import VIRTUAL

from ..export.platform import PlatformFiles
from ..records.earlier import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeOptions:
    """The options of `kitbench grade`, each under its own name; None or "" for what was not given."""

    class_folder: Path
    output: Path
    roster: Path | None = None
    rubric: Path | None = None
    kits: tuple[str, ...] = (VIRTUAL,)
    board: str | None = None
    bench: Path | None = None
    cloud: str = "local"
    jobs: int | None = None
    attempts: int = 2
    timeout: int = 300
    budget: int | None = None
    esp_aws_iot: Path | None = None
    idf: str = ""
    only: str | None = None
    stage: Stage = Stage.ALL
    again: bool = False
    anonymous: bool = False
    grader_key: Path
    canvas: Path | None = None
    canvas_assignment: str | None = None
    blackboard: Path | None = None
    blackboard_column: str | None = None
    moodle: Path | None = None

    @property
    def kit(self) -> str:
        """All kits in one list, as the bench takes it."""
        return ",".join(self.kits)

    @property
    def needs_a_kit(self) -> bool:
        """Whether anything is run."""
        return self.stage is not Stage.AUDIT

    @property
    def platform_files(self) -> PlatformFiles:
        """The files of learning platforms that are to be filled in."""
        return PlatformFiles(self.canvas, self.canvas_assignment, self.blackboard, self.blackboard_column, self.moodle)
