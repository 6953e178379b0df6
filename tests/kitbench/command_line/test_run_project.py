"""`kitbench run` as its user sees it: serial line on standard output, everything else beside it."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import pytest

from kitbench.command_line import cli, run
from kitbench.exit_status import ExitStatus
from kitbench.local_iot_core.service import LocalIotCore
from tests.kitbench.bench.project_run.sample_project import HOST, make_pair, make_sample

#: A busy machine compiles a firmware's module for many seconds before it prints.
_PATIENCE_S = 180


class Running:
    """`kitbench run` as a process; both its streams go into one text."""

    def __init__(self, *arguments: str | Path, stdin: int | None = None) -> None:
        self.text = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kitbench", "run", *map(str, arguments)],
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def await_text(self, pattern: str) -> "re.Match[str]":
        """Read on until a pattern is there."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + _PATIENCE_S
        while (match := re.search(pattern, self.text)) is None:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            data = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            self.text += data.decode(errors="replace")
            if not data:
                self.end()
                raise AssertionError(f"{pattern} did not come: {self.text[-3000:]}")
        return match

    def end(self) -> int:
        """Interrupt it as Ctrl-C does, and return its exit status."""
        self.process.send_signal(2)
        assert self.process.stdout is not None
        self.text += self.process.stdout.read().decode(errors="replace")
        self.process.stdout.close()
        return self.process.wait(_PATIENCE_S)


def test_project_runs_as_it_is_and_a_deactivated_certificate_is_told_of(tmp_path: Path) -> None:
    project, state = make_sample(tmp_path / "tele"), tmp_path / "state"
    with LocalIotCore(state=state) as core:
        made = _client(core.endpoint.endpoint_url).create_keys_and_certificate(setAsActive=True)["certificateId"]
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    running = Running(project, "--state", state)

    identifier = running.await_text(r"registered: certificate ([0-9a-f]{12})… of thing tele, ACTIVE")[1]
    running.await_text(r'tele: got \{"n":\d+\}')
    url = running.await_text(r"AWS_ENDPOINT_URL=(\S+)")[1]
    assert listed_after(running.await_text(r"for the AWS CLI: (unset .*)")[1]) == ["tele"]
    known = _deactivate(url, identifier, others={made})
    running.await_text(r"--- cloud: client id 'tele-7' (refused|cut off): its certificate .* is INACTIVE; activate it")
    status = running.end()

    assert status == 0
    assert f"--- {HOST} is led to the local IoT core at localhost:" in running.text
    assert "--- cloud: subscribed: 'lab/tele'" in running.text
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before
    with LocalIotCore(state=state) as core:
        assert _states(_client(core.endpoint.endpoint_url)) == {made: "ACTIVE", known: "INACTIVE"}
    open_to_others = {path.name for path in (state, *state.rglob("*")) if path.stat().st_mode & 0o077}
    assert open_to_others <= {".gitignore"}


#: What a shell may have of AWS before, each of which would lead elsewhere, or end every call.
LEFTOVERS: Final = {
    "AWS_PROFILE": "no-such-profile",
    "AWS_SESSION_TOKEN": "of-somebody",
    "AWS_ENDPOINT_URL_IOT": "https://iot.eu-central-1.amazonaws.com",
    "AWS_REGION": "eu-central-1",
}
LISTS: Final = "import boto3; print(*(one['thingName'] for one in boto3.client('iot').list_things()['things']))"


def listed_after(typed: str) -> list[str]:
    """Return the things that boto3 lists in a shell that was used for AWS before, and took what was printed."""
    command = ["sh", "-ec", f'{typed}\nexec "$@"', "sh", sys.executable, "-c", LISTS]
    done = subprocess.run(
        command, env=os.environ | LEFTOVERS, capture_output=True, text=True, check=True, timeout=_PATIENCE_S
    )
    return done.stdout.split()


def _client(url: str) -> Any:
    import boto3  # noqa: PLC0415 - slow to load

    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    return boto3.client("iot", endpoint_url=url, region_name="us-east-1", **keys)  # type: ignore[call-overload]


def _states(iot: Any) -> dict[str, str]:
    return {one["certificateId"]: one["status"] for one in iot.list_certificates()["certificates"]}


def _deactivate(url: str, identifier: str, others: set[str]) -> str:
    iot = _client(url)
    (known,) = _states(iot).keys() - others
    assert known.startswith(identifier)
    iot.update_certificate(certificateId=known, newStatus="INACTIVE")
    return known


@pytest.mark.slow
def test_state_is_there_the_next_time(tmp_path: Path) -> None:
    project, state = make_sample(tmp_path / "tele"), tmp_path / "state"
    first = Running(project, "--state", state)
    identifier = first.await_text(r"registered: certificate ([0-9a-f]{12})…")[1]
    first.await_text("tele: got")
    first.end()

    again = Running(project, "--state", state)
    again.await_text(rf"known: certificate {identifier}… of thing tele, ACTIVE")
    again.await_text("tele: got")
    assert again.end() == 0


@pytest.mark.slow
def test_control_and_bracket_leaves_on_a_terminal(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    running = Running(make_sample(tmp_path / "tele"), stdin=theirs)
    try:
        running.await_text("tele: got")
        os.write(ours, b"\x1d")
        assert running.process.wait(_PATIENCE_S) == 0
    finally:
        running.process.kill()
        running.process.stdout.close()  # type: ignore[union-attr]
        os.close(ours)
        os.close(theirs)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"port": 1883}, rf"--- kit: wrong port: the firmware asks {HOST} at port 1883, it listens on 8883"),
        (
            {"pair": (make_pair("a")[0], make_pair("b")[1])},
            r"--- cloud: the private key is not that of the certificate",
        ),
        ({"host": "broker.example"}, r"--- kit: the network of this run does not lead to broker\.example:8883"),
    ],
)
def test_what_is_wrong_is_said_beside_the_line(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    running = Running(make_sample(tmp_path / "tele", **changes))  # type: ignore[arg-type]

    running.await_text(said)
    assert running.end() == 0


def test_version_of_esp_idf_for_an_attached_kit_is_refused_in_words(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(cli, ["run", ".", "--kit", "/dev/ttyNowhere", "--idf", "4.4"]) == ExitStatus.USAGE
    assert (
        "--idf 4.4 is for the virtual kit: for an attached one, the installed ESP-IDF builds" in capfd.readouterr().err
    )


def test_project_that_does_not_build_ends_with_1(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    project = make_sample(tmp_path / "tele")
    (project / "main/tele.c").write_text("void app_main(void) { x; }\n")

    assert run(cli, ["run", str(project)]) == ExitStatus.FOUND_OR_FAILED
    assert "main/tele.c:1: 'x' is declared neither" in capfd.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["nowhere"], [".", "--kit", "qemu"], [".", "--kit", "foo://x"], [".", "--lead", "a b"], [".", "--for", "0"]],
)
def test_wrong_usage_ends_with_3(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(cli, ["run", *arguments]) == ExitStatus.USAGE
