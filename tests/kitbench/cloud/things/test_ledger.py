"""The ledger survives crashes, torn lines and neighbours."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kitbench.cloud.things.ledger import Kind, default_folder, holdings, open_ledger, read_lines, take_over
from kitbench.cloud.things.names import new_run
from kitbench.errors import BenchError

_NAME = "kitbench-00000001-0123456789-kit"


def test_file_is_gone_when_everything_is(tmp_path: Path) -> None:
    with open_ledger("cloud", folder=tmp_path) as ledger:
        ledger.create(Kind.THING, _NAME)
        ledger.gone(Kind.THING, _NAME)

    assert list(tmp_path.iterdir()) == []


def test_file_stays_while_something_is_left(tmp_path: Path) -> None:
    with open_ledger("cloud", folder=tmp_path) as ledger:
        ledger.create(Kind.THING, _NAME)
        ledger.create(Kind.POLICY, _NAME)
        ledger.gone(Kind.THING, _NAME)

    (path,) = tmp_path.iterdir()
    assert list(holdings(read_lines(path))) == [(Kind.POLICY, _NAME)]
    assert path.stat().st_mode & 0o777 == 0o600


def test_living_run_keeps_its_ledger(tmp_path: Path) -> None:
    with open_ledger("cloud", folder=tmp_path) as ledger:
        ledger.create(Kind.THING, _NAME)
        with take_over(ledger.path) as taken:
            assert taken is None


def test_dead_run_is_taken_over_by_one(tmp_path: Path) -> None:
    with open_ledger("cloud", folder=tmp_path) as ledger:
        ledger.create(Kind.THING, _NAME)

    with take_over(ledger.path) as first, take_over(ledger.path) as second:
        assert first is not None
        assert second is None
        assert first.run == ledger.run
        first.gone(Kind.THING, _NAME)
    assert not ledger.path.exists()


def test_lock_goes_with_a_killed_process(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from kitbench.cloud.things.ledger import Kind, open_ledger\n"
        "with open_ledger('cloud', folder=Path(sys.argv[1])) as ledger:\n"
        "    ledger.create(Kind.THING, 'kitbench-00000001-0123456789-kit'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, timeout=60)

    (path,) = tmp_path.iterdir()
    with take_over(path) as ledger:
        assert ledger is not None
        assert list(ledger.holdings()) == [(Kind.THING, _NAME)]


def test_torn_line_is_left_out_and_the_next_is_whole(tmp_path: Path) -> None:
    with open_ledger("cloud", folder=tmp_path) as ledger:
        ledger.create(Kind.THING, _NAME)
    with ledger.path.open("ab") as file:
        file.write(b'{"do": "create", "kind": "poli')

    with take_over(ledger.path) as taken:
        assert taken is not None
        taken.create(Kind.POLICY, _NAME)
        assert list(taken.holdings()) == [(Kind.THING, _NAME), (Kind.POLICY, _NAME)]


@pytest.mark.parametrize("content", [b"", b'{"do": "ru', b"null\n", b'{"do": "run"}\n', b"\xff\xfe\n"])
def test_file_without_a_first_line_is_dropped(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "0123456789.ledger"
    path.write_bytes(content)

    with take_over(path) as ledger:
        assert ledger is None
    assert not path.exists()


def test_missing_file_is_nothing_to_take(tmp_path: Path) -> None:
    with take_over(tmp_path / "missing.ledger") as ledger:
        assert ledger is None
    assert read_lines(tmp_path / "missing.ledger") == []


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(BenchError, match=r"cannot make the ledger .*file"), open_ledger("c", folder=tmp_path / "file"):
        pytest.fail("it was opened")


def test_same_run_cannot_be_opened_twice(tmp_path: Path) -> None:
    run = new_run()
    with (
        open_ledger("cloud", folder=tmp_path, run=run),
        pytest.raises(BenchError, match="File exists"),
        open_ledger("cloud", folder=tmp_path, run=run),
    ):
        pytest.fail("it was opened")


def test_default_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "kitbench" / "ledger"
    monkeypatch.delenv("XDG_STATE_HOME")
    assert os.fspath(default_folder()).endswith(".local/state/kitbench/ledger")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("thing", "somebodys-thing"),
        ("policy", "AdministratorAccess"),
        ("issuance", ""),
        ("certificate", "../things/x"),
        ("key_folder", "/home"),
        ("moon", _NAME),
        ("thing", None),
    ],
)
def test_line_about_something_that_cannot_be_ours_is_left_out(kind: str, name: str | None) -> None:
    lines: list[Mapping[str, Any]] = [{"do": "create", "at": 1, "kind": kind, "name": name}]
    sound: list[Mapping[str, Any]] = [{"do": "create", "at": 1, "kind": "thing", "name": _NAME}]

    assert holdings(lines) == {}
    assert list(holdings([*lines, *sound])) == [(Kind.THING, _NAME)]
