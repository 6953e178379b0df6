"""Suite and reference firmware are found, in the checkout as in an installation."""

from pathlib import Path

import pytest

from kitbench.installation import named_rubric, reference_project, suite_path


def test_suite_has_the_on_kit_tests() -> None:
    assert (suite_path() / "test_connection.py").is_file()


def test_reference_project_can_be_built_with_a_secure_element() -> None:
    assert (reference_project() / "sdkconfig.ci.atecc608a").is_file()
    assert (reference_project() / "main" / "CMakeLists.txt").is_file()


def test_rubric_that_comes_along_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert named_rubric(Path("course_2024")).read_text(encoding="utf-8").startswith("#")

    assert named_rubric(Path("course_1999")) == Path("course_1999")
    assert named_rubric(Path("elsewhere/course_2024")) == Path("elsewhere/course_2024")
    Path("course_2024").write_text("title = 'own'", encoding="utf-8")
    assert named_rubric(Path("course_2024")) == Path("course_2024")
