"""The table of strangers' projects: what builds, runs, is refused, and what is counted as missing."""

from pathlib import Path

import pytest

from benchmarks import projects
from tests.kitbench.virtual_kit.toolchain.project_maker import make_project

PANIC = '#include "esp_system.h"\n#include <stdlib.h>\nvoid app_main(void) { abort(); }\n'


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """Projects of each kind, one of them deeper than the others, and what is no project."""
    sources = {
        "good": "void app_main(void) {}\n",
        "deep/er/panics": PANIC,
        "wrong": "void app_main(void) { missing(); }\n",
        "lacks": '#include "driver/twai.h"\nvoid app_main(void) {}\n',
        "lacks_too": '#include "driver/twai.h"\nvoid app_main(void) {}\n',
    }
    for name, source in sources.items():
        make_project(tmp_path / name, {"main/small.c": source})
    make_project(tmp_path / "old", {"sdkconfig": "# Espressif IoT Development Framework Configuration\n"})
    (tmp_path / "notes").mkdir()
    return tmp_path


def test_table_tells_each_project_and_counts_what_is_missing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert projects.main(["--run", "--seconds", "1", str(folder)]) == 0

    lines = capsys.readouterr().out.splitlines()
    rows = {line.split()[0].rpartition("/")[2]: line.split()[1:] for line in lines[1:7]}
    assert rows["good"] == ["5.1", "yes", "yes", "ok"]
    assert rows["panics"][:4] == ["5.1", "yes", "panics", "student"]
    assert rows["wrong"][:4] == ["5.1", "no", "-", "student"]
    assert rows["lacks"][:4] == ["5.1", "no", "-", "gap"]
    assert rows["old"][:4] == ["3", "no", "-", "gap"]
    assert lines[7:9] == ["2 of 6 build", "  2 lack header driver/twai.h (component driver)"]


def test_folder_without_a_project_is_told_by_the_status(tmp_path: Path) -> None:
    assert projects.main([str(tmp_path)]) == 1
