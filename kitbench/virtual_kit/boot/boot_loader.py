"""The second-stage boot loader of ESP-IDF v5.1.4, acted: partition table, choice of the app, its verification.

Source: ESP-IDF v5.1.4, `components/bootloader_support/src/{bootloader_utility,flash_partitions,esp_image_format}.c`,
and logs recorded from it. The boot loader in flash is checked by the ROM; this one speaks in its place.
"""

import struct
from dataclasses import dataclass, field
from typing import Final

from kitbench.flash_format import app_image, partition_table
from kitbench.flash_format.app_image import AppImageError
from kitbench.flash_format.boot_order import boot_order, ota_data, ota_slots, selected_slot
from kitbench.flash_format.partition_table import Md5State, Partition, PartitionTable, PartitionTableError
from kitbench.virtual_kit.boot.boot_rom import BOOTLOADER_OFFSET
from kitbench.virtual_kit.hardware.flash_image import FlashImage

#: Flash settings of the boot loader's image header (esp_app_format.h); its size, not the chip's, bounds the partitions.
_SPEEDS: Final = {0x0: "40MHz", 0x1: "26.7MHz", 0x2: "20MHz", 0xF: "80MHz"}
_MODES: Final = {0: "QIO", 1: "QOUT", 2: "DIO", 3: "DOUT"}
_SMALLEST_FLASH: Final = 0x100000

_USAGES: Final = {
    (0, 0x00): "factory app",
    (0, 0x20): "test app",
    (1, 0x00): "OTA data",
    (1, 0x01): "RF data",
    (1, 0x02): "WiFi data",
    (1, 0x04): "NVS keys",
    (1, 0x05): "efuse",
}
_UNKNOWN_USAGES: Final = {0: "Unknown app", 1: "Unknown data"}
_OTA_SUBTYPES: Final = range(0x10, 0x20)
_FACTORY: Final = 0x00
_TEST: Final = 0x20

_MAPPED_RANGES: Final = ((0x3F400000, 0x3F800000), (0x400D0000, 0x40400000))
_MMU_PAGE: Final = 0x10000
_IMAGE_HEADER_SIZE: Final = 24
#: Chip id, an old field, and minimal revision x 100 in the image header.
_HEADER_CHIP: Final = struct.Struct("<HxH")
_HEADER_CHIP_OFFSET: Final = 12
_CHIP_REVISION: Final = 301
_SEGMENT_HEADER: Final = struct.Struct("<II")
_MAX_SEGMENT_SIZE: Final = 0x1000000

#: ANSI colours of errors and information (esp_log.h; CONFIG_LOG_COLORS is on unless a project turns it off).
_COLOURS: Final = {"E": 31, "I": 32}
_FIRST_LOG_MS: Final = 29.0
#: A log line costs the time that UART0 takes for it at 115200 baud.
_MS_PER_CHARACTER: Final = 10 / 115.2


@dataclass(slots=True)
class BootLog:
    """Log lines with the milliseconds that the real boot loader's own printing takes."""

    lines: list[str] = field(default_factory=list)
    milliseconds: float = _FIRST_LOG_MS

    def add(self, level: str, tag: str, message: str) -> None:
        """Append a line as ESP_LOGx prints it, in the colours that ESP-IDF sets by default."""
        line = f"\033[0;{_COLOURS[level]}m{level} ({int(self.milliseconds)}) {tag}: {message}\033[0m\r\n"
        self.lines.append(line)
        self.milliseconds += len(line) * _MS_PER_CHARACTER

    @property
    def text(self) -> str:
        """Return all text that was printed since the reset."""
        return "".join(self.lines)


@dataclass(frozen=True, slots=True)
class SecondStage:
    """The boot loader's text, and the flash offset of the app it starts; None where it gives up and resets."""

    text: str
    app_offset: int | None


