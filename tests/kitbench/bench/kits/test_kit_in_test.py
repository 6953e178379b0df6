"""What is alive on the bench is asked while it is there, and only then."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kitbench.bench.kits.kit_crash import KitCrash
from kitbench.bench.kits.kit_in_test import KitInTest, LiveBench
from kitbench.bench.records.evidence import Evidence


class Kit:
    """In a running kit's place: counts what is done to it."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def hold(self) -> None:
        self.done.append("hold")

    def put_away(self) -> None:
        self.done.append("put away")

    def crash(self) -> KitCrash:
        return KitCrash("it panicked")

    def core_dump(self) -> str:
        return "a dump"

    def lacks(self) -> str:
        return "UDP sockets"

    def forget_gaps(self) -> None:
        self.done.append("forgotten")


def test_kit_is_held_while_it_is_in_hand_and_put_away_once() -> None:
    live, kit = LiveBench(), Kit()
    with live.with_kit(kit_in_test(kit)):
        live.hold_kit()
        assert live.core_dump() == "a dump"
    live.hold_kit()

    assert kit.done == ["hold", "put away"]
    assert live.core_dump() == ""


def test_kit_is_put_away_after_an_error_too() -> None:
    live, kit = LiveBench(), Kit()
    with pytest.raises(RuntimeError), live.with_kit(kit_in_test(kit)):
        raise RuntimeError("enrolment failed")

    assert kit.done == ["put away"]


def test_crash_explains_its_own_test_to_the_end_and_none_after_it() -> None:
    live = LiveBench()
    with live.with_kit(kit_in_test(Kit())):
        pass
    assert live.crash().summary == "it panicked"
    live.forget_kit()

    assert live.crash().summary == ""


def test_gap_belongs_to_the_test_whose_firmware_met_it() -> None:
    live, kit = LiveBench(), Kit()
    assert not live.lacks()
    with live.with_kit(kit_in_test(kit)):
        pass
    assert live.lacks() == "UDP sockets"  # errors of a test's end are explained, too
    live.forget_kit()

    assert not live.lacks()
    assert kit.done == ["put away", "forgotten"]


def test_cloud_is_only_blamed_by_who_can_ask_it() -> None:
    live = LiveBench()
    assert live.cloud_answers()
    with live.with_cloud(lambda: False):
        assert not live.cloud_answers()
    assert live.cloud_answers()


def test_what_a_kit_printed_is_kept_when_it_is_put_away(tmp_path: Path) -> None:
    parked: list[str] = []
    kit: Any = SimpleNamespace(park=lambda: parked.append("parked"), serial_log=lambda: "hello")
    firmware: Any = SimpleNamespace(elf=tmp_path / "app.elf")
    firmware.elf.write_bytes(b"no ELF")

    KitInTest(kit, firmware, Evidence(tmp_path), "test_it").put_away()

    assert parked == ["parked"]
    assert (tmp_path / "serial.log").read_text(encoding="utf-8") == "=== test_it\nhello\n"
    assert not (tmp_path / "backtraces.txt").exists()


def kit_in_test(kit: Any) -> Any:
    return kit
