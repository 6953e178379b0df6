"""`bench.toml` is read strictly; secrets come from elsewhere and show nowhere."""

from pathlib import Path

import pytest

from kitbench.bench.kits.bench_file import BenchFile, NamedKit, read_bench_file
from kitbench.errors import UsageError

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
flash_size = "4MB"
secure_element_sda = 21
secure_element_address = 0x6C
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
    assert bench.kits["red"] == NamedKit(
        "/dev/ttyUSB0",
        "24:0a:c4:00:00:01",
        "0123456789abcdef01",
        "4MB",
        (("ATCA_I2C_SDA_PIN", "21"), ("ATCA_I2C_ADDRESS", "0x6c")),
    )
    assert bench.wifi["WIFI_PASSWORD"] == "a secret"
    assert "a secret" not in repr(bench)


def test_usual_file_need_not_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert read_bench_file(Path("bench.toml"), is_named=False) == BenchFile()


@pytest.mark.parametrize("name", ["no_such.toml", "."])
def test_file_that_was_named_has_to_be_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*: (No such file|Is a directory)"):
        read_bench_file(tmp_path / name)


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
        ("[kits.red]\nport='x'\nflash_size='4 MiB'", "expected a size such as 4MB"),
        ("[kits.red]\nport='x'\nsecure_element_scl=34", "secure_element_scl is 34, expected 0 to 33"),
        ("[kits.red]\nport='x'\nsecure_element_address=1", "secure_element_address is 1, expected 2 to 255"),
        ("[bench]\nkit=5", r"\[bench\] kit is 5, expected a text"),
        ("[bench]\nkit=['red', 'blue']", "expected a text"),
        ("[bench]\nbudget='many'", r"budget is 'many', expected a whole number"),
        ("[bench]\nbudget=true", "expected a whole number"),
        ("[bench]\nbudget=0", "budget is 0, expected one message at least"),
        ("[bench]\ncloud='azure'", "cloud is 'azure', expected 'local' or 'aws'"),
        ("[wifi]\nssid=12", "ssid is 12, expected a text"),
        ("[kits.red]\nport='x'\nsecure_element=12", "expected a text"),
    ],
)
def test_mistakes_are_one_line_that_names_the_file(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        read(tmp_path, text)

    assert "bench.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000, "a = " + "9" * 5000])
def test_file_too_deep_or_too_long_to_read_is_told_of(tmp_path: Path, text: str) -> None:
    (tmp_path / "bench.toml").write_text(text)

    with pytest.raises(UsageError, match=r"bench\.toml: "):
        read_bench_file(tmp_path / "bench.toml")
