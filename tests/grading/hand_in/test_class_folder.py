from pathlib import Path

import pytest

from grading.hand_in.class_folder import read_class, read_settings
from grading.judgement import Problem
from kitbench.errors import Fault, UsageError

SHA = "0f" * 32


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """A class of three with one folder, one archive and one who handed in nothing."""
    rows = "".join(f"s0{number},a.example,{SHA}\n" for number in (1, 2, 3))
    (tmp_path / "roster.csv").write_text(f"id,endpoint,certificate_sha256\n{rows}", encoding="utf-8")
    (tmp_path / "submissions" / "s01").mkdir(parents=True)
    (tmp_path / "submissions" / "S02.tar.gz").write_bytes(b"")
    return tmp_path


def test_each_entry_gets_its_submission(folder: Path) -> None:
    sources = dict(zip(("s01", "s02", "s03"), (source for _, source in read_class(folder).entries), strict=True))

    assert sources["s01"] == folder / "submissions" / "s01"
    assert sources["s02"] == folder / "submissions" / "S02.tar.gz"
    assert sources["s03"] == Problem(Fault.STUDENT, "submission", "nothing was handed in")


def test_two_submissions_of_one_student_are_for_the_instructor_to_sort_out(folder: Path) -> None:
    (folder / "submissions" / "s01.zip").write_bytes(b"")

    problem = read_class(folder).entries[0][1]

    assert isinstance(problem, Problem)
    assert problem.fault is Fault.CALLER


def test_submission_of_nobody_in_the_roster_is_told(folder: Path) -> None:
    (folder / "submissions" / "mallory").mkdir()
    (folder / "submissions" / "notes.txt").write_bytes(b"")

    assert read_class(folder).strangers == ("mallory",)


def test_submissions_may_lie_in_the_class_folder_itself(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(f"id,endpoint,certificate_sha256\ns01,a.example,{SHA}\n", encoding="utf-8")
    (tmp_path / "s01").mkdir()

    for name in (".git", "__MACOSX", "rubric.toml", "class.toml"):
        (tmp_path / name).mkdir()

    read = read_class(tmp_path)

    assert read.entries[0][1] == tmp_path / "s01"
    assert read.strangers == ()


def test_roster_may_lie_elsewhere(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere.csv"
    (folder / "roster.csv").rename(other)

    assert len(read_class(folder, roster=other).entries) == 3
    with pytest.raises(UsageError, match=r"roster\.csv is missing"):
        read_class(folder)


def test_settings_are_optional(folder: Path) -> None:
    assert read_settings(folder).generate is None


def test_settings_name_a_script_beside_them(folder: Path) -> None:
    (folder / "class.toml").write_text('title = "T"\ngenerate = "make.py"\n', encoding="utf-8")
    (folder / "make.py").write_text("", encoding="utf-8")

    settings = read_settings(folder)

    assert (settings.title, settings.generate) == ("T", folder / "make.py")


@pytest.mark.parametrize("name", ["submissions/s01/make.py", "../make.py", "/bin/sh", "missing.py", ""])
def test_script_elsewhere_is_refused(folder: Path, name: str) -> None:
    (folder / "submissions" / "s01" / "make.py").write_text("", encoding="utf-8")
    (folder / "class.toml").write_text(f'generate = "{name}"\n', encoding="utf-8")

    with pytest.raises(UsageError, match="not the name of a script"):
        read_settings(folder)


@pytest.mark.parametrize("text", ["nonsense", "generate = 5"])
def test_malformed_settings_are_a_usage_error(folder: Path, text: str) -> None:
    (folder / "class.toml").write_text(text, encoding="utf-8")

    with pytest.raises(UsageError):
        read_settings(folder)


def test_folder_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        read_settings(tmp_path / "nowhere")


def test_names_of_learning_platforms_are_understood(folder: Path) -> None:
    names = ["s03_LATE_12345_678_kit.zip", "s03_LATE_12345_678_kit-1.zip", "mallory_1_2_kit.zip"]
    for name in names:
        (folder / "submissions" / name).write_bytes(b"")

    read = read_class(folder)

    assert read.entries[2][1] == folder / "submissions" / "s03_LATE_12345_678_kit-1.zip"
    assert read.strangers == ("mallory_1_2_kit.zip",)


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000, "a = " + "9" * 5000])
def test_class_file_too_deep_or_too_long_to_read_is_told_of(tmp_path: Path, text: str) -> None:
    (tmp_path / "class.toml").write_text(text)

    with pytest.raises(UsageError, match=r"class\.toml: "):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    "name", ["s03.7z", "s03.rar", "s03.tar.lz", "s03.iso", "S03.ZIP", "s03.gz", "lab3_s03.tgz", "s03 (2).zip"]
)
def test_archive_of_any_kind_is_somebodys(folder: Path, name: str) -> None:
    (folder / "submissions" / name).write_bytes(b"")

    assert read_class(folder).entries[2][1] == folder / "submissions" / name
