"""pytest-embedded is told here which port, which build folder and which services a test's kit has."""

from pathlib import Path

import pytest

from kitbench import BenchKit, FirmwareBuild, Thing


def pytest_configure(config: pytest.Config) -> None:
    """Load the fixtures of on-kit tests here, not for every session: they import esptool, boto3 and all."""
    config.pluginmanager.import_plugin("kitbench.pytest_plugin.fixtures")


@pytest.fixture
def embedded_services(bench_kit: BenchKit) -> str:
    """The services that run the kit: ESP-IDF's build folder with esptool's serial line, or with QEMU."""
    return bench_kit.services


@pytest.fixture
def port(bench_kit: BenchKit) -> str | None:
    """The kit's serial port, if it has one."""
    return bench_kit.port or None


@pytest.fixture
def target() -> str:
    """The chip that the firmware is built for."""
    return "esp32"


@pytest.fixture
def app_path(firmware: FirmwareBuild) -> str:
    """The build folder's parent, as pytest-embedded wants it."""
    return str(firmware.folder.parent)


@pytest.fixture
def build_dir(firmware: FirmwareBuild) -> str:
    """The build folder."""
    return str(firmware.folder)


@pytest.fixture
def erase_all(thing: Thing) -> bool:
    """A thing's first flashing erases the whole flash: no key of an earlier variant or run lingers."""
    return not thing.has_flashed_kit


@pytest.fixture
def qemu_image_path(bench_kit: BenchKit, firmware: FirmwareBuild, thing: Thing) -> str | None:
    """The file that is the kit's flash, the firmware in it; None where pytest-embedded flashes the kit itself."""
    return str(bench_kit.load(firmware, erase_all=not thing.has_flashed_kit)) if bench_kit.load else None


@pytest.fixture
def skip_regenerate_image() -> bool:
    """What is in that file stays, as in a real flash: pytest-embedded would make it anew for each test."""
    return True


@pytest.fixture
def qemu_extra_args(bench_kit: BenchKit) -> str | None:
    """The arguments of a program that runs the kit."""
    return bench_kit.arguments


@pytest.fixture(scope="session")
def session_root_logdir(run_folder: Path) -> str:
    """Serial logs stay in the run's private folder: firmware may print what it likes, its key too."""
    return str(run_folder)


@pytest.fixture(scope="session")
def cache_dir(run_folder: Path) -> str:
    """Runs side by side do not share pytest-embedded's cache of ports."""
    return str(run_folder)
