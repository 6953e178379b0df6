"""A list of kits as `--kit` takes it: which is tried first, and where a project goes when a kit lacks what it uses."""

from typing import Final

VIRTUAL: Final = "virtual"
QEMU: Final = "qemu"
#: Kits that a run starts for itself.
STAND_INS: Final = (VIRTUAL, QEMU)


def stages(kits: str) -> tuple[str, ...]:
    """Return what is tried in turn: stand-ins alone, attached kits that stand side by side as one pool.

    ``"virtual,qemu,red,blue"`` gives ``("virtual", "qemu", "red,blue")``.
    """
    found: list[str] = []
    is_pool = False
    for name in (part.strip() for part in kits.split(",")):
        is_attached = name not in STAND_INS
        if is_attached and is_pool:
            found[-1] += f",{name}"
        else:
            found.append(name)
        is_pool = is_attached
    return tuple(found)
