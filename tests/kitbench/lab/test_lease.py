"""A lease ends with the run, however the run ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kitbench.errors import BenchError
from kitbench.lab.lab_name import LabName
from kitbench.lab.labgrid_client import LabgridClient, user_of_process
from kitbench.lab.lease import Lease, leased

RED = LabName("red")
#: A run that leases and then waits to be killed.
RUN = """
import time
from kitbench.lab.lab_name import LabName
from kitbench.lab.labgrid_client import find_client
from kitbench.lab.lease import leased
with leased(LabName("red"), find_client()):
    print("leased", flush=True)
    time.sleep(600)
"""


def until(holds: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def test_place_is_acquired_and_given_back(client: LabgridClient, lab: Path) -> None:
    with leased(RED, client) as lease:
        assert lease == Lease("red", "rfc2217://127.0.0.1:5001")
        assert (lab / "holder").read_text() == f"lab-pc/{user_of_process(os.getpid())}"

    assert not (lab / "holder").exists()


def test_place_is_given_back_after_an_error(client: LabgridClient, lab: Path) -> None:
    with pytest.raises(KeyboardInterrupt), leased(RED, client):
        raise KeyboardInterrupt

    assert not (lab / "holder").exists()


def test_tags_are_reserved_and_the_reservation_ends(client: LabgridClient, lab: Path) -> None:
    with leased(LabName(tags={"board": "esp32"}), client) as lease:
        assert lease.place == "red"

    asked = (lab / "requests").read_text().splitlines()
    assert "reserve --shell board=esp32" in asked
    assert asked[-1] == "cancel-reservation TOKEN"


def test_who_has_the_place_is_told_and_waited_for(client: LabgridClient, lab: Path) -> None:
    (lab / "holder").write_text("other-pc/ada.4711")
    told: list[str] = []

    with (
        pytest.raises(BenchError, match=r"red is held by other-pc/ada\.4711"),
        leased(RED, client, tell=told.append, waits_s=0.1),
    ):
        pass

    assert told == ["lab: waiting for red, which other-pc/ada.4711 has"]
    assert (lab / "holder").read_text() == "other-pc/ada.4711"


def test_place_of_a_run_that_has_ended_is_taken_over(client: LabgridClient, lab: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (lab / "holder").write_text(f"lab-pc/{user_of_process(ended.pid)}")

    with leased(RED, client) as lease:
        assert lease.place == "red"


@pytest.mark.parametrize("holder", ["lab-pc/{user}.{pid}", "lab-pc/ada.999999", "lab-pc/ada", "other-pc/{user}.999999"])
def test_place_of_somebody_who_may_be_alive_is_not(client: LabgridClient, lab: Path, holder: str) -> None:
    user = user_of_process(os.getpid()).rpartition(".")[0]
    (lab / "holder").write_text(holder.format(user=user, pid=os.getppid()))

    with pytest.raises(BenchError, match="is held by"), leased(RED, client, waits_s=0):
        pass


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_run_that_is_killed_gives_its_place_back(client: LabgridClient, lab: Path, kill: signal.Signals) -> None:
    assert client.program
    run = subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    assert run.stdout.readline() == "leased\n"
    assert (lab / "holder").exists()

    run.send_signal(kill)
    run.wait()
    run.stdout.close()

    assert until(lambda: not (lab / "holder").exists())
