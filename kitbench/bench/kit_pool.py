"""Which kit of a list can serve a project: the first whose stand-in does not lack what the project uses."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kitbench.bench.builders import Builder, build_for_qemu, build_for_virtual_kit
from kitbench.bench.firmware_build import FirmwareSource
from kitbench.bench.variant import Variant
from kitbench.errors import GapError, KitbenchError
from kitbench.firmware.overlay import Overlay
from kitbench.kit_list import QEMU, VIRTUAL, stages

_BUILDERS: Final[dict[str, Builder]] = {VIRTUAL: build_for_virtual_kit, QEMU: build_for_qemu}


def able_stage(kits: str, source: FirmwareSource, variants: Sequence[Variant]) -> str:
    """Return the part of the list to run on; a list of one part is not tried first.

    What a trial build finds beside gaps is told by the run itself.
    """
    *before, last = stages(kits)
    for kit in before:
        if not any(_is_lacking(kit, source, variant) for variant in variants or (Variant.NONE,)):
            return kit
    return last


def _is_lacking(kit: str, source: FirmwareSource, variant: Variant) -> bool:
    builder = _BUILDERS.get(kit)
    if builder is None:
        return False
    with tempfile.TemporaryDirectory(prefix="kitbench-trial-") as folder:
        try:
            builder(source, Path(folder) / "build", variant, Overlay())
        except GapError:
            return True
        except KitbenchError:
            return False
    return False
