"""A finished build is flashed as it is: its hash is proven, and its identity comes from where it is told."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from kitbench.virtual_kit.toolchain import build_project

SOURCE: Final = r"""
#include <stdio.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "nvs.h"
#include "nvs_flash.h"

void app_main(void)
{
    static char client_id[80], key[4000];
    size_t length = sizeof(client_id), key_length = sizeof(key);
    nvs_handle_t handle;
    nvs_flash_init();
    if (nvs_open("identity", NVS_READONLY, &handle) != ESP_OK) {
        printf("no identity\n");
    } else if (nvs_get_str(handle, "client_id", client_id, &length) == ESP_OK
               && nvs_get_str(handle, "private_key", key, &key_length) == ESP_OK) {
        printf("I am %s with a key of %d bytes\n", client_id, (int)key_length);
    }
    for (;;) {
        vTaskDelay(pdMS_TO_TICKS(1000));
    }
}
"""
TESTS: Final = """
import re
def test_says_who_it_is(running_kit, thing):
    running_kit.restart()
    said = running_kit.expect(re.compile(rb"no identity|I am (\\S+) with a key of (\\d+) bytes"), within_s=30)
    print("said:", said[0])
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished build of firmware that tells the identity in its NVS."""
    project = tmp_path_factory.mktemp("teller")
    (project / "main").mkdir()
    (project / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\ninclude($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(teller)\n"
    )
    (project / "main" / "CMakeLists.txt").write_text('idf_component_register(SRCS "main.c")\n')
    (project / "main" / "main.c").write_text(SOURCE)
    folder = tmp_path_factory.mktemp("finished")
    build_project(project, folder)
    return folder


def run(folder: Path, *arguments: str) -> tuple[str, dict[str, Any]]:
    (folder / "test_it.py").write_text(TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "-W", "ignore", "-rA"]
    command += ["--rootdir", str(folder), "--kit", "virtual", "--cloud", "local", "--run-report", "report.json"]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=280)
    return done.stdout + done.stderr, json.loads((folder / "report.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("identity", "said"),
    [("keep", r"said: b'no identity'"), ("nvs", r"said: b'I am kitbench-\S+ with a key of 1\d{3}")],
)
def test_artefact_is_flashed_as_it_is(build: Path, tmp_path: Path, identity: str, said: str) -> None:
    before = {path: path.read_bytes() for path in build.rglob("*") if path.is_file()}

    output, report = run(tmp_path, "--build", str(build), "--identity", identity)

    assert [check["outcome"] for check in report["checks"]] == ["passed"], output[-3000:]
    (entry,) = report["builds"]
    assert entry["artefact"] == str(build / "teller.bin")
    assert entry["flashed_app_sha256"] == entry["app_sha256"]
    assert {path: path.read_bytes() for path in build.rglob("*") if path.is_file()} == before
    assert re.search(said, output), output[-2000:]
