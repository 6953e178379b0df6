"""How a project is built for each kind of kit: the stand-in's toolchain, or ESP-IDF's `idf.py`."""

from pathlib import Path
from typing import Protocol

from kitbench.bench.builds.firmware_build import FirmwareBuild, FirmwareSource, build_in
from kitbench.bench.builds.variant import Variant
from kitbench.errors import GapError
from kitbench.firmware.overlay import Overlay
from kitbench.firmware.setting_names import HOST
from kitbench.kit import qemu
from kitbench.kit.esp_idf import find_esp_idf
from kitbench.virtual_kit.toolchain import build_confined


class Builder(Protocol):
    """Builds a project for a kind of kit."""

    def __call__(self, source: FirmwareSource, folder: Path, variant: Variant, overlay: Overlay) -> FirmwareBuild:
        """Build into `folder`; raise KitError where the project is at fault."""


def build_for_virtual_kit(
    source: FirmwareSource,
    folder: Path,
    variant: Variant,
    overlay: Overlay,
    *,
    wiring: tuple[tuple[str, str], ...] = (),
) -> FirmwareBuild:
    """Build with the stand-in's own toolchain; `wiring` as for a real kit."""
    variant_name = variant.firmware or None
    wired = overlay.merged_with(Overlay(kconfig=dict(wiring)))
    build_confined(
        source.project, folder, variant=variant_name, overlay=wired, esp_aws_iot=source.esp_aws_iot, idf=source.idf
    )
    return build_in(folder)


def build_with_esp_idf(
    source: FirmwareSource,
    folder: Path,
    variant: Variant,
    overlay: Overlay,
    *,
    wiring: tuple[tuple[str, str], ...],
) -> FirmwareBuild:
    """Build with ESP-IDF; `wiring` is how the kit's board has its secure element, in Kconfig symbols and values."""
    esp_idf = find_esp_idf()
    wired = overlay.merged_with(Overlay(kconfig=dict(wiring)))
    return build_in(esp_idf.build(source.project, folder, variant.firmware, wired, esp_aws_iot=source.esp_aws_iot))


def build_for_qemu(source: FirmwareSource, folder: Path, variant: Variant, overlay: Overlay) -> FirmwareBuild:
    """Build the configuration for QEMU, its endpoint named as the machine inside sees it.

    Raises:
        GapError: the project has no such configuration: in QEMU there is no Wi-Fi.
    """
    configuration = f"sdkconfig.ci.{qemu.CONFIGURATION}"
    if variant is Variant.ATECC608A or not (source.project / configuration).is_file():
        lacks = "an ATECC608A" if variant is Variant.ATECC608A else f"Wi-Fi, and the project has no {configuration}"
        raise GapError(lacks, owner="QEMU", fix="use --kit virtual, or a real kit")
    host = qemu.seen_from_inside(overlay.settings.get(HOST[0], ""))
    inside = overlay.merged_with(Overlay(kconfig=dict.fromkeys(HOST, host)))
    esp_idf = find_esp_idf()
    return build_in(esp_idf.build(source.project, folder, qemu.CONFIGURATION, inside, esp_aws_iot=source.esp_aws_iot))
