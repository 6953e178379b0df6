"""`bench.toml` is read strictly; secrets come from elsewhere and show nowhere."""

from pathlib import Path

import pytest

from kitbench.errors import UsageError
from kitbench.pytest_plugin.bench_file import BenchFile, NamedKit, read_bench_file

WHOLE = """
[bench]
kit = "red"
cloud = "aws"
budget = 500
[wifi]
ssid = "lab"
password_env = "LAB_WIFI"
[kits.red]
port = "/dev/ttyUSB0"
mac = "24:0A:C4:00:00:01"
secure_element = "0123456789abcdef01"
"""


def read(tmp_path: Path, text: str) -> BenchFile:
    """Write and read a bench file."""
    path = tmp_path / "bench.toml"
    path.write_text(text, encoding="utf-8")
    return read_bench_file(path)


def test_whole_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_WIFI", "a secret")

    bench = read(tmp_path, WHOLE)

    assert (bench.kit, bench.cloud, bench.budget) == ("red", "aws", 500)
    assert bench.kits["red"] == NamedKit("/dev/ttyUSB0", "24:0a:c4:00:00:01", "0123456789abcdef01")
    assert bench.wifi["WIFI_PASSWORD"] == "a secret"
    assert "a secret" not in repr(bench)


def test_no_file_is_an_empty_bench(tmp_path: Path) -> None:
    assert read_bench_file(tmp_path / "bench.toml") == BenchFile()


def test_password_comes_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "wifi"
    secret.write_text("from a file\n", encoding="utf-8")

    assert read(tmp_path, f"[wifi]\nssid='x'\npassword_file='{secret}'").wifi["WIFI_PASSWORD"] == "from a file"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[bench\n", "bench.toml"),
        ("[bensh]\nkit='x'", r"unknown table \[bensh\]"),
        ("[bench]\nport='x'", "unknown key 'port'"),
        ("[wifi]\npassword='x'", "unknown key 'password'"),
        ("[wifi]\npassword_env='X'", "no ssid"),
        ("[wifi]\nssid='x'\npassword_env='NOT_SET_ANYWHERE'", "NOT_SET_ANYWHERE"),
        ("[wifi]\nssid='x'\npassword_file='/nowhere/at/all'", "cannot read"),
        ("[kits.red]\nmac='24:0a:c4:00:00:01'", "no port"),
        ("[kits.red]\nport='x'\nmac='24-0a'", "MAC"),
        ("[kits.red]\nport='x'\nsecure_element='12'", "18 hex digits"),
        ("kits = 3", "kits is no table"),
    ],
)
def test_mistakes_are_one_line_that_names_the_file(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        read(tmp_path, text)

    assert "bench.toml" in str(caught.value)
    assert "\n" not in str(caught.value)
