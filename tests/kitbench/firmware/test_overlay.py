"""What a run lays over a copy of a project."""

from pathlib import Path

import pytest

from kitbench.errors import UsageError
from kitbench.firmware.overlay import CERTIFICATE_FILE, PRIVATE_KEY_FILE, Overlay, identity_overlay, overlay_of_folder
from kitbench.firmware.setting_names import client_settings, endpoint_settings


def test_lay_over_replaces_and_adds(tmp_path: Path) -> None:
    (tmp_path / "main").mkdir()
    (tmp_path / "main/a.c").write_text("old")

    Overlay({"main/a.c": b"new", "main/certs/b.pem": b"pem"}).lay_over(tmp_path)

    assert (tmp_path / "main/a.c").read_text() == "new"
    assert (tmp_path / "main/certs/b.pem").read_text() == "pem"


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "", "c:/x", "..\\x"])
def test_path_that_leaves_the_project_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="leaves the project"):
        Overlay({path: b""})


def test_file_where_a_folder_is_needed_is_told(tmp_path: Path) -> None:
    (tmp_path / "main").write_text("")

    with pytest.raises(UsageError, match="cannot lay 'main/a' over"):
        Overlay({"main/a": b""}).lay_over(tmp_path)


def test_settings_have_no_prefix_and_the_later_overlay_wins() -> None:
    merged = Overlay(kconfig={"CONFIG_A": "1", "B": "2"}).merged_with(Overlay(kconfig={"A": "3"}))

    assert merged.settings == {"A": "3", "B": "2"}


def test_identity_without_key_lays_no_key() -> None:
    overlay = identity_overlay(
        root_ca_pem=b"ca",
        certificate_pem=None,
        private_key_pem=None,
        mqtt_host="localhost",
        mqtt_port=8883,
        client_id="kit-1",
        kconfig={"EXAMPLE_TOPIC": "t"},
    )

    assert list(overlay.files) == ["main/certs/aws-root-ca.pem"]
    assert overlay.settings["AWS_IOT_MQTT_PORT"] == "8883"
    assert overlay.settings["EXAMPLE_TOPIC"] == "t"


def test_identity_is_certificate_key_and_client_id() -> None:
    overlay = identity_overlay(
        root_ca_pem=b"ca",
        certificate_pem=b"certificate",
        private_key_pem=b"key",
        mqtt_host="localhost",
        mqtt_port=8883,
        client_id="kit-1",
    )

    assert overlay.files[CERTIFICATE_FILE] == b"certificate"
    assert overlay.files[PRIVATE_KEY_FILE] == b"key"
    assert overlay.settings == endpoint_settings("localhost", 8883) | client_settings("kit-1")


def test_overlay_shows_no_secret() -> None:
    overlay = Overlay({PRIVATE_KEY_FILE: b"kitbench-secret"}, {"WIFI_PASSWORD": "kitbench-secret"})

    assert "kitbench-secret" not in repr(overlay)


def test_folder_becomes_an_overlay(tmp_path: Path) -> None:
    (tmp_path / "files/main").mkdir(parents=True)
    (tmp_path / "files/main/a").write_text("a")

    assert overlay_of_folder(tmp_path / "files", tmp_path / "scratch").files == {"main/a": b"a"}
