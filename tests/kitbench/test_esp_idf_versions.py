import pytest

from kitbench.errors import UsageError
from kitbench.esp_idf_versions import STOOD_FOR, checked_version


@pytest.mark.parametrize("version", ["", *STOOD_FOR])
def test_version_that_is_stood_for(version: str) -> None:
    assert checked_version(version) == version


@pytest.mark.parametrize("version", ["5", "5.3", "v5.1", "4.4.8", "x" * 99])
def test_other_versions_are_a_usage_error(version: str) -> None:
    with pytest.raises(UsageError, match=r"stands for ESP-IDF 4\.4 and 5\.1"):
        checked_version(version)
