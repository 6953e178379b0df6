import pytest

from kitbench.errors import GapError, KitError
from kitbench.flash_format.partition_table import Partition
from kitbench.virtual_kit.toolchain.compilation.link_map import OwnBytes
from kitbench.virtual_kit.toolchain.compilation.room import require_ram, require_room

FACTORY = Partition("factory", 0, 0, 0x10000, 0x100000)


def test_static_variables_fit_into_the_chips_segment_or_not() -> None:
    require_ram(OwnBytes(constants=1 << 20, zeroed=0x2C200))
    with pytest.raises(KitError, match="dram0_0_seg"):
        require_ram(OwnBytes(variables=1, zeroed=0x2C200))


def test_app_that_esp_idf_would_refuse_is_the_students() -> None:
    require_room(OwnBytes(constants=0xE0000), 0xF0000, FACTORY)
    with pytest.raises(KitError, match=r"app partition is too small: .*'factory' 0x100000"):
        require_room(OwnBytes(constants=0xE0001), 0xF0000, FACTORY)


def test_app_that_is_too_large_here_alone_is_a_gap() -> None:
    with pytest.raises(GapError, match="apps as small as ESP-IDF's"):
        require_room(OwnBytes(constants=0x10000), 0x100001, FACTORY)
