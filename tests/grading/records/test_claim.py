"""A folder of results belongs to one class: its students come and go, another's are another class."""

from dataclasses import replace
from pathlib import Path

import pytest

from grading.records.claim import MARKER, Claim
from kitbench.errors import UsageError
from tests.grading.synthetic import STUDENT

OTHER = replace(STUDENT, id="s02", certificate_sha256="cd" * 32)


def test_student_who_joins_or_leaves_changes_no_class(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    Claim.of("A", folder, [STUDENT]).lay(tmp_path)
    Claim.of("A", folder, [STUDENT, OTHER]).lay(tmp_path)
    Claim.of("A", folder, [OTHER]).lay(tmp_path)

    with pytest.raises(UsageError, match="another class"):
        Claim.of("A", folder, [STUDENT]).lay(tmp_path)


@pytest.mark.parametrize(("title", "name"), [("B", "lab"), ("A", "lab2")])
def test_other_title_or_folder_is_another_class(tmp_path: Path, title: str, name: str) -> None:
    Claim.of("A", tmp_path / "lab", [STUDENT]).lay(tmp_path)

    with pytest.raises(UsageError, match="another class"):
        Claim.of(title, tmp_path / name, [STUDENT]).lay(tmp_path)


def test_marker_of_before_is_understood(tmp_path: Path) -> None:
    own = Claim.of("A", tmp_path / "lab", [STUDENT])
    (tmp_path / MARKER).write_text(f"made by `kitbench grade` {own.identity}\n", encoding="utf-8")
    own.lay(tmp_path)

    with pytest.raises(UsageError, match="another class"):
        Claim.of("B", tmp_path / "lab", [STUDENT]).lay(tmp_path)


def test_generated_class_claims_no_students(tmp_path: Path) -> None:
    Claim.of("A", tmp_path / "lab", [STUDENT]).lay(tmp_path)

    Claim.of("A", tmp_path / "lab", []).lay(tmp_path)
