"""pytest-embedded is told here which port, which build folder and which services a test's kit has.

Each fixture stands before pytest-embedded's own of that name, and for a test that uses no kit fixture returns what that
one returns. Registered once both plugins are there, by `pytest_configure`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from kitbench.bench.builds.firmware_build import FirmwareBuild
    from kitbench.bench.kits.bench_kit import BenchKit
    from kitbench.bench.kits.kit_thing import KitThing

#: Under this name the hooks of a run are registered, once there is one.
RUN_PLUGIN = "kitbench.run"


def is_on_kit(request: pytest.FixtureRequest) -> bool:
    """Say whether the test asked for a kit."""
    return "on_kit_run" in request.fixturenames


def _kit(request: pytest.FixtureRequest) -> BenchKit:
    kit: BenchKit = request.getfixturevalue("bench_kit")
    return kit


def _firmware(request: pytest.FixtureRequest) -> FirmwareBuild:
    firmware: FirmwareBuild = request.getfixturevalue("firmware")
    return firmware


def _is_first_flashing(request: pytest.FixtureRequest) -> bool:
    thing: KitThing = request.getfixturevalue("thing")
    return not thing.has_flashed_kit


@pytest.fixture
def embedded_services(request: pytest.FixtureRequest, embedded_services: str | None) -> str | None:
    """The services that run the kit: ESP-IDF's build folder with esptool's serial line, or with QEMU."""
    return _kit(request).services if is_on_kit(request) else embedded_services


@pytest.fixture
def port(request: pytest.FixtureRequest, port: str | None) -> str | None:
    """The kit's serial port, if it has one."""
    return (_kit(request).port or None) if is_on_kit(request) else port


@pytest.fixture
def target(request: pytest.FixtureRequest, target: str | None) -> str | None:
    """The chip that the firmware is built for."""
    return _firmware(request).chip if is_on_kit(request) else target


@pytest.fixture
def app_path(request: pytest.FixtureRequest, app_path: str | None) -> str | None:
    """The build folder's parent, as pytest-embedded wants it."""
    return str(_firmware(request).folder.parent) if is_on_kit(request) else app_path


@pytest.fixture
def build_dir(request: pytest.FixtureRequest, build_dir: str | None) -> str | None:
    """Return the build folder, where pytest-embedded looks for the app."""
    return str(_firmware(request).folder) if is_on_kit(request) else build_dir


@pytest.fixture
def erase_all(request: pytest.FixtureRequest, erase_all: bool | None) -> bool | None:
    """A thing's first flashing erases the whole flash: no key of an earlier variant or run lingers."""
    return _is_first_flashing(request) if is_on_kit(request) else erase_all


@pytest.fixture
def qemu_image_path(request: pytest.FixtureRequest, qemu_image_path: str | None) -> str | None:
    """The file that is the kit's flash, the firmware in it; None where pytest-embedded flashes the kit itself."""
    if not is_on_kit(request):
        return qemu_image_path
    load = _kit(request).load
    return str(load(_firmware(request), erase_all=_is_first_flashing(request))) if load else None


@pytest.fixture
def skip_regenerate_image(request: pytest.FixtureRequest, skip_regenerate_image: bool | None) -> bool | None:
    """What is in that file stays, as in a real flash: pytest-embedded would make it anew for each test."""
    return True if is_on_kit(request) else skip_regenerate_image


@pytest.fixture
def qemu_extra_args(request: pytest.FixtureRequest, qemu_extra_args: str | None) -> str | None:
    """The arguments of a program that runs the kit."""
    return _kit(request).arguments if is_on_kit(request) else qemu_extra_args


@pytest.fixture
def test_case_tempdir(request: pytest.FixtureRequest, test_case_tempdir: str, test_case_name: str) -> str:
    """Serial logs of kits stay in the run's private folder: firmware may print what it likes, its key too."""
    if not is_on_kit(request):
        return test_case_tempdir
    folder: Path = request.getfixturevalue("run_folder")
    return str(folder / "pytest-embedded" / test_case_name)


@pytest.fixture(scope="session")
def cache_dir(request: pytest.FixtureRequest, cache_dir: str) -> str:
    """Runs side by side do not share pytest-embedded's cache of ports."""
    if not request.config.pluginmanager.hasplugin(RUN_PLUGIN):
        return cache_dir
    folder: Path = request.getfixturevalue("run_folder")
    return str(folder)
