"""The course's own example, unmodified, from a recursive checkout of esp-aws-iot that the caller points to."""

import os
from pathlib import Path

import pytest

from kitbench.errors import UsageError
from kitbench.firmware.overlay import Overlay
from kitbench.virtual_kit.toolchain import build_project
from tests.kitbench.virtual_kit.toolchain.project_maker import make_project
from tests.optional_part import ESP_AWS_IOT

IDENTITY = {
    "main/certs/aws-root-ca.pem": b"root",
    "main/certs/certificate.pem.crt": b"certificate",
    "main/certs/private.pem.key": b"key of the kit",
}


@pytest.fixture(name="checkout")
def _checkout() -> Path:
    """The checkout that the caller points to."""
    ESP_AWS_IOT.require()
    return Path(os.environ["KITBENCH_ESP_AWS_IOT"])


@pytest.mark.parametrize("example", ["subscribe_publish", "thing_shadow"])
def test_example_builds_as_it_is(checkout: Path, tmp_path: Path, example: str) -> None:
    project = checkout / "examples" / example
    overlay = Overlay(IDENTITY, {"AWS_IOT_MQTT_HOST": "localhost"})

    build = build_project(project, tmp_path / "build", overlay=overlay, esp_aws_iot=checkout)

    image = build.app_bin.read_bytes()
    assert b"key of the kit\0" in image
    assert b"localhost" in image
    assert f"main/{example}_sample.c" in build.compiled


def test_copied_project_finds_the_checkout(checkout: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name in ("CMakeLists.txt", "main/CMakeLists.txt", "main/Kconfig.projbuild", "main/subscribe_publish_sample.c"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_bytes((checkout / "examples/subscribe_publish" / name).read_bytes())

    build = build_project(project, tmp_path / "build", overlay=Overlay(IDENTITY), esp_aws_iot=checkout)

    assert build.app_bin.is_file()


def test_folder_that_is_no_recursive_checkout_is_refused(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    (tmp_path / "checkout/port").mkdir(parents=True)

    with pytest.raises(UsageError, match="no recursive checkout of esp-aws-iot: no folder 'aws-iot-device-sdk"):
        build_project(project, tmp_path / "build", esp_aws_iot=tmp_path / "checkout")
