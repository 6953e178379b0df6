"""An identity in the place of files that a project embeds and lacks."""

import stat
from pathlib import Path, PurePosixPath

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kitbench.bench.project_run.stand_in_device import HOST, missing_parts, stand_in_overlay
from kitbench.firmware.embedded_identity import Part
from tests.kitbench.bench.project_run.sample_project import make_sample

MENU = 'config AWS_IOT_MQTT_HOST\n    string "Endpoint"\n    default "{}"\n'
KEY, CERTIFICATE = PurePosixPath("main/certs/device.key"), PurePosixPath("main/certs/device.pem")


def test_project_that_has_its_files_lacks_nothing(tmp_path: Path) -> None:
    assert not missing_parts(make_sample(tmp_path))


def test_folder_that_is_no_project_lacks_nothing(tmp_path: Path) -> None:
    project = make_sample(tmp_path)
    (project / KEY).unlink()
    assert missing_parts(project)

    (project / "CMakeLists.txt").unlink()

    assert not missing_parts(project)


def test_what_is_missing_is_made_and_what_is_there_stays(tmp_path: Path) -> None:
    project = make_sample(tmp_path)
    (project / KEY).unlink()
    (project / CERTIFICATE).unlink()
    missing = missing_parts(project)

    overlay = stand_in_overlay(project, missing, None)

    assert missing == {KEY: Part.PRIVATE_KEY, CERTIFICATE: Part.CERTIFICATE}
    assert set(overlay.files) == {str(KEY), str(CERTIFICATE)}
    key = load_pem_private_key(overlay.files[str(KEY)], None)
    certificate = x509.load_pem_x509_certificate(overlay.files[str(CERTIFICATE)])
    assert certificate.public_key() == key.public_key()
    assert not overlay.settings


def test_empty_endpoint_of_such_a_project_is_filled_and_its_own_is_kept(tmp_path: Path) -> None:
    project = make_sample(tmp_path)
    (project / KEY).unlink()
    missing = missing_parts(project)
    menu = project / "main/Kconfig.projbuild"

    menu.write_text(MENU.format(""))
    filled = stand_in_overlay(project, missing, None).settings
    menu.write_text(MENU.format("own.example"))
    kept = stand_in_overlay(project, missing, None).settings

    assert filled == {"AWS_IOT_MQTT_HOST": HOST}
    assert not kept


def test_state_folder_keeps_the_identity_for_its_user_alone(tmp_path: Path) -> None:
    project, state = make_sample(tmp_path / "project"), tmp_path / "state"
    (project / KEY).unlink()
    missing = missing_parts(project)

    first, second = (stand_in_overlay(project, missing, state).files for _ in range(2))

    assert first == second
    assert stat.S_IMODE((state / "device/private.pem.key").stat().st_mode) == 0o600
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (state, state / "device")] == [0o700] * 2
    assert (state / ".gitignore").read_text() == "*\n"
