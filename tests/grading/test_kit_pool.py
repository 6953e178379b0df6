"""In which order kits are tried."""

import pytest

from grading.kit_pool import stages, stages_for
from grading.variant import Variant


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


def test_qemu_is_passed_over_for_what_it_cannot_have() -> None:
    assert stages_for("virtual,qemu,red", Variant.ATECC608A) == ("virtual", "red")
    assert stages_for("virtual,qemu,red", Variant.EMBEDDED_KEY) == ("virtual", "qemu", "red")
    assert stages_for("qemu", Variant.ATECC608A) == ("qemu",)
