"""A pytest plugin: on-kit tests run on a virtual kit in this process, whose secure element is wrong in one way."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kitbench.pytest_plugin import fixtures
from kitbench.pytest_plugin.bench import BenchKit, _build_for_virtual_kit
from kitbench.virtual_kit.atecc608a import ChipBus, Profile, make_chip
from kitbench.virtual_kit.atecc608a.mutant import Mutant, mutate
from kitbench.virtual_kit.kit import KitOptions, VirtualKit

_SOUND = "SOUND"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare which chip is fitted."""
    parser.addoption("--chip", default=_SOUND, choices=[_SOUND, *(mutant.name for mutant in Mutant)])


def pytest_configure(config: pytest.Config) -> None:
    """Replace the bench's own way of starting a virtual kit."""
    name = config.getoption("--chip")
    chip = make_chip(Profile.TCUSTOM_LOCKED)
    bus = ChipBus(chip if name == _SOUND else mutate(chip, Mutant[name]))

    @contextmanager
    def open_kit(choice: Any, reachable: Iterable[tuple[str, int]], *_log: Any, **options: Any) -> Iterator[BenchKit]:
        clock_factor = float(options.get("clock_factor", 1.0))
        built_of = KitOptions(secure_element=bus, access_point=tuple(reachable), clock_factor=clock_factor)
        with VirtualKit(built_of) as kit:
            yield BenchKit(kit.url, _build_for_virtual_kit, {"kind": choice.kind, "chip": name})

    pytest.MonkeyPatch().setattr(fixtures, "open_kit", open_kit)
