"""The build folder as `idf.py build` leaves it, so that pytest-embedded, esptool and people find what they expect.

Source: ESP-IDF v5.1.4, `components/esptool_py/project_include.cmake`, `tools/cmake/project_description.json.in`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.errors import BenchError, GapError, KitError
from kitbench.firmware import sdkconfig
from kitbench.flash_format import app_image, partition_table
from kitbench.flash_format.app_image import Segment
from kitbench.flash_format.partition_csv import parse_csv
from kitbench.flash_format.partition_table import Partition, PartitionTableError, PartitionType
from kitbench.virtual_kit.toolchain.compilation.compiler import sdkconfig_header
from kitbench.virtual_kit.toolchain.flash_arguments import FlashArguments
from kitbench.virtual_kit.toolchain.kconfig import Configuration

_BOOT_LOADER_OFFSET: Final = 0x1000
_OTA_DATA_SUBTYPE: Final = 0x00
_FLASH_SIZES: Final = {"1MB": 1 << 20, "2MB": 2 << 20, "4MB": 4 << 20, "8MB": 8 << 20, "16MB": 16 << 20}
#: ESP-IDF's own tables, by file name; `components/partition_table/partitions_*.csv`.
_STOCK_TABLES: Final = {
    "partitions_singleapp.csv": "nvs,data,nvs,,0x6000,\nphy_init,data,phy,,0x1000,\nfactory,app,factory,,1M,\n",
    "partitions_singleapp_large.csv": (
        "nvs,data,nvs,,0x6000,\nphy_init,data,phy,,0x1000,\nfactory,app,factory,,1500K,\n"
    ),
    "partitions_two_ota.csv": (
        "nvs,data,nvs,,0x4000,\notadata,data,ota,,0x2000,\nphy_init,data,phy,,0x1000,\n"
        "factory,app,factory,,1M,\nota_0,app,ota_0,,1M,\nota_1,app,ota_1,,1M,\n"
    ),
}
#: Tables of newer versions, or with encryption.
_LACKING_TABLES: Final = frozenset(
    f"partitions_{name}.csv"
    for name in (
        "two_ota_large",
        "singleapp_encr_nvs",
        "singleapp_large_encr_nvs",
        "two_ota_encr_nvs",
        "two_ota_large_encr_nvs",
    )
)


@dataclass(frozen=True, slots=True)
class Images:
    """The app's image, and the ELF file with names for its pseudo addresses."""

    app: bytes
    elf: bytes


@dataclass(frozen=True, slots=True)
class FlashLayout:
    """What goes where in flash."""

    partitions: tuple[Partition, ...]
    table_offset: int
    flash_size: str

    @property
    def flash_bytes(self) -> int:
        """The flash's size."""
        return _FLASH_SIZES[self.flash_size]

    @property
    def app(self) -> Partition:
        """The partition that the app is flashed into: factory, or the first app."""
        apps = [partition for partition in self.partitions if partition.kind == PartitionType.APP]
        return next((partition for partition in apps if partition.subtype == 0), apps[0])

    @property
    def ota_data(self) -> Partition | None:
        """The partition that says which OTA app to boot, if there is one."""
        matches = (item for item in self.partitions if (item.kind, item.subtype) == (1, _OTA_DATA_SUBTYPE))
        return next(matches, None)


def flash_layout(configuration: Configuration, project: Path) -> FlashLayout:
    """Return the layout that the project's configuration asks for.

    Raises:
        KitError: the partition table cannot be read, has no app or does not fit into flash.
        GapError: it is one of ESP-IDF's own that the stand-in lacks.
    """
    name = configuration.get("PARTITION_TABLE_FILENAME", "partitions_singleapp.csv")
    offset = int(configuration.get("PARTITION_TABLE_OFFSET", "0x8000"), 0)
    size_name = configuration.get("ESPTOOLPY_FLASHSIZE", "2MB")
    if size_name not in _FLASH_SIZES:
        raise GapError(f"a flash of {size_name}")
    text = _STOCK_TABLES.get(name) or _own_table(name, project)
    try:
        partitions = parse_csv(text, table_offset=offset)
    except PartitionTableError as error:
        raise KitError(f"{name}: {error}", stage="build") from error
    end = max((partition.end for partition in partitions), default=0)
    if not any(partition.is_app for partition in partitions):
        raise KitError(f"{name}: no partition for the app", stage="build")
    layout = FlashLayout(partitions, offset, size_name)
    if end > layout.flash_bytes:
        raise KitError(f"{name}: partitions end at 0x{end:x}, the flash has {size_name}", stage="build")
    return layout


