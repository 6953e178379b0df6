"""What evaluates Kconfig in this process puts a logger of its own in the place of the one that esptool uses."""

from collections.abc import Iterator

import esptool
import pytest
from esp_pylib.logger import EspLog

#: Loaded before any Kconfig is, so that it is esptool's logger that is put back.
LOADED_FIRST = esptool


@pytest.fixture(autouse=True)
def _own_logger() -> Iterator[None]:
    """Put back the logger that was there before."""
    before = EspLog.instance
    yield
    EspLog.instance = before
