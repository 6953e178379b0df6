"""A kit that a run owns is left alone; another one is looked at from its port on."""

import os
import threading
from pathlib import Path

import pytest

from kitbench.bench.kits.bench_file import BenchFile, NamedKit
from kitbench.bench.kits.kit_choice import KitChoice
from kitbench.doctor import port
from kitbench.doctor.bench_description import budget, description, wifi
from kitbench.doctor.check import Line, State, run_checks
from kitbench.doctor.kit import look_at
from kitbench.kit.port_lock import owned
from kitbench.virtual_kit.kit import VirtualKit

WIFI = {"WIFI_SSID": "lab", "WIFI_PASSWORD": "a secret"}


def test_kit_in_use_is_left_alone_and_names_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    with owned("/dev/no-such-port"):
        lines = look_at(KitChoice("attached", "/dev/no-such-port"))

    assert [line.state for line in lines] == [State.WARN]
    assert f"in use by process {os.getpid()}" in lines[0].detail


def test_port_that_cannot_be_opened_is_the_last_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    lines = look_at(KitChoice("attached", "/dev/no-such-port"))

    assert [(line.subject, line.state) for line in lines] == [("port", State.FAIL)]


@pytest.mark.slow
def test_virtual_kit_is_seen_with_chip_and_mac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr("kitbench.doctor.secure_element.ANSWERS_WITHIN_S", 1.0)
    monkeypatch.setattr("kitbench.doctor.kit_network.LISTENS_FOR_S", 1.0)

    with VirtualKit() as kit:
        right = look_at(KitChoice("attached", kit.url, mac=kit.mac))
        wrong = look_at(KitChoice("attached", kit.url, mac="24:0a:c4:ff:ff:ff"))

    assert [(line.subject, line.state) for line in right[:2]] == [("port", State.OK), ("chip", State.OK)]
    assert kit.mac in right[1].detail
    assert "4MB" in right[1].detail
    assert wrong[1].state is State.FAIL
    assert "expected MAC" in wrong[1].detail


@pytest.mark.slow
@pytest.mark.parametrize(
    ("register", "bits", "protection"), [(0x1C, 1 << 20, "flash encryption"), (0x34, 1 << 4, "secure boot")]
)
def test_kit_with_burnt_protections_is_unfit(register: int, bits: int, protection: str) -> None:
    with VirtualKit() as kit:
        fresh = port.chip(kit.url)
        for address, value in ((register, bits), (0xFC, 0x5A5A), (0x104, 2), (0xFC, 0x5AA5), (0x104, 1)):
            kit.efuses.write(address, value)
        burnt = port.chip(kit.url)

    assert (fresh.state, burnt.state) == (State.OK, State.FAIL)
    assert burnt.detail.endswith(f"eFuses enforce {protection}")


def test_bench_file_is_described_without_its_secrets() -> None:
    bench = BenchFile(kits={"red": NamedKit("COM3")}, wifi=WIFI, budget=500)
    lines = [description(bench), wifi(bench), budget(bench)]

    assert [line.state for line in lines] == [State.OK] * 3
    assert "red (COM3)" in lines[0].detail
    assert "500 messages" in lines[2].detail
    assert "a secret" not in str(lines)


def test_no_bench_file_and_no_wifi_are_warnings() -> None:
    assert [check(BenchFile()).state for check in (description, wifi)] == [State.WARN, State.WARN]


def test_a_check_may_have_several_lines() -> None:
    two = [Line("a", State.OK, "1"), Line("b", State.OK, "2")]

    assert run_checks([("kit", lambda: two)]) == two


def test_time_is_that_of_all_checks_together() -> None:
    release = threading.Event()

    def hang() -> Line:
        release.wait(30)
        return Line("hung", State.OK, "")

    lines = run_checks([(f"slow {number}", hang) for number in range(40)], within_s=0.2)
    release.set()

    assert {line.state for line in lines} == {State.FAIL}
    assert len(lines) == 40
