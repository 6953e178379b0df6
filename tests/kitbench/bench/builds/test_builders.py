"""A project is built for the kind of kit that it will run on, with what that kit needs laid over it."""

from pathlib import Path

import pytest

from kitbench.bench.builds import builders
from kitbench.bench.builds.firmware_build import FirmwareSource
from kitbench.bench.builds.variant import Variant
from kitbench.bench.kits import bench_kit
from kitbench.bench.kits.bench_file import NamedKit
from kitbench.bench.kits.bench_kit import open_kit
from kitbench.bench.kits.kit_choice import KitChoice, kits_meant
from kitbench.bench.kits.kit_health import HealthyKit
from kitbench.errors import GapError
from kitbench.firmware.overlay import Overlay
from kitbench.kit import qemu
from kitbench.kit.kit_identity import KitIdentity


class Idf:
    """In ESP-IDF's place: leaves an empty build, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.checkouts: list[Path | None] = []
        self.settings: list[dict[str, str]] = []

    def build(
        self, project: Path, folder: Path, configuration: str, overlay: Overlay, *, esp_aws_iot: Path | None
    ) -> Path:
        self.asked.append((configuration, overlay.settings["AWS_IOT_MQTT_HOST"]))
        self.checkouts.append(esp_aws_iot)
        self.settings.append(dict(overlay.settings))
        folder.mkdir(parents=True)
        for name in ("app.elf", "app.bin"):
            (folder / name).touch()
        (folder / "project_description.json").write_text('{"app_bin": "app.bin", "app_elf": "app.elf"}')
        return folder


@pytest.fixture
def idf(monkeypatch: pytest.MonkeyPatch) -> Idf:
    """ESP-IDF and QEMU are installed."""
    installed = Idf()
    monkeypatch.setattr(builders, "find_esp_idf", lambda: installed)
    monkeypatch.setattr(qemu, "find_qemu", lambda: qemu.Qemu("qemu-system-xtensa", "9.0.0 (esp_develop)"))
    return installed


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a configuration for QEMU."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "sdkconfig.ci.qemu").touch()
    return folder


@pytest.mark.parametrize(
    ("host", "inside"), [("localhost", "10.0.2.2"), ("x.iot.amazonaws.com", "x.iot.amazonaws.com")]
)
def test_firmware_for_qemu_finds_the_endpoint_by_the_name_that_it_has_inside(
    idf: Idf, project: Path, tmp_path: Path, host: str, inside: str
) -> None:
    overlay = Overlay(kconfig={"AWS_IOT_MQTT_HOST": host})

    with open_kit(KitChoice("qemu"), [], tmp_path / "kit.log", folder=tmp_path) as kit:
        kit.build(FirmwareSource(project), tmp_path / "work" / "build", Variant.EMBEDDED_KEY, overlay)

    assert idf.asked == [("qemu", inside)]
    assert (kit.services, kit.port) == ("idf,qemu", "")
    assert kit.description["version"] == "9.0.0 (esp_develop)"
    assert "user,model=open_eth" in str(kit.arguments)


def test_wiring_of_a_kits_board_is_built_into_its_firmware(
    idf: Idf, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {"red": NamedKit("/dev/ttyUSB0", wiring=(("ATCA_I2C_SDA_PIN", "21"),)), "blue": NamedKit("/dev/ttyUSB1")}
    overlay = Overlay(kconfig={"AWS_IOT_MQTT_HOST": "x"})
    for choice in kits_meant("red,blue", named):
        healthy = HealthyKit(choice, KitIdentity("ESP32", "24:0a:c4:00:00:01"), {})
        monkeypatch.setattr(bench_kit, "first_healthy", lambda _, healthy=healthy: healthy)
        with open_kit(choice, [], tmp_path / "kit.log") as kit:
            kit.build(FirmwareSource(project), tmp_path / choice.port[1:], Variant.ATECC608A, overlay)

    assert [settings.get("ATCA_I2C_SDA_PIN") for settings in idf.settings] == ["21", None]


@pytest.mark.parametrize("choice", [KitChoice("qemu"), KitChoice("attached", "/dev/ttyUSB0")])
def test_checkout_of_esp_aws_iot_goes_to_the_build(
    idf: Idf, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, choice: KitChoice
) -> None:
    healthy = HealthyKit(choice, KitIdentity("ESP32", "24:0a:c4:00:00:01"), {})
    monkeypatch.setattr(bench_kit, "first_healthy", lambda _: healthy)
    source = FirmwareSource(project, tmp_path / "esp-aws-iot")

    with open_kit(choice, [], tmp_path / "kit.log", folder=tmp_path) as kit:
        kit.build(source, tmp_path / "work", Variant.EMBEDDED_KEY, Overlay(kconfig={"AWS_IOT_MQTT_HOST": "x"}))

    assert idf.checkouts == [tmp_path / "esp-aws-iot"]


def test_project_without_a_configuration_for_qemu_is_the_callers_mistake(
    idf: Idf, project: Path, tmp_path: Path
) -> None:
    (project / "sdkconfig.ci.qemu").unlink()

    with (
        open_kit(KitChoice("qemu"), [], tmp_path / "kit.log", folder=tmp_path) as kit,
        pytest.raises(GapError, match=r"QEMU lacks Wi-Fi, and the project has no sdkconfig\.ci\.qemu"),
    ):
        kit.build(FirmwareSource(project), tmp_path / "work" / "build", Variant.EMBEDDED_KEY, Overlay())

    assert idf.asked == []


def test_secure_element_is_never_built_for_qemu(idf: Idf, project: Path, tmp_path: Path) -> None:
    with (
        open_kit(KitChoice("qemu"), [], tmp_path / "kit.log", folder=tmp_path) as kit,
        pytest.raises(GapError, match="QEMU lacks an ATECC608A"),
    ):
        kit.build(FirmwareSource(project), tmp_path / "work" / "build", Variant.ATECC608A, Overlay())

    assert idf.asked == []
