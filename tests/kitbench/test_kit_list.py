"""In which order kits are tried."""

import pytest

from kitbench.kit_list import stages


@pytest.mark.parametrize(
    ("kits", "expected"),
    [
        ("virtual", ("virtual",)),
        ("/dev/ttyUSB0", ("/dev/ttyUSB0",)),
        ("red,blue", ("red,blue",)),
        ("virtual,qemu,/dev/ttyUSB0", ("virtual", "qemu", "/dev/ttyUSB0")),
        ("virtual, red , blue", ("virtual", "red,blue")),
        ("red,virtual,blue", ("red", "virtual", "blue")),
    ],
)
def test_stand_ins_stand_alone_and_attached_kits_together(kits: str, expected: tuple[str, ...]) -> None:
    assert stages(kits) == expected
