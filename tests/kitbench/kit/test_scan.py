"""Asking ports side by side."""

import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from kitbench.errors import BenchError
from kitbench.kit.kit_identity import KitIdentity
from kitbench.kit.port_lock import owned
from kitbench.kit.scan import ScannedPort, ask_in_a_process, scan
from kitbench.kit.serial_port import AttachedPort, use_quick_rfc2217
from kitbench.virtual_kit.kit import VirtualKit
from tests.optional_part import LINUX

PORTS = [AttachedPort(f"/dev/ttyUSB{number}", "CP210x") for number in range(20)]


def test_all_ports_are_asked_side_by_side_and_answers_keep_their_order() -> None:
    everybody = threading.Barrier(len(PORTS), timeout=20)

    def ask(port: str) -> KitIdentity:
        everybody.wait()
        if port.endswith("7"):
            raise BenchError(f"no kit answers on {port}")
        return KitIdentity("ESP32", port, "4MB")

    heard: list[ScannedPort] = []
    found = scan(PORTS, ask=ask, on_answer=heard.append)

    assert [one.port for one in found] == PORTS
    assert [one.port.device for one in found if one.identity is None] == ["/dev/ttyUSB7", "/dev/ttyUSB17"]
    assert found[7].reason == "no kit answers on /dev/ttyUSB7"
    assert len(heard) == len(PORTS)


def test_port_that_a_run_owns_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    asked: list[str] = []

    def ask(port: str) -> KitIdentity:
        asked.append(port)
        return KitIdentity("ESP32", port)

    with owned(PORTS[1].device):
        found = scan(PORTS[:3], ask=ask)

    assert sorted(asked) == [PORTS[0].device, PORTS[2].device]
    assert "in use by process" in found[1].reason
    assert [one.identity is None for one in found] == [False, True, False]


@LINUX.needed
def test_kits_are_asked_by_one_process_and_one_that_hangs_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.kit.scan.ANSWERS_WITHIN_S", 12.0)
    heard: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as silent, VirtualKit() as red, VirtualKit() as blue:
        hung = f"rfc2217://127.0.0.1:{silent.getsockname()[1]}"
        ports = [AttachedPort(port, "named") for port in (red.url, hung, "/dev/no-such-port", blue.url)]
        found = scan(ports, on_answer=lambda one: heard.append(one.port.device))

    assert [one.identity.mac if one.identity else "" for one in found] == [red.mac, "", "", blue.mac]
    assert {one.identity.remark for one in found if one.identity} == {"its firmware has no provisioning console"}
    assert hung in found[1].reason
    assert "/dev/no-such-port" in found[2].reason
    assert sorted(heard) == sorted(port.device for port in ports)


def test_virtual_kit_is_told_from_a_port_with_nobody_on_it() -> None:
    use_quick_rfc2217()
    with VirtualKit() as kit:
        identity = ask_in_a_process(kit.url)

    assert (identity.chip, identity.flash_size) == ("ESP32", "4MB")
    with pytest.raises(BenchError, match="no kit answers"):
        ask_in_a_process("/dev/no-such-port")


def test_port_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sleeper = tmp_path / "python"
    sleeper.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'import time; time.sleep(60)'\n")
    sleeper.chmod(0o755)
    monkeypatch.setattr("kitbench.kit.scan.sys.executable", str(sleeper))
    began = time.monotonic()

    with pytest.raises(BenchError, match=r"answered within 0\.5 s"):
        ask_in_a_process("/dev/ttyUSB0", timeout_s=0.5)
    assert time.monotonic() - began < 20
