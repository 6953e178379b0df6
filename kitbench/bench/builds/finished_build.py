"""A build that somebody else has finished: taken as it is, for the kit that can run it."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from kitbench.bench.builds.build_description import FLASHER_ARGS, read_object
from kitbench.bench.builds.build_reader import examined, reader_of_build
from kitbench.bench.builds.firmware_build import FirmwareBuild
from kitbench.errors import BenchError, Fault, UsageError
from kitbench.firmware.own_endpoint import OwnEndpoint, own_endpoint_of
from kitbench.flash_format import app_image, partition_table
from kitbench.flash_format.app_image import AppImageError
from kitbench.flash_format.nvs_image import Strings, nvs_image
from kitbench.flash_format.partition_table import Partition, PartitionTableError
from kitbench.flash_format.secure_cert import PARTITION_NAME, secure_cert_image
from kitbench.forensics.reading.flash_dump import FlashDump
from kitbench.kit_list import QEMU, VIRTUAL
from kitbench.virtual_kit import app_module

STAGE: Final = "build"
SETTINGS: Final = Path("config", "sdkconfig.json")
ESP32: Final = "esp32"
NVS_SUBTYPE: Final = "nvs"
#: What is flashed beside the app; it holds a key, so that the copy is private.
IDENTITY_FILE: Final = "kitbench_identity.bin"


def finished_build(folder: Path) -> FirmwareBuild:
    """Return the build in a folder.

    Raises:
        UsageError: it holds none that is finished.
    """
    try:
        app, elf, chip = reader_of_build(folder, fault=Fault.CALLER)(examined, str(folder.resolve()))
    except BenchError as error:
        raise UsageError(f"--build: {error.message}", stage=STAGE, fix=error.fix) from error
    return FirmwareBuild(folder, folder / elf, folder / app, chip)


def own_names_of(folder: Path) -> OwnEndpoint:
    """Return endpoint, port and client id that a build was configured with, as far as its settings say."""
    settings = {name: value for name, value in read_object(folder / SETTINGS).items() if isinstance(value, str | int)}
    return own_endpoint_of(lambda symbol: str(settings.get(symbol, "")))


def require_fit(build: FirmwareBuild, kind: str, chip: str) -> None:
    """Make sure that a kit can run a build.

    Args:
        build: finished.
        kind: of the kit.
        chip: the kit's, as esptool names it.

    Raises:
        UsageError: it cannot; names both.
    """
    named = f"{build.app.name} is for the {build.chip}"
    if kind == VIRTUAL and (build.chip != ESP32 or not _is_for_virtual_kit(build)):
        made = named if build.chip != ESP32 else f"{build.app.name} holds machine code of idf.py"
        fix = "give it a real kit (--kit PORT); for the virtual one, make it by `kitbench build PROJECT -o FOLDER`"
        raise UsageError(f"{made}, the virtual kit runs what `kitbench build` makes", stage=STAGE, fix=fix)
    if kind == QEMU and build.chip != ESP32:
        raise UsageError(f"{named}, kitbench runs QEMU's esp32 only", stage=STAGE, fix="give it a real kit: --kit PORT")
    if chip and build.chip != _plain(chip):
        raise UsageError(f"{named}, the kit is an {chip}", stage=STAGE, fix="choose another kit with --kit")


def _plain(chip: str) -> str:
    """Return ESP-IDF's name of a chip: `esp32c3` for esptool's `ESP32-C3`."""
    return chip.lower().replace("-", "")


def _is_for_virtual_kit(build: FirmwareBuild) -> bool:
    try:
        app_module.extract(app_image.parse(build.app.read_bytes()))
    except (AppImageError, ValueError):
        return False
    return True


def with_nvs(build: FirmwareBuild, folder: Path, strings: Strings) -> FirmwareBuild:
    """Return a copy of a build in a private folder that flashes an NVS image beside the very same app.

    Raises:
        UsageError: its partition table has no NVS partition, or the strings do not fit into it.
    """
    partition = _partition(build, NVS_SUBTYPE, lambda one: one.subtype_name == NVS_SUBTYPE)
    return _with_partition(build, folder, partition, nvs_image(strings, partition.size))


def with_secure_cert(build: FirmwareBuild, folder: Path, pems: tuple[bytes, bytes, bytes]) -> FirmwareBuild:
    """Return such a copy with an `esp_secure_cert` partition: root CA, certificate and private key.

    Raises:
        UsageError: its partition table has none, or they do not fit.
    """
    partition = _partition(build, PARTITION_NAME, lambda one: one.name == PARTITION_NAME)
    return _with_partition(build, folder, partition, secure_cert_image(*pems, partition.size))


def _with_partition(build: FirmwareBuild, folder: Path, partition: Partition, image: bytes) -> FirmwareBuild:
    shutil.copytree(build.folder, folder)
    arguments = read_object(folder / FLASHER_ARGS)
    arguments["flash_files"] = {**arguments.get("flash_files", {}), hex(partition.offset): IDENTITY_FILE}
    (folder / IDENTITY_FILE).write_bytes(image)
    (folder / FLASHER_ARGS).write_text(json.dumps(arguments, indent=1), encoding="utf-8")
    app, elf = (folder / path.relative_to(build.folder) for path in (build.app, build.elf))
    return replace(build, folder=folder, app=app, elf=elf)


def _partition(build: FirmwareBuild, name: str, is_it: Callable[[Partition], bool]) -> Partition:
    try:
        table = partition_table.parse((build.folder / "partition_table" / "partition-table.bin").read_bytes())
    except (OSError, PartitionTableError) as error:
        raise UsageError(f"{build.folder} has no partition table that can be read: {error}", stage=STAGE) from error
    for partition in table.partitions:
        if is_it(partition):
            return partition
    raise UsageError(f"{build.folder}: its partition table has no {name} partition", stage=STAGE, fix="--identity keep")


def flashed_app_sha256(build: FirmwareBuild, dump: FlashDump) -> str:
    """Return the SHA-256, as hex digits, of what is in flash where the build's app was written.

    Raises:
        BenchError: the build does not flash its app.
    """
    app = build.app.read_bytes()
    for offset, content in build.flash_files():
        if content == app:
            return hashlib.sha256(dump.data[offset : offset + len(app)]).hexdigest()
    raise BenchError(f"{build.folder} does not flash its app {build.app.name}", stage="flash")