def run(flash: FlashImage) -> SecondStage:
    """Act the second stage on what the flash holds."""
    log = BootLog()
    _, _, mode, size_and_speed = flash.read(BOOTLOADER_OFFSET, 4)
    flash_size = min(_SMALLEST_FLASH << (size_and_speed >> 4), flash.size)
    _greet(log, _SPEEDS.get(size_and_speed & 0xF, "40MHz"), _MODES.get(mode, "DIO"), flash_size)
    table = _load_partition_table(log, flash, flash_size)
    app_offset = None if table is None else _start_app(log, flash, table)
    if app_offset is not None:
        log.add("I", "boot", "Disabling RNG early entropy source...")
    return SecondStage(log.text, app_offset)


def _greet(log: BootLog, speed: str, mode: str, flash_size: int) -> None:
    log.add("I", "boot", "ESP-IDF v5.1.4 2nd stage bootloader")
    log.add("I", "boot", "compile time Mar 18 2024 12:00:00")
    log.add("I", "boot", "Multicore bootloader")
    log.add("I", "boot", f"chip revision: v{_CHIP_REVISION // 100}.{_CHIP_REVISION % 100}")
    log.add("I", "boot.esp32", f"SPI Speed      : {speed}")
    log.add("I", "boot.esp32", f"SPI Mode       : {mode}")
    log.add("I", "boot.esp32", f"SPI Flash Size : {flash_size >> 20}MB")
    log.add("I", "boot", "Enabling RNG early entropy source...")


def _load_partition_table(log: BootLog, flash: FlashImage, flash_size: int) -> PartitionTable | None:
    data = flash.read(partition_table.DEFAULT_OFFSET, partition_table.TABLE_SIZE)
    problem, table = _verify_partition_table(data, flash_size)
    if problem is not None or table is None:
        log.add("E", "flash_parts", problem or "")
        log.add("E", "boot", "Failed to verify partition table")
        log.add("E", "boot", "load partition table error!")
        return None
    log.add("I", "boot", "Partition Table:")
    log.add("I", "boot", "## Label            Usage          Type ST Offset   Length")
    for number, part in enumerate(table.partitions):
        place = f"{part.kind:02x} {part.subtype:02x} {part.offset:08x} {part.size:08x}"
        log.add("I", "boot", f"{number:2d} {part.name:<16s} {_usage(part):<16s} {place}")
    log.add("I", "boot", "End of partition table")
    return table


def _verify_partition_table(data: bytes, flash_size: int) -> tuple[str | None, PartitionTable | None]:
    """Return esp_partition_table_verify's complaint, or the table."""
    try:
        table = partition_table.parse(data)
    except PartitionTableError:
        return _invalid_magic(data), None
    for number, part in enumerate(table.partitions):
        if part.offset > flash_size or part.end > flash_size:
            extent = f"offset 0x{part.offset:x} size 0x{part.size:x}"
            return f"partition {number} invalid - {extent} exceeds flash chip size 0x{flash_size:x}", None
    if table.md5 is Md5State.WRONG:
        return "Incorrect MD5 checksum", None
    if not table.has_end:
        return "partition table has no terminating entry, not valid", None
    return None, table


