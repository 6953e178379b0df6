"""Which slots give a private key to the commands that use one."""

import pytest

from kitbench.virtual_kit.atecc608a import Chip
from kitbench.virtual_kit.atecc608a.packet import RefusedError, Status


def test_private_key_is_that_of_its_slot(chip: Chip) -> None:
    assert chip.state.private_key(0) is chip.state.keys[0]


@pytest.mark.parametrize("slot", [1, 8, 16, 0xFFFF], ids=["empty", "of data", "beyond", "far beyond"])
def test_any_other_slot_has_none(chip: Chip, slot: int) -> None:
    chip.state.keys[8] = chip.state.keys[0]  # were it there, it would not be given

    with pytest.raises(RefusedError) as refusal:
        chip.state.private_key(slot)

    assert refusal.value.status is Status.EXECUTION_ERROR
