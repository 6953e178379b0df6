"""A finished build is taken as it is, by the kit that can run it; whatever goes beside it leaves the app untouched."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from kitbench.bench.builds.finished_build import (
    finished_build,
    flashed_app_sha256,
    own_names_of,
    require_fit,
    with_nvs,
    with_secure_cert,
)
from kitbench.bench.builds.firmware_build import FirmwareBuild
from kitbench.errors import BenchError, UsageError
from kitbench.firmware.own_endpoint import OwnEndpoint
from kitbench.flash_format import app_image, nvs, partition_table
from kitbench.flash_format.app_image import AppDescription, Segment
from kitbench.flash_format.partition_csv import parse_csv
from kitbench.flash_format.secure_cert import secure_cert_image
from kitbench.virtual_kit import app_module

TABLE = "nvs,data,nvs,0x9000,0x6000,\nfactory,app,factory,0x10000,1M,\n"
XTENSA = app_image.serialize([Segment(0x400D0020, b"\x36\x41\x00" * 32)], entry=0x400D0020)
DESCRIPTION = AppDescription("1", "sensor", "", "", "v5.1.4", bytes(32))
MODULE = app_image.serialize(list(app_module.embed(b"\0asm module", DESCRIPTION)), entry=0x400D0020)


def make(folder: Path, *, app: bytes = MODULE, chip: str = "esp32", table: str = TABLE) -> FirmwareBuild:
    """Make a build folder as idf.py leaves it, with OTA data before the app in the alphabet."""
    (folder / "partition_table").mkdir(parents=True)
    files = {"0x10000": "sensor.bin", "0x8000": "partition_table/partition-table.bin", "0xd000": "ota_data_initial.bin"}
    contents = {
        "sensor.bin": app,
        "sensor.elf": b"no ELF",
        "ota_data_initial.bin": b"\xff" * 16,
        "partition_table/partition-table.bin": partition_table.serialize(parse_csv(table, table_offset=0x8000)),
        "flasher_args.json": json.dumps({"flash_files": files}).encode(),
        "project_description.json": json.dumps({"app_bin": "sensor.bin", "target": chip}).encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return finished_build(folder)


@pytest.mark.parametrize(
    ("kind", "chip", "built_for", "app", "complaint"),
    [
        ("virtual", "", "esp32", XTENSA, "machine code of idf.py, the virtual kit runs what `kitbench build` makes"),
        ("virtual", "", "esp32c3", MODULE, "is for the esp32c3, the virtual kit"),
        ("qemu", "ESP32", "esp32c6", XTENSA, "is for the esp32c6, kitbench runs QEMU's esp32 only"),
        ("attached", "ESP32", "esp32s3", XTENSA, "is for the esp32s3, the kit is an ESP32"),
        ("attached", "ESP32-C3", "esp32", XTENSA, "is for the esp32, the kit is an ESP32-C3"),
    ],
)
def test_kit_that_cannot_run_it_is_refused_by_name(
    tmp_path: Path, kind: str, chip: str, built_for: str, app: bytes, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        require_fit(make(tmp_path / "build", app=app, chip=built_for), kind, chip)


@pytest.mark.parametrize(
    ("kind", "chip", "built_for", "app"),
    [
        ("virtual", "", "esp32", MODULE),
        ("qemu", "ESP32", "esp32", XTENSA),
        ("attached", "ESP32-C3", "esp32c3", XTENSA),
        ("attached", "ESP32-S3", "esp32s3", XTENSA),
        ("attached", "ESP32-C6", "esp32c6", XTENSA),
    ],
)
def test_kit_that_can_run_it_takes_it(tmp_path: Path, kind: str, chip: str, built_for: str, app: bytes) -> None:
    require_fit(make(tmp_path / "build", app=app, chip=built_for), kind, chip)


def test_nvs_image_is_flashed_beside_the_very_same_app(tmp_path: Path) -> None:
    build = make(tmp_path / "build")
    before = {path.name: path.read_bytes() for path in build.folder.rglob("*") if path.is_file()}

    copy = with_nvs(build, tmp_path / "private" / "build", {"identity": {"client_id": "node-7", "host": "x" * 700}})

    flash = copy.flash_image(4 << 20)
    values = {value.name: value.data.rstrip(b"\0") for value in nvs.parse(flash[0x9000:0xF000]).values()}
    assert values == {"identity/client_id": b"node-7", "identity/host": b"x" * 700}
    assert copy.app_sha256 == build.app_sha256
    assert {path.name: path.read_bytes() for path in build.folder.rglob("*") if path.is_file()} == before


def test_build_without_an_nvs_partition_takes_no_identity(tmp_path: Path) -> None:
    build = make(tmp_path / "build", table="factory,app,factory,0x10000,1M,\n")

    with pytest.raises(UsageError, match="no nvs partition"):
        with_nvs(build, tmp_path / "copy", {"identity": {"host": "x"}})


def test_hash_of_the_flashed_app_is_of_what_lies_in_flash(tmp_path: Path) -> None:
    build = make(tmp_path / "build")
    image = bytearray(build.flash_image(4 << 20))
    dump: Any = type("Dump", (), {"data": bytes(image)})
    assert flashed_app_sha256(build, dump) == build.app_sha256

    image[0x10000 + 100] ^= 1
    dump.data = bytes(image)

    app = bytes(image[0x10000 : 0x10000 + len(MODULE)])
    assert flashed_app_sha256(build, dump) == hashlib.sha256(app).hexdigest() != build.app_sha256


def test_build_that_does_not_flash_its_app_is_no_proof(tmp_path: Path) -> None:
    build = make(tmp_path / "build")
    (build.folder / "flasher_args.json").write_text('{"flash_files": {}}', encoding="utf-8")

    with pytest.raises(BenchError, match="does not flash its app"):
        flashed_app_sha256(build, type("Dump", (), {"data": b""}))  # type: ignore[arg-type]


def test_names_are_those_that_it_was_configured_with(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    settings = {"AWS_IOT_MQTT_HOST": "abc-ats.iot.eu-west-1.amazonaws.com", "AWS_IOT_MQTT_PORT": 443}
    (tmp_path / "config" / "sdkconfig.json").write_text(json.dumps(settings), encoding="utf-8")

    assert own_names_of(tmp_path) == OwnEndpoint("abc-ats.iot.eu-west-1.amazonaws.com", 443, "")
    assert own_names_of(tmp_path / "elsewhere") == OwnEndpoint()


def test_folder_without_a_build_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--build: .* does not say which file is its app"):
        finished_build(tmp_path)


def test_secure_cert_partition_is_flashed_beside_the_very_same_app(tmp_path: Path) -> None:
    build = make(tmp_path / "build", table=f"{TABLE}esp_secure_cert,0x3F,0,0x200000,0x2000,\n")

    copy = with_secure_cert(build, tmp_path / "private" / "build", (b"root", b"certificate", b"key"))

    lain = copy.flash_image(4 << 20)[0x200000:0x202000]
    assert lain == secure_cert_image(b"root", b"certificate", b"key", 0x2000)
    assert copy.app_sha256 == build.app_sha256
    with pytest.raises(UsageError, match="no esp_secure_cert partition"):
        with_secure_cert(make(tmp_path / "other"), tmp_path / "copy", (b"", b"", b""))
