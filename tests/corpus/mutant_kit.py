"""A pytest plugin: on-kit tests run on a virtual kit whose secure element is wrong in one way."""

from contextlib import AbstractContextManager
from typing import Any, Final

import pytest

from kitbench.bench.kits import bench_kit
from kitbench.bench.stand_in import running
from kitbench.virtual_kit.atecc608a.chip_defect import DEFECTS

SOUND: Final = "sound"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare which chip is fitted."""
    parser.addoption("--chip", default=SOUND, choices=[SOUND, *DEFECTS])


def pytest_configure(config: pytest.Config) -> None:
    """Have the bench start its virtual kit with that chip."""
    chip = config.getoption("--chip")

    def start(command: str, *arguments: str) -> AbstractContextManager[dict[str, Any]]:
        is_flawed_kit = command == "virtual-kit" and chip != SOUND
        return running(command, *arguments, *(("--secure-element-flaw", chip) if is_flawed_kit else ()))

    pytest.MonkeyPatch().setattr(bench_kit, "running", start)
