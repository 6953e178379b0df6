"""labgrid's client: found, asked, and its refusals in our words."""

from pathlib import Path

import pytest

from kitbench.errors import BenchError, UsageError
from kitbench.lab.labgrid_client import HeldError, LabgridClient, find_client, resources


def test_port_is_that_of_the_acquired_place(client: LabgridClient) -> None:
    client.ask("-p", "red", "acquire")

    assert client.port_of("red") == "rfc2217://127.0.0.1:5001"


def test_port_without_reset_lines_is_refused(client: LabgridClient, lab: Path) -> None:
    (lab / "protocol").write_text("raw")

    with pytest.raises(BenchError, match="red is raw: it has no reset lines"):
        client.port_of("red")


def test_holder_is_named(client: LabgridClient, lab: Path) -> None:
    (lab / "holder").write_text("other-pc/ada.4711")

    with pytest.raises(HeldError) as caught:
        client.ask("-p", "red", "acquire")
    assert caught.value.holder == "other-pc/ada.4711"


def test_place_that_is_reserved_for_another_is_waited_for(client: LabgridClient, lab: Path) -> None:
    (lab / "reserved").touch()

    with pytest.raises(HeldError, match="whoever reserved it"):
        client.ask("-p", "red", "acquire")


def test_place_that_is_not_there(client: LabgridClient) -> None:
    with pytest.raises(BenchError, match="labgrid refuses: place pattern blue matches nothing"):
        client.ask("-p", "blue", "acquire")


def test_coordinator_that_is_not_there(client: LabgridClient, lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (lab / "down").touch()
    monkeypatch.setenv("LG_COORDINATOR", "lab.example:20408")

    with pytest.raises(BenchError, match=r"no labgrid coordinator answers at lab\.example:20408"):
        client.ask("places")


def test_client_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LABGRID_CLIENT", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="labgrid-client is not on PATH"):
        find_client()

    monkeypatch.setenv("LABGRID_CLIENT", "nowhere/labgrid-client")
    with pytest.raises(UsageError, match="LABGRID_CLIENT=nowhere/labgrid-client is no program"):
        find_client()


def test_only_literals_of_python_are_read() -> None:
    shown = "Acquired resource 'x' (a/b):\n  {'cls': __import__('os').getcwd()}\n"

    assert resources(shown) == []