def _own_table(name: str, project: Path) -> str:
    if name in _LACKING_TABLES:
        raise GapError(f"the partition table {name}")
    path = (project / name).resolve()
    if not path.is_relative_to(project.resolve()) or not path.is_file():
        raise KitError(f"partition table {name!r} is not in the project's folder", stage="build")
    return path.read_text("utf-8", "replace")


def boot_loader(flash_size: int) -> bytes:
    """Return the image that stands for the second-stage boot loader; the virtual kit acts it, the code is a text."""
    text = b"This image stands for ESP-IDF's second-stage boot loader; the virtual kit acts it.".ljust(96, b"\0")
    segments = [Segment(0x3FFF0030, text), Segment(0x40078000, text), Segment(0x40080400, text)]
    return app_image.serialize(segments, entry=0x4008064C, flash_size=flash_size)


def write_build_folder(
    folder: Path, name: str, images: Images, *, layout: FlashLayout, configuration: Configuration
) -> None:
    """Write every file of the build folder; the app's image is the only `.bin` at its top.

    Raises:
        BenchError: the folder cannot be written.
    """
    files: dict[str, bytes] = {
        f"{name}.bin": images.app,
        f"{name}.elf": images.elf,
        "bootloader/bootloader.bin": boot_loader(layout.flash_bytes),
        "partition_table/partition-table.bin": partition_table.serialize(layout.partitions),
        "sdkconfig": sdkconfig.encode(configuration.text()),
        "config/sdkconfig.json": _json(configuration.to_json()),
        "config/sdkconfig.h": sdkconfig_header(configuration.definitions()),
        "project_description.json": _json(_description(folder, name, configuration)),
    }
    flash_files = {
        _BOOT_LOADER_OFFSET: "bootloader/bootloader.bin",
        layout.app.offset: f"{name}.bin",
        layout.table_offset: "partition_table/partition-table.bin",
    }
    if layout.ota_data:
        files["ota/ota_data_initial.bin"] = b"\xff" * layout.ota_data.size
        flash_files[layout.ota_data.offset] = "ota/ota_data_initial.bin"
    files |= _flash_arguments(layout, flash_files).argument_files()
    try:
        _remove_old(folder)
        for relative, content in files.items():
            path = folder / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise BenchError(f"cannot write the build folder {str(folder)!r}: {error.strerror}", stage="build") from error


def _remove_old(folder: Path) -> None:
    """Remove images of an earlier build of another name, which would be flashed in place of the new one."""
    for pattern in ("*.bin", "*.elf"):
        for path in folder.glob(pattern):
            path.unlink()


def _flash_arguments(layout: FlashLayout, flash_files: Mapping[int, str]) -> FlashArguments:
    settings = {"flash_mode": "dio", "flash_freq": "40m", "flash_size": layout.flash_size}
    parts = {"bootloader": _BOOT_LOADER_OFFSET, "app": layout.app.offset, "partition-table": layout.table_offset}
    return FlashArguments(settings, flash_files, parts)


def _description(folder: Path, name: str, configuration: Configuration) -> dict[str, Any]:
    return {
        "version": "1.0",
        "project_name": name,
        "build_dir": str(folder.resolve()),
        "config_file": str((folder / "sdkconfig").resolve()),
        "app_elf": f"{name}.elf",
        "app_bin": f"{name}.bin",
        "target": configuration.get("IDF_TARGET", "esp32"),
        "min_rev": "0",
        "max_rev": "399",
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=4) + "\n").encode()
