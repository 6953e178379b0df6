"""The configuration of a build, wherever it is."""

from pathlib import Path

import pytest

from kitbench.errors import UsageError
from kitbench.hardening.build_settings import parse_settings, read_settings


def test_lines_and_json_say_the_same() -> None:
    lines = 'CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=3\nCONFIG_D=0x10\nCONFIG_E="text"\n# comment\n'
    assert parse_settings(lines) == {"A": True, "B": False, "C": 3, "D": 16, "E": "text"}
    assert parse_settings('{"A": true, "C": 3}') == {"A": True, "C": 3}


def test_a_build_folder_has_it_in_its_config(tmp_path: Path) -> None:
    (tmp_path / "build" / "config").mkdir(parents=True)
    (tmp_path / "sdkconfig").write_text("CONFIG_A=1\n")
    assert read_settings(tmp_path / "build") == {"A": 1}
    (tmp_path / "build" / "config" / "sdkconfig.json").write_text('{"A": 2}')
    assert read_settings(tmp_path / "build") == {"A": 2}
    assert read_settings(tmp_path / "sdkconfig") == {"A": 1}


@pytest.mark.parametrize("text", ["", "{}", "{", "hello", "[1]"])
def test_a_file_without_settings_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "sdkconfig").write_text(text)
    with pytest.raises(UsageError):
        read_settings(tmp_path)
    with pytest.raises(UsageError, match="no sdkconfig"):
        read_settings(tmp_path / "nowhere")
