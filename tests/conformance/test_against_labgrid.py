"""Leases judged by labgrid itself: its coordinator, exporter and client on loopback, and a virtual kit behind them.

labgrid's programs are found on PATH or beside the one that LABGRID_CLIENT names: `tox -e lab` brings them.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kitbench.bench.stand_in import running
from kitbench.confinement.python_process import python
from kitbench.errors import BenchError
from kitbench.lab.lab_name import parse_lab_name
from kitbench.lab.labgrid_client import LabgridClient, find_client
from kitbench.lab.lease import leased
from tests.optional_part import LABGRID, labgrid_program

COORDINATOR, EXPORTER = labgrid_program("labgrid-coordinator"), labgrid_program("labgrid-exporter")
pytestmark = [LABGRID.needed, pytest.mark.timeout(600)]
#: A run that leases a kit and says so.
RUN = """
import sys, time
from kitbench.lab.lab_name import parse_lab_name
from kitbench.lab.labgrid_client import find_client
from kitbench.lab.lease import leased
with leased(parse_lab_name(sys.argv[1]), find_client(), waits_s=120) as lease:
    print(lease.place, lease.port, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def kit_port() -> Iterator[str]:
    with running("virtual-kit") as ready:
        yield ready["port"]


@pytest.fixture(scope="module")
def lab(kit_port: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabgridClient]:
    """Yield the client of a lab with one place, `red`, at which a virtual kit is."""
    folder = tmp_path_factory.mktemp("lab")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    number = int(kit_port.rpartition(":")[2])
    serial = {"host": "127.0.0.1", "port": number, "protocol": "rfc2217"}
    (folder / "exporter.yaml").write_text(json.dumps({"kit1": {"NetworkSerialPort": serial}}))  # JSON is YAML
    export = [EXPORTER, "-c", address, "-n", "bench-a", "--hostname", "127.0.0.1", "exporter.yaml"]
    programs = [_started([COORDINATOR, "-l", address], folder)]
    client = LabgridClient(find_client().program, coordinator=address)
    try:
        _until_it_answers(client, "places")
        programs.append(_started(export, folder))
        for arguments in (["create"], ["add-match", "bench-a/kit1/*"], ["set-tags", "board=esp32", "se=atecc608a"]):
            client.ask("-p", "red", *arguments)
        _until_it_answers(client, "resources", "bench-a/kit1/NetworkSerialPort")
        yield client
    finally:
        for program in reversed(programs):
            program.terminate()
            program.wait()


def _started(command: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _until_it_answers(client: LabgridClient, request: str, expected: str = "") -> None:
    for _ in range(100):
        try:
            if expected in client.ask(request):
                return
        except BenchError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"labgrid does not answer {request}")


@pytest.fixture
def run(lab: LabgridClient, request: pytest.FixtureRequest) -> Iterator["subprocess.Popen[str]"]:
    """Yield a run in a process of its own that has leased what the test is parametrized with."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, request.param],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"LG_COORDINATOR": lab.coordinator},
    )
    yield process
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


@pytest.mark.parametrize("name", ["labgrid:red", "labgrid:board=esp32+se=atecc608a"])
def test_kit_answers_through_the_lease(lab: LabgridClient, kit_port: str, name: str) -> None:
    with leased(parse_lab_name(name), lab) as lease:
        assert (lease.place, lease.port) == ("red", kit_port)
        said = subprocess.run(python("-m", "kitbench.kit.kit_identity", lease.port), capture_output=True, check=True)
        assert json.loads(said.stdout)["chip"].startswith("ESP32")
        assert lab.user in lab.ask("who")

    assert "red" not in lab.ask("who")
    assert not lab.ask("reservations").strip()


@pytest.mark.parametrize("run", ["labgrid:red", "labgrid:board=esp32"], indirect=True)
@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT])
def test_killed_run_loses_its_lease_and_the_next_gets_it(
    lab: LabgridClient, run: "subprocess.Popen[str]", kill: signal.Signals
) -> None:
    assert run.stdout is not None
    assert run.stdout.readline().startswith("red rfc2217://")
    told: list[str] = []
    run.send_signal(kill)

    with leased(parse_lab_name("labgrid:red"), lab, tell=told.append, waits_s=120) as lease:
        assert lease.place == "red"


@pytest.mark.parametrize("run", ["labgrid:red"], indirect=True)
def test_lease_of_a_run_that_was_killed_with_its_guard_is_taken_over(
    lab: LabgridClient, run: "subprocess.Popen[str]"
) -> None:
    assert run.stdout is not None
    run.stdout.readline()
    guards = [
        int(one.parent.name)
        for one in Path("/proc").glob("[0-9]*/stat")
        if _parent_of(one) == run.pid and b"lease_guard" in (one.parent / "cmdline").read_bytes()
    ]
    assert len(guards) == 1
    os.kill(guards[0], signal.SIGKILL)
    run.kill()
    run.wait()
    assert f".{run.pid}" in lab.ask("who"), "nobody gave it back"
    told: list[str] = []

    with leased(parse_lab_name("labgrid:red"), lab, tell=told.append, waits_s=30):
        assert f".{run.pid}, which has ended: it is taken over" in told[0]
        assert lab.user in lab.ask("who")


def _parent_of(stat: Path) -> int:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:  # it ended meanwhile
        return 0


@pytest.mark.parametrize("run", ["labgrid:red"], indirect=True)
def test_holder_is_named_to_whoever_waits(lab: LabgridClient, run: "subprocess.Popen[str]") -> None:
    assert run.stdout is not None
    run.stdout.readline()

    with (
        pytest.raises(BenchError, match=rf"red is held by \S+\.{run.pid}"),
        leased(parse_lab_name("labgrid:red"), lab, waits_s=0),
    ):
        pass
    with (
        pytest.raises(BenchError, match=rf"no kit with board=esp32 came free; red is held by \S+\.{run.pid}"),
        leased(parse_lab_name("labgrid:board=esp32"), lab, waits_s=3),
    ):
        pass


def test_place_and_tags_that_are_not_there(lab: LabgridClient) -> None:
    with (
        pytest.raises(BenchError, match="labgrid refuses: place pattern blue matches nothing"),
        leased(parse_lab_name("labgrid:blue"), lab),
    ):
        pass
    with (
        pytest.raises(BenchError, match="no kit with board=esp32c3 came free"),
        leased(parse_lab_name("labgrid:board=esp32c3"), lab, waits_s=2),
    ):
        pass
    assert not lab.ask("reservations").strip()


@pytest.fixture
def served(lab: LabgridClient) -> "Iterator[subprocess.Popen[str]]":
    """Yield `kitbench lab serve` with two kits, ready."""
    process = subprocess.Popen(
        python("-m", "kitbench", "lab", "serve", "--virtual", "2", "--name", "v", "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"LG_COORDINATOR": lab.coordinator},
    )
    assert process.stdout is not None
    try:
        assert json.loads(process.stdout.readline())["places"] == ["v-1", "v-2"]
        yield process
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def status(lab: LabgridClient) -> tuple[dict[str, dict[str, object]], list[dict[str, str]]]:
    """Return what `kitbench lab status` tells of places, by name, and of the queue."""
    command = python("-m", "kitbench", "lab", "status", "--json", "--coordinator", lab.coordinator)
    shown = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return {place["name"]: place for place in shown["places"]}, shown["queue"]


def test_served_virtual_kits_are_places_that_are_leased_by_their_tags(
    lab: LabgridClient, served: "subprocess.Popen[str]"
) -> None:
    places, queue = status(lab)
    assert (set(places), queue) == ({"red", "v-1", "v-2"}, [])
    assert all(place["is_there"] and not place["holder"] for place in places.values())
    mac = str(places["v-2"]["tags"]).partition("mac=")[2][:12]

    with leased(parse_lab_name(f"labgrid:mac={mac}+kind=virtual"), lab) as lease:
        said = subprocess.run(python("-m", "kitbench.kit.kit_identity", lease.port), capture_output=True, check=True)
        places, _ = status(lab)

    assert (lease.place, json.loads(said.stdout)["mac"].replace(":", "")) == ("v-2", mac)
    assert str(places["v-2"]["holder"]).endswith(f"/{lab.user}")
    served.terminate()
    served.wait()
    assert set(status(lab)[0]) == {"red"}, "places go with the one who served them"


def test_status_shows_who_waits_and_whose_kit_is_gone(lab: LabgridClient, served: "subprocess.Popen[str]") -> None:
    token = lab.ask("reserve", "--shell", "mac=000000000000").strip().rpartition("=")[2]
    served.kill()
    served.wait()
    try:
        end = time.monotonic() + 30
        while (found := status(lab))[0]["v-1"]["is_there"] and time.monotonic() < end:
            time.sleep(0.5)
    finally:
        lab.ask("cancel-reservation", token)
        for place in ("v-1", "v-2"):
            lab.ask("-p", place, "delete")
    places, (waiting,) = found

    assert [places[name]["is_there"] for name in ("red", "v-1", "v-2")] == [True, False, False]
    assert (waiting["state"], waiting["wanted"]) == ("waiting", "mac=000000000000")
    assert waiting["owner"].endswith(f"/{lab.user}")


def test_exported_kits_are_served_by_labgrids_own_exporter(lab: LabgridClient, tmp_path: Path) -> None:
    with running("virtual-kit") as ready:
        (tmp_path / "bench.toml").write_text(f'[kits.desk]\nport = "{ready["port"]}"\n')
        done = subprocess.run(
            python("-m", "kitbench", "lab", "export", "--name", "bench-b", "--register", "--port", ready["port"]),
            cwd=tmp_path,
            env=os.environ | {"LG_COORDINATOR": lab.coordinator},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        export = ["-c", lab.coordinator, "-n", "bench-b", "--hostname", "127.0.0.1", "exporter.yaml"]
        program = _started([EXPORTER, *export], tmp_path)
        try:
            _until_it_answers(lab, "resources", "bench-b/desk/NetworkSerialPort")
            with leased(parse_lab_name(f"labgrid:mac={ready['mac'].replace(':', '')}"), lab) as lease:
                assert (lease.place, lease.port) == ("desk", ready["port"])
        finally:
            program.terminate()
            program.wait()
            lab.ask("-p", "desk", "delete")
