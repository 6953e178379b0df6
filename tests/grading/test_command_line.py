"""The command as people type it: exit statuses, and a class whose generation fails."""

from pathlib import Path

import pytest

from grading.command_line import command
from grading.desk.side_by_side import default_jobs
from kitbench.command_line import run

SHA = "0f" * 32


def grade(*arguments: str | Path) -> int:
    return run(command, list(map(str, arguments)))


def class_of_nobody_present(folder: Path) -> Path:
    """Write a class whose only student handed in nothing: it can be graded without any kit."""
    folder.mkdir()
    (folder / "roster.csv").write_text(f"id,endpoint,certificate_sha256\ns01,a.example,{SHA}\n", encoding="utf-8")
    return folder


def test_class_that_is_all_graded_exits_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = grade(class_of_nobody_present(tmp_path / "class"), "--output", tmp_path / "grades")

    assert status == 0
    assert (tmp_path / "grades" / "index.html").is_file()
    assert (tmp_path / "grades" / "grades.csv").is_file()
    assert (tmp_path / "grades" / "submissions" / "s01" / "results.json").is_file()
    printed = capsys.readouterr().out
    assert "nothing was handed in" in printed
    assert "s01: 0 points" in printed


def test_class_with_a_stranger_exits_2(tmp_path: Path) -> None:
    folder = class_of_nobody_present(tmp_path / "class")
    (folder / "mallory").mkdir()

    assert grade(folder, "--output", tmp_path / "grades") == 2


def test_files_of_canvas_and_moodle_are_filled_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = class_of_nobody_present(tmp_path / "class")
    with (folder / "roster.csv").open("a", encoding="utf-8") as roster:
        roster.write(f"s02,b.example,{SHA}\n")
    gradebook, worksheet = tmp_path / "gradebook.csv", tmp_path / "worksheet.csv"
    gradebook.write_text("Student,ID,SIS Login ID,Section,Lab (7)\nJane,501,s01,A,\n", encoding="utf-8")
    worksheet.write_text("Identifier,Grade,Last modified (grade)\nParticipant 1,,-\n", encoding="utf-8")
    with (folder / "roster.csv").open("a", encoding="utf-8") as roster:
        roster.write(f"1,c.example,{SHA}\n")

    status = grade(
        *(folder, "--output", tmp_path / "grades", "--canvas", gradebook, "--canvas-assignment", "Lab"),
        *("--moodle", worksheet),
    )

    assert status == 0
    assert (tmp_path / "grades" / "canvas.csv").read_text(encoding="utf-8").split()[-1] == "Jane,501,s01,A,0"
    assert (tmp_path / "grades" / "moodle.csv").read_text(encoding="utf-8").splitlines()[-1] == "Participant 1,0,-"
    assert "canvas.csv: the file that was given has no row of s02, 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["CLASS", "--canvas", "/no/such/gradebook.csv"],
        ["CLASS", "--moodle", "/no/such/worksheet.csv"],
        ["/no/such/class"],
        ["CLASS", "--rubric", "/no/such/rubric.toml"],
        ["CLASS", "--roster", "/no/such/roster.csv"],
        ["CLASS", "--jobs", "0"],
        ["CLASS", "--cloud", "azure"],
        ["CLASS", "--output", "CLASS"],
        ["CLASS", "--no-such-option"],
    ],
)
def test_usage_errors_exit_3_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    folder = class_of_nobody_present(tmp_path / "class")

    status = grade(*[folder if argument == "CLASS" else argument for argument in arguments])

    assert status == 3
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(("name", "status"), [("course", 0), ("checks", 3)])
def test_only_what_a_run_follows_from_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, status: int
) -> None:
    """A folder that bears a board's name by chance is none of it; checks of several GB are a mistake, told in words."""
    monkeypatch.chdir(tmp_path)
    folder = class_of_nobody_present(tmp_path / "class")
    large = (tmp_path if name == "course" else folder) / name
    large.mkdir()
    with (large / "video.bin").open("wb") as file:
        file.truncate(1 << 33)
    (folder / "class.toml").write_text('checks = "checks"\n' if name == "checks" else "", encoding="utf-8")

    assert grade("class", "--output", tmp_path / "grades") == status
    assert ("larger than" in capsys.readouterr().err) == bool(status)


@pytest.mark.parametrize("script", ["raise SystemExit(1)", "print('out of order'); raise SystemExit(2)", "1/0"])
def test_class_that_cannot_be_generated_exits_2(tmp_path: Path, script: str) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "class.toml").write_text('generate = "make.py"\n', encoding="utf-8")
    (folder / "make.py").write_text(script, encoding="utf-8")

    assert grade(folder, "--output", tmp_path / "grades") == 2


def test_generated_class_is_graded_and_gone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "class.toml").write_text('title = "Made"\ngenerate = "make.py"\n', encoding="utf-8")
    (folder / "make.py").write_text(
        "import pathlib, sys\n"
        "out = pathlib.Path(sys.argv[2])\n"
        "out.mkdir()\n"
        f"(out / 'roster.csv').write_text('id,endpoint,certificate_sha256\\ns01,a.example,{SHA}\\n')\n"
        f"pathlib.Path({str(tmp_path / 'where')!r}).write_text(str(out))\n"
        'print(\'{"stage": "made it", "share": 0.5}\')\n',
        encoding="utf-8",
    )

    status = grade(folder, "--output", tmp_path / "grades")

    assert status == 0
    assert "class: made it" in capsys.readouterr().out
    assert not Path((tmp_path / "where").read_text(encoding="utf-8")).parent.exists()
    assert "Made" in (tmp_path / "grades" / "index.html").read_text(encoding="utf-8")


def test_second_run_takes_the_folder_of_the_first(tmp_path: Path) -> None:
    folder = class_of_nobody_present(tmp_path / "class")

    assert [grade(folder, "--output", tmp_path / "grades") for _ in range(2)] == [0, 0]


@pytest.mark.parametrize(
    ("cores", "gigabytes", "jobs"),
    [(2, 8, 6), (16, 64, 48), (16, 8, 16), (1, 0, 1)],
    ids=["small", "big", "lean", "none"],
)
def test_jobs_follow_cores_and_memory(cores: int, gigabytes: int, jobs: int) -> None:
    assert default_jobs(cores, gigabytes << 30) == jobs


def test_help_gives_an_example_and_the_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command, ["--help"]) == 0

    printed = capsys.readouterr().out
    assert "kitbench grade grading/example_class" in printed
    assert "Exit status:" in printed
