"""The process that reads a project reads that project, and nobody else's files."""

import sys
from pathlib import Path

import pytest

from kitbench.errors import BenchError
from kitbench.firmware.log_level import informative
from kitbench.firmware.overlay import Overlay
from kitbench.firmware.own_endpoint import OwnEndpoint, own_endpoint
from kitbench.firmware.reader import reader_of
from tests.kitbench.confinement import callees
from tests.kitbench.confinement.landlock_refused import LandlockRefused
from tests.optional_part import LINUX


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    text = 'CONFIG_AWS_IOT_MQTT_HOST="a.example"\nCONFIG_LOG_DEFAULT_LEVEL_NONE=y\n'
    (project / "sdkconfig").write_text(text, encoding="utf-8")
    return project


def test_what_is_asked_of_a_project_comes_back(project: Path) -> None:
    read = reader_of(project)

    assert read(own_endpoint, project) == OwnEndpoint("a.example")
    assert read(informative, project) == Overlay(kconfig={"LOG_DEFAULT_LEVEL_INFO": "y"})


@LINUX.needed
@pytest.mark.parametrize("kernel", ["as it is", "without Landlock"])
def test_file_beside_the_project_is_out_of_reach(
    project: Path, monkeypatch: pytest.MonkeyPatch, kernel: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("kitbench-secret", encoding="utf-8")
    (project / "link").symlink_to(tmp_path / "secret.txt")
    if kernel == "without Landlock":
        monkeypatch.setattr(sys, "executable", str(LandlockRefused(tmp_path).python))

    for path in (tmp_path / "secret.txt", project / "link"):
        with pytest.raises(BenchError, match="Permission"):
            reader_of(project)(callees.read_text, path)
