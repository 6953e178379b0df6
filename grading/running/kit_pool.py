"""Which kits of a list a variant is tried on, in turn."""

from kitbench.kit_list import QEMU, stages

from ..variant import Variant


def stages_for(kits: str, variant: Variant) -> tuple[str, ...]:
    """Return the stages that can have a variant: QEMU has no secure element, wherever another kit is in the list."""
    able = tuple(stage for stage in stages(kits) if stage != QEMU or variant is not Variant.ATECC608A)
    return able or stages(kits)
