"""`kitbench board` beside a running kit."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from kitbench.board.board_file import read_board
from kitbench.board.door import announced
from kitbench.command_line import board, run
from kitbench.errors import UsageError
from kitbench.virtual_kit.kit import KitOptions, VirtualKit


@pytest.fixture(name="kit")
def _kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualKit]:
    """The only kit that runs, as far as this test's user can see."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with VirtualKit(KitOptions(board=read_board("lab"))) as kit, announced(kit.url, kit.door):
        yield kit


def said(*arguments: str) -> str:
    result = CliRunner().invoke(board.command, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.output


def test_values_are_set_and_printed(kit: VirtualKit) -> None:
    said("set", "aht.temperature=31.5", "voltage=1.2", "dht.fitted=false")

    assert said("get", "aht.temperature") == "31.5\n"
    assert "potentiometer: kind analogue, pin 34, fitted yes, voltage 1.2" in said("get", "--kit", kit.url)
    assert json.loads(said("get", "--json"))["dht"]["fitted"] is False


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("set", "temperature=31.5"), "say aht.temperature or dht.temperature"),
        (("set", "aht.temperature"), "no QUANTITY=VALUE"),
        (("set", "aht.temperature=warm"), "expected a number"),
        (("get", "lde"), "did you mean 'led'?"),
        (("get", "led.duyt"), "did you mean 'duty'?"),
        (("get", "--kit", "rfc2217://127.0.0.1:1"), "no virtual kit runs on"),
    ],
)
def test_mistakes_are_told(kit: VirtualKit, arguments: tuple[str, ...], expected: str) -> None:
    del kit
    with pytest.raises(UsageError) as caught:
        said(*arguments)

    assert expected in str(caught.value)


def test_without_a_kit_it_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    with pytest.raises(UsageError, match="start one: kitbench virtual-kit"):
        said("get")


def test_a_board_file_is_checked_without_a_kit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "b.toml"
    file.write_text("[parts.lamp]\nkind='LDE'\npin=2\n")

    assert run(board.command, ["describe", "course"]) == 0
    assert run(board.command, ["describe", str(file)]) == 3

    printed = capsys.readouterr()
    assert "aht (AHT20, SDA 27, SCL 33)" in printed.out
    assert "did you mean 'LED'?" in printed.err
