"""The on-kit suite against firmware that crashes: the check ends with the panic, and not with a time-out."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kitbench.installation import reference_project, suite_path

CHECK = "test_connection.py::test_kit_connects_with_mutual_authentication"
CRASH = "static __attribute__((noinline)) void read_sensor(void)\n{\n    abort();\n}\n\nvoid app_main(void)\n{\n"


def run_on_kit(project: Path, folder: Path) -> dict[str, Any]:
    """Run one check of the suite on a virtual kit with a project; return what the report says of it."""
    report = folder / "report.json"
    options = ["--kit", "virtual", "--cloud", "local", "--project", str(project), "--variant", "embedded_key"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", str(suite_path() / CHECK), "-m", "hardware", "-p", "no:cacheprovider"),
            *(*options, "--run-report", str(report), "--basetemp", str(folder / "temporary")),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert report.exists(), done.stdout + done.stderr
    [check] = json.loads(report.read_text(encoding="utf-8"))["checks"]
    assert isinstance(check, dict)
    return check


@pytest.mark.slow
def test_kit_that_panics_at_each_boot_ends_the_wait_for_the_cloud(tmp_path: Path) -> None:
    project = shutil.copytree(reference_project(), tmp_path / "project")
    sample = project / "main" / "subscribe_publish_sample.c"
    text = sample.read_text(encoding="utf-8").replace("void app_main(void)\n{\n", f"{CRASH}    read_sensor();\n")
    sample.write_text(f"#include <stdlib.h>\n{text}", encoding="utf-8")

    check = run_on_kit(project, tmp_path)

    assert (check["outcome"], check["fault"], check["stage"]) == ("failed", "student", "run")
    assert check["reason"].startswith("run: the kit is in a boot loop: it panicked ")
    assert "abort() was called" in check["reason"]
    assert check["reason"].endswith(", in read_sensor")


@pytest.mark.slow
def test_kit_that_restarts_itself_once_is_waited_for(tmp_path: Path) -> None:
    project = shutil.copytree(reference_project(), tmp_path / "project")
    sample = project / "main" / "subscribe_publish_sample.c"
    restart = "if (esp_reset_reason() != ESP_RST_SW) {\n        esp_restart();\n    }\n"
    text = sample.read_text(encoding="utf-8").replace(
        "void app_main(void)\n{\n", f"void app_main(void)\n{{\n    {restart}"
    )
    sample.write_text(f'#include "esp_system.h"\n{text}', encoding="utf-8")

    assert run_on_kit(project, tmp_path)["outcome"] == "passed"