def _invalid_magic(data: bytes) -> str:
    magics = enumerate(struct.iter_unpack("<H30x", data[: len(data) // 32 * 32]))
    number, magic = next((n, magic) for n, (magic,) in magics if magic not in {0x50AA, 0xEBEB})
    return f"partition {number} invalid magic number 0x{magic:x}"


def _usage(part: Partition) -> str:
    if part.is_app and part.subtype in _OTA_SUBTYPES:
        return "OTA app"
    return _USAGES.get((part.kind, part.subtype), _UNKNOWN_USAGES.get(part.kind, "unknown"))


def _start_app(log: BootLog, flash: FlashImage, table: PartitionTable) -> int | None:
    """Try the app partitions in the boot loader's order; return the offset of the first that can be started."""
    for part, name in _boot_order(log, flash, table):
        if _verify_app(log, flash, part):
            log.add("I", "boot", f"Loaded app from partition at offset 0x{part.offset:x}")
            return part.offset
        if name:
            log.add("E", "boot", f"{name} is not bootable")
    log.add("E", "boot", "No bootable app partitions in the partition table")
    return None


def _boot_order(log: BootLog, flash: FlashImage, table: PartitionTable) -> list[tuple[Partition, str]]:
    """Return the apps as they are tried, each with what the log calls it, "" for the test app."""
    data, slots = ota_data(table.partitions), ota_slots(table.partitions)
    selected = selected_slot(flash.read(data.offset, data.size), len(slots)) if data is not None else None
    apps = boot_order(table.partitions, selected)
    if data is not None and selected is None:
        has_factory = any(one.subtype == _FACTORY for one in apps)
        log.add("I", "boot", "Defaulting to factory image" if has_factory else "No factory image, trying OTA 0")
    names = {slot.offset: f"OTA app partition slot {number}" for number, slot in enumerate(slots)}
    others = {_FACTORY: "Factory app partition", _TEST: ""}
    return [(one, others.get(one.subtype, names.get(one.offset, ""))) for one in apps]


def _verify_app(log: BootLog, flash: FlashImage, part: Partition) -> bool:
    data = flash.read(part.offset, part.size)
    tag, problem = "boot_comm", _chip_problem(data)
    if problem is None:
        tag, problem = "esp_image", _image_problem(log, data, part.offset)
    if problem is not None:
        log.add("E", tag, problem)
    return problem is None


def _chip_problem(data: bytes) -> str | None:
    """Return bootloader_common_check_chip_validity's complaint about an image header."""
    if len(data) < _IMAGE_HEADER_SIZE or data[0] != app_image.IMAGE_MAGIC:
        return None  # no header; that is said elsewhere
    chip_id, minimum = _HEADER_CHIP.unpack_from(data, _HEADER_CHIP_OFFSET)
    if chip_id != app_image.CHIP_ID_ESP32:
        return f"mismatch chip ID, expected {app_image.CHIP_ID_ESP32}, found {chip_id}"
    if minimum > _CHIP_REVISION:
        needed, present = (f"v{revision // 100}.{revision % 100}" for revision in (minimum, _CHIP_REVISION))
        return f"Image requires chip rev >= {needed}, but chip is {present}"
    return None


def _image_problem(log: BootLog, data: bytes, offset: int) -> str | None:
    """Return esp_image_verify's complaint about the image, listing its segments on the way."""
    if len(data) < _IMAGE_HEADER_SIZE or data[0] != app_image.IMAGE_MAGIC:
        return f"image at 0x{offset:x} has invalid magic byte (nothing flashed here?)"
    if data[1] > app_image.MAX_SEGMENTS:
        return f"image at 0x{offset:x} segment count {data[1]} exceeds max {app_image.MAX_SEGMENTS}"
    problem = _segment_problem(log, data, offset)
    if problem is not None:
        return problem
    try:
        image = app_image.parse(data)
    except AppImageError as error:
        return str(error)
    if not image.checksum_ok:
        return f"Checksum failed. Calculated {image.checksum_calculated:#x} read {image.checksum_stored:#x}"
    return None if image.hash_ok else "Image hash failed - image is corrupt"


def _segment_problem(log: BootLog, data: bytes, offset: int) -> str | None:
    position = _IMAGE_HEADER_SIZE
    for number in range(data[1]):
        if position + _SEGMENT_HEADER.size > len(data):
            return f"image at 0x{offset:x} is longer than its partition"
        address, size = _SEGMENT_HEADER.unpack_from(data, position)
        position += _SEGMENT_HEADER.size
        if size % 4 or size >= _MAX_SEGMENT_SIZE:
            return f"invalid segment length {size:#x}"
        is_mapped = any(first <= address < end for first, end in _MAPPED_RANGES)
        if is_mapped and (offset + position - address) % _MMU_PAGE:
            return f"Segment {number} load address 0x{address:08x}, doesn't match data 0x{offset + position:08x}"
        action = "map" if is_mapped else "load"
        place = f"paddr={offset + position:08x} vaddr={address:08x}"
        log.add("I", "esp_image", f"segment {number}: {place} size={size:05x}h ({size:6d}) {action}")
        position += size
    return None
