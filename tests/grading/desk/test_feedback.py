"""`kitbench grade` writes a page for each student that can be sent to him."""

from pathlib import Path

import pytest

from tests.grading.desk.fake_class import RightBench, behind, class_of, grade
from tests.grading.handed_in import certificate_sha256


def test_each_student_gets_a_page_with_nothing_of_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("anna", "boris", "clara")
    folder = class_of(tmp_path / "class", *names, columns=",name", cells=",{name} the person")
    behind(monkeypatch, RightBench())

    grade(folder, "--output", tmp_path / "grades", "--stage", "audit")

    pages = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "grades" / "feedback").iterdir()}
    assert set(pages) == set(names)
    for name, page in pages.items():
        others = [one for one in names if one != name]
        assert f"{name} the person ({name})" in page
        assert certificate_sha256(name) in page
        assert not any(one in page or certificate_sha256(one) in page for one in others)
        assert "data:image/svg+xml;base64," in page
