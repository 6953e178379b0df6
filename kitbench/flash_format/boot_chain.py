"""Would this flash boot? What ROM and second-stage boot loader check before an app runs. Pure.

Sources: ESP-IDF, API guides, "Application Startup Flow", "Bootloader"; `bootloader_support/src/bootloader_utility.c`
(which app is tried, and what comes after one that fails). Without secure boot and flash encryption; options that skip
checks (CONFIG_BOOTLOADER_SKIP_VALIDATE…) are not told by a flash and not looked at.
"""

from typing import Final

from kitbench.flash_format import app_image, partition_table
from kitbench.flash_format.app_image import AppImageError
from kitbench.flash_format.partition_table import Md5State, Partition, PartitionTableError

BOOT_LOADER_OFFSET: Final = 0x1000
TABLE_OFFSET: Final = 0x8000
#: The slot of the self-test app, which starts only where a pin asks for it.
_TEST_SUBTYPE: Final = 0x20


def boot_problem(flash: bytes) -> str:
    """Return why a flash does not come to run an app, in one line; "" where it does.

    An app that fails its check is passed over for the next one, so one good app is enough.
    """
    try:
        loader = app_image.parse(flash[BOOT_LOADER_OFFSET:TABLE_OFFSET])
    except AppImageError as error:
        return f"boot loader: {error}"
    if not loader.checksum_ok:  # the ROM looks at no hash without secure boot
        return "boot loader: its checksum is wrong"
    try:
        table = partition_table.parse(flash[TABLE_OFFSET:])
    except PartitionTableError as error:
        return f"partition table: {error}"
    if table.md5 is Md5State.WRONG or not table.has_end:
        return "partition table: its MD5 is wrong" if table.has_end else "partition table: it has no end"
    apps = [one for one in table.apps if one.subtype != _TEST_SUBTYPE]
    problems = [_app_problem(flash, one) for one in apps]
    if not apps:
        return "partition table: it has no app"
    return "" if "" in problems else problems[0]


def _app_problem(flash: bytes, app: Partition) -> str:
    try:
        image = app_image.parse(flash[app.offset : app.end])
    except AppImageError as error:
        return f"app {app.name}: {error}"
    if not image.checksum_ok:
        return f"app {app.name}: its checksum is wrong"
    return "" if image.hash_ok else f"app {app.name}: its SHA-256 is wrong"
