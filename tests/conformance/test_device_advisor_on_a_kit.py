"""`kitbench device-advisor` as a program on a virtual kit: a finished build, and each exit status."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from kitbench.installation import reference_project
from kitbench.virtual_kit.toolchain import build_project
from tests.corpus.advised_firmware import SESSION, Edit, Firmware

pytestmark = pytest.mark.slow

CREDENTIALS: Final = "main/device_credentials_embedded.c"
#: Reads what the bench puts into NVS, and nothing of it is in the build.
FROM_NVS: Final = r"""
#include "device_credentials.h"
#include "nvs.h"

const char *identity_text(const char *name)
{
    static char kept[6][4000];
    static int count;
    char *text = kept[count++];
    size_t size = sizeof(kept[0]);
    nvs_handle_t handle;
    ESP_ERROR_CHECK(nvs_open("identity", NVS_READONLY, &handle));
    ESP_ERROR_CHECK(nvs_get_str(handle, name, text, &size));
    nvs_close(handle);
    return text;
}

esp_err_t device_credentials_load(device_credentials_t *credentials)
{
    *credentials = (device_credentials_t) {
        .root_ca_pem = identity_text("root_ca"),
        .certificate_pem = identity_text("certificate"),
        .private_key_pem = identity_text("private_key"),
    };
    return ESP_OK;
}
"""
READS_NVS: Final = Firmware(
    "identity in NVS",
    (
        Edit(SESSION, ".hostname = CONFIG_AWS_IOT_MQTT_HOST", '.hostname = identity_text("host")'),
        Edit(SESSION, ".port = CONFIG_AWS_IOT_MQTT_PORT", '.port = atoi(identity_text("port"))'),
        Edit(SESSION, ".client_id = CONFIG_AWS_EXAMPLE_CLIENT_ID", '.client_id = identity_text("client_id")'),
        Edit(
            SESSION, '#include "sdkconfig.h"\n', '#include "sdkconfig.h"\n#include <stdlib.h>\n#include "identity.h"\n'
        ),
    ),
)


@pytest.fixture(name="build", scope="module")
def _build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = READS_NVS.make(reference_project(), tmp_path_factory.mktemp("source"))
    (project / CREDENTIALS).write_text(FROM_NVS, encoding="utf-8")
    (project / "main" / "identity.h").write_text("const char *identity_text(const char *name);\n", encoding="utf-8")
    for name in ("aws-root-ca.pem", "certificate.pem.crt", "private.pem.key"):
        (project / "main" / "certs" / name).write_text("not used\n", encoding="utf-8")
    folder = tmp_path_factory.mktemp("finished")
    build_project(project, folder, variant="embedded_key")
    return folder


def advised(folder: Path, *arguments: str, tests: tuple[str, ...]) -> tuple[int, str, list[dict[str, Any]]]:
    """Run the command; return its exit status, what it printed, and the tests of its report."""
    report = folder / "report.json"
    chosen = [part for test in tests for part in ("--test", test)]
    command = [sys.executable, "-m", "kitbench", "device-advisor", *arguments, *chosen, "--json", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=280, check=False)
    assert report.exists(), done.stdout + done.stderr
    return done.returncode, done.stdout, json.loads(report.read_text(encoding="utf-8"))["tests"]


def test_finished_build_with_its_identity_in_nvs_is_judged(build: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in build.rglob("*") if path.is_file()}
    tests = ("TLS_Connect", "TLS_Unsecure_Server_Cert", "MQTT_Connect", "MQTT_Subscribe")

    status, said, results = advised(tmp_path, "--build", str(build), "--identity", "nvs", tests=tests)

    assert [result["outcome"] for result in results] == ["passed"] * 4
    assert status == 0
    assert "4 passed" in said
    assert {path: path.read_bytes() for path in build.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("tests", "status", "outcomes"),
    [
        (("MQTT_Connect",), 0, ["passed"]),
        (("TLS_Expired_Server_Cert", "MQTT_Connect"), 1, ["failed", "passed"]),
        (("TLS_Large_Size_Server_Cert", "MQTT_Connect"), 2, ["not judged", "passed"]),
        (("TLS_Large_Size_Server_Cert", "TLS_Expired_Server_Cert"), 1, ["not judged", "failed"]),
    ],
)
def test_exit_status_says_the_worst(
    build: Path, tmp_path: Path, tests: tuple[str, ...], status: int, outcomes: list[str]
) -> None:
    found, said, results = advised(tmp_path, "--build", str(build), "--identity", "nvs", tests=tests)
    assert [result["outcome"] for result in results] == outcomes
    assert found == status
    for result in results:
        assert result["reason"] in said
        assert not result["fix"] or result["fix"] in said


def test_build_that_knows_no_identity_is_never_passed(build: Path, tmp_path: Path) -> None:
    status, said, results = advised(tmp_path, "--build", str(build), "--identity", "keep", tests=("MQTT_Connect",))
    assert status in {1, 2}
    assert results[0]["outcome"] in {"failed", "not judged"}
    assert "ESP_ERR_NVS_NOT_FOUND" in json.dumps(results) + said
