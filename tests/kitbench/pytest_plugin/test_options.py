"""Options mean what the user sees: paths from where he stands, the project that is there, `bench.toml` last."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kitbench.bench.builds.identity_place import IdentityPlace
from kitbench.bench.kits.run_options import RunOptions
from kitbench.errors import UsageError
from kitbench.pytest_plugin.options import add_options, read_options, search_project

MARK = "include($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(sensor)\n"


def config_of(folder: Path, root: Path, *arguments: str, ini: str = "") -> Any:
    """Return a configuration with these arguments, given in one folder and rooted in another."""
    parser = pytest.Parser(_ispytest=True)
    add_options(parser)
    options = parser.parse([*arguments])
    place = SimpleNamespace(dir=folder)
    return SimpleNamespace(
        invocation_params=place,
        rootpath=root,
        getini=lambda _: ini,
        getoption=lambda name: getattr(options, name.strip("-").replace("-", "_")),
    )


def read(folder: Path, root: Path, *arguments: str) -> RunOptions:
    return read_options(config_of(folder, root, *arguments))


def make_project(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "CMakeLists.txt").write_text(MARK, encoding="utf-8")
    return folder


def test_relative_paths_mean_the_folder_in_which_the_user_stands(tmp_path: Path) -> None:
    here = tmp_path / "tests"
    here.mkdir()
    (here / "lab.toml").write_text("[bench]\ncloud = 'local'\n", encoding="utf-8")
    paths = ("--project", "../fw", "--run-report", "out/report.json", "--evidence", "out", "--esp-aws-iot", "sdk")

    options = read(here, tmp_path / "root", *paths, "--bench", "lab.toml")

    assert options.source.project == tmp_path / "fw"
    assert options.source.esp_aws_iot == here / "sdk"
    assert (options.report, options.evidence) == (here / "out" / "report.json", here / "out")
    assert options.cloud == "local"


@pytest.mark.parametrize("place", [".", "firmware", "firmware/sensor", "sensor"])
def test_project_is_the_one_in_the_users_folder(tmp_path: Path, place: str) -> None:
    project = make_project(tmp_path / "repository" / place)

    assert read(tmp_path / "repository", tmp_path).source.project == project
    assert read(project, tmp_path / "repository").source.project == project


def test_project_of_several_is_the_one_that_the_ini_file_names(tmp_path: Path) -> None:
    for place in ("firmware/node", "firmware/gateway"):
        make_project(tmp_path / place)
    config = config_of(tmp_path / "firmware", tmp_path, ini="firmware/gateway")

    assert read_options(config).source.project == tmp_path / "firmware" / "gateway"


def test_project_is_found_from_the_tests_folder_too(tmp_path: Path) -> None:
    project = make_project(tmp_path / "firmware")
    (tmp_path / "tests").mkdir()

    assert search_project(config_of(tmp_path / "tests", tmp_path)) == project


@pytest.mark.parametrize(("places", "complaint"), [([], "no ESP-IDF project"), (["a", "b"], "projects: a, b")])
def test_no_project_and_several_are_told_with_what_to_type(tmp_path: Path, places: list[str], complaint: str) -> None:
    for place in places:
        make_project(tmp_path / place)
    config = config_of(tmp_path, tmp_path)

    with pytest.raises(UsageError, match=f"{complaint}.* --project DIR"):
        search_project(config)
    assert read_options(config).source.project == tmp_path  # a run that builds nothing needs none


def test_command_line_wins_over_the_bench_file(tmp_path: Path) -> None:
    (tmp_path / "bench.toml").write_text("[bench]\nkit = 'virtual'\ncloud = 'aws'\nbudget = 7\n", encoding="utf-8")

    options = read(tmp_path, tmp_path, "--cloud", "local")

    assert (options.kit, options.cloud, options.budget) == ("virtual", "local", 7)


def test_version_of_esp_idf_goes_with_the_source_and_is_looked_at_first(tmp_path: Path) -> None:
    assert not read(tmp_path, tmp_path).source.idf
    assert read(tmp_path, tmp_path, "--idf", "4.4").source.idf == "4.4"
    with pytest.raises(UsageError, match=r"--idf 5\.2: the virtual kit stands for"):
        read(tmp_path, tmp_path, "--idf", "5.2")


def test_budget_below_one_message_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--budget 0"):
        read(tmp_path, tmp_path, "--budget", "0")


def test_finished_build_keeps_its_identity_unless_it_is_told_otherwise(tmp_path: Path) -> None:
    assert read(tmp_path, tmp_path).identity is IdentityPlace.SOURCE
    kept = read(tmp_path, tmp_path, "--build", "out")
    assert (kept.build, kept.identity) == (tmp_path / "out", IdentityPlace.KEEP)
    assert read(tmp_path, tmp_path, "--build", "out", "--identity", "nvs").identity is IdentityPlace.NVS


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--build", "out", "--project", "fw"], "--build takes no --project"),
        (["--build", "out", "--variant", "atecc608a"], "--build takes no --project and no --variant"),
        (["--identity", "nvs"], "are for a finished build"),
        (["--device-certificate", "c.pem"], "are for a finished build"),
        (["--build", "out", "--identity", "registered"], "which certificate"),
    ],
)
def test_options_that_do_not_go_together_are_told(tmp_path: Path, arguments: list[str], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        read(tmp_path, tmp_path, *arguments)


def test_rubric_is_a_file_or_the_name_of_one_that_comes_along(tmp_path: Path) -> None:
    usual = read(tmp_path, tmp_path).traffic
    by_name = read(tmp_path, tmp_path, "--rubric", "course_2024").traffic
    assert by_name != usual

    (tmp_path / "course_2024").write_text("[traffic]\nmessages = 7\n", encoding="utf-8")
    assert read(tmp_path, tmp_path, "--rubric", "course_2024").traffic.messages == 7


@pytest.mark.parametrize("name", ["course_1999", "sub/course_2024", "rubric.toml"])
def test_rubric_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read(tmp_path, tmp_path, "--rubric", name)
