"""Which kits a variant is tried on."""

from grading.running.kit_pool import stages_for
from grading.variant import Variant


def test_qemu_is_passed_over_for_what_it_cannot_have() -> None:
    assert stages_for("virtual,qemu,red", Variant.ATECC608A) == ("virtual", "red")
    assert stages_for("virtual,qemu,red", Variant.EMBEDDED_KEY) == ("virtual", "qemu", "red")
    assert stages_for("qemu", Variant.ATECC608A) == ("qemu",)
