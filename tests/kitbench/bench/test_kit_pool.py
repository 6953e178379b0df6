"""Which kit of a list serves a project: tried by building."""

from pathlib import Path

import pytest

from kitbench.bench.firmware_build import FirmwareSource
from kitbench.bench.kit_pool import able_stage
from kitbench.bench.variant import Variant
from tests.kitbench.virtual_kit.toolchain.project_maker import make_project

GAP = '#include "driver/mcpwm.h"\nvoid app_main(void) {}\n'
MISTAKE = "void app_main(void) { x; }\n"


@pytest.mark.parametrize(
    ("code", "kits", "served_by"),
    [
        (None, "virtual,red", "virtual"),
        (GAP, "virtual,red,blue", "red,blue"),
        (GAP, "virtual,qemu,red", "red"),
        (GAP, "virtual,qemu", "qemu"),
        (MISTAKE, "virtual,red", "virtual"),
        (GAP, "red,virtual", "red"),
        (GAP, "virtual", "virtual"),
    ],
)
def test_project_goes_to_the_first_kit_that_has_what_it_uses(
    tmp_path: Path, code: str | None, kits: str, served_by: str
) -> None:
    project = make_project(tmp_path / "project", {"main/small.c": code} if code else {})

    assert able_stage(kits, FirmwareSource(project), [Variant.EMBEDDED_KEY]) == served_by
