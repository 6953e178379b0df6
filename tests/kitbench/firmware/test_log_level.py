from pathlib import Path

import pytest

from kitbench.firmware.log_level import informative


@pytest.mark.parametrize(
    ("sdkconfig", "defaults", "is_raised"),
    [
        (None, None, False),
        ("CONFIG_LOG_DEFAULT_LEVEL_NONE=y\n", None, True),
        ("CONFIG_LOG_DEFAULT_LEVEL_WARN=y\r\n", None, True),
        (None, "CONFIG_LOG_DEFAULT_LEVEL_ERROR=y\n", True),
        ("CONFIG_LOG_DEFAULT_LEVEL_INFO=y\n", "CONFIG_LOG_DEFAULT_LEVEL_ERROR=y\n", False),
        ("CONFIG_LOG_DEFAULT_LEVEL_DEBUG=y\n", None, False),
        ("CONFIG_LOG_DEFAULT_LEVEL_NONE=y\nCONFIG_LOG_DEFAULT_LEVEL_INFO=y\n", None, False),
        ("# CONFIG_LOG_DEFAULT_LEVEL_NONE is not set\n", None, False),
        ("CONFIG_BOOTLOADER_LOG_LEVEL_NONE=y\n", None, False),
    ],
)
def test_level_below_info_is_raised(
    tmp_path: Path, sdkconfig: str | None, defaults: str | None, *, is_raised: bool
) -> None:
    for name, text in (("sdkconfig", sdkconfig), ("sdkconfig.defaults", defaults)):
        if text is not None:
            (tmp_path / name).write_text(text, encoding="utf-8", newline="")

    assert informative(tmp_path).settings == ({"LOG_DEFAULT_LEVEL_INFO": "y"} if is_raised else {})
