"""Whether an app fits where ESP-IDF puts it: judged by what is the project's own, as all else is the stand-in's.

Sources: ESP-IDF v5.1, `components/esp_system/ld/esp32/memory.ld.in` (dram0_0_seg), `components/partition_table/
check_sizes.py`, which refuses an app that is larger than its partition.
"""

from typing import Final

from kitbench.errors import GapError, KitError
from kitbench.flash_format.partition_table import Partition
from kitbench.virtual_kit.toolchain.compilation.link_map import OwnBytes

#: Static variables of the whole app, in bytes; ESP-IDF itself has some of them.
_DRAM: Final = 0x2C200
#: What the smallest app that ESP-IDF builds takes in flash (hello_world of 5.1: 170 KB), less a margin.
_LEAST_APP: Final = 0x20000


def require_ram(own: OwnBytes) -> None:
    """Make sure that the project's static variables fit into the chip's RAM.

    Raises:
        KitError: they do not, in ESP-IDF either.
    """
    if own.in_ram > _DRAM:
        text = f"the project's static variables take {own.in_ram} bytes of RAM: region `dram0_0_seg' has {_DRAM}"
        raise KitError(text, stage="build")


def require_room(own: OwnBytes, image: int, partition: Partition) -> None:
    """Make sure that an app's image of so many bytes fits into its partition.

    Raises:
        KitError: ESP-IDF's would not fit, either.
        GapError: the stand-in's is too large, and ESP-IDF's may fit.
    """
    least = max(image, own.in_flash + _LEAST_APP)
    if own.in_flash + _LEAST_APP > partition.size:
        what = f"app image of 0x{least:x} bytes or more, partition {partition.name!r} 0x{partition.size:x}"
        raise KitError(f"app partition is too small: {what}", stage="build")
    if image > partition.size:
        raise GapError(
            f"apps as small as ESP-IDF's: 0x{image:x} bytes, partition {partition.name!r} 0x{partition.size:x}"
        )
