"""A list of kits: where a submission is run first, and where it goes when a kit lacks what it uses."""

from typing import Final

from .variant import Variant

VIRTUAL: Final = "virtual"
QEMU: Final = "qemu"


def stages(kits: str) -> tuple[str, ...]:
    """Return what the suite's `--kit` is given in turn: stand-ins alone, attached kits side by side as one pool.

    ``"virtual,qemu,red,blue"`` gives ``("virtual", "qemu", "red,blue")``.
    """
    found: list[str] = []
    is_pool = False
    for name in (part.strip() for part in kits.split(",")):
        is_attached = name not in {VIRTUAL, QEMU}
        if is_attached and is_pool:
            found[-1] += f",{name}"
        else:
            found.append(name)
        is_pool = is_attached
    return tuple(found)


def stages_for(kits: str, variant: Variant) -> tuple[str, ...]:
    """Return the stages that can have a variant: QEMU has no secure element, wherever another kit is in the list."""
    able = tuple(stage for stage in stages(kits) if stage != QEMU or variant is not Variant.ATECC608A)
    return able or stages(kits)
