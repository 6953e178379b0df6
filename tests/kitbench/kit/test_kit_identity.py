"""Which kit is on a port; esptool's own part is judged with a kit in tests/conformance and the bench's slow tests."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from esptool.util import FatalError

from kitbench.errors import BenchError
from kitbench.kit.kit_identity import KitIdentity, identify, main

MAC = "24:0a:c4:00:01:10"


class Loader:
    """esptool's loader on a kit, as far as it is asked."""

    CHIP_NAME = "ESP32"

    def __init__(self, *, encrypted: bool = False, signed: bool = False) -> None:
        self.done: list[str] = []
        self._port = SimpleNamespace(close=lambda: self.done.append("closed"))
        self.get_flash_encryption_enabled = lambda: encrypted
        self.get_secure_boot_enabled = lambda: signed

    def read_mac(self) -> bytes:
        return bytes.fromhex(MAC.replace(":", ""))

    def hard_reset(self) -> None:
        self.done.append("restarted")


@pytest.fixture(name="esptool")
def _esptool(monkeypatch: pytest.MonkeyPatch) -> Any:
    """esptool, whose port leads to the loader in `loader`; an error in its place is raised."""
    fake = SimpleNamespace(loader=Loader(), flash_size="4MB", attached=[])

    def detect_chip(_port: str) -> Loader:
        if isinstance(fake.loader, Exception):
            raise fake.loader
        return fake.loader  # type: ignore[no-any-return]  # a namespace knows no types

    monkeypatch.setattr("kitbench.kit.kit_identity.esptool.detect_chip", detect_chip)
    monkeypatch.setattr("kitbench.kit.kit_identity.esptool.attach_flash", fake.attached.append)
    monkeypatch.setattr("kitbench.kit.kit_identity.detect_flash_size", lambda _loader: fake.flash_size)
    return fake


def test_kit_is_known_by_chip_and_mac_restarted_and_let_go(esptool: Any) -> None:
    assert identify("COM3") == KitIdentity("ESP32", MAC)
    assert esptool.loader.done == ["restarted", "closed"]
    assert esptool.attached == []


@pytest.mark.parametrize(
    ("encrypted", "signed", "protections"),
    [(False, False, ()), (True, False, ("flash encryption",)), (False, True, ("secure boot",))],
)
def test_in_full_it_tells_flash_and_protections(
    esptool: Any, *, encrypted: bool, signed: bool, protections: tuple[str, ...]
) -> None:
    esptool.loader = Loader(encrypted=encrypted, signed=signed)

    assert identify("COM3", in_full=True) == KitIdentity("ESP32", MAC, "4MB", protections)
    assert esptool.attached == [esptool.loader]


def test_flash_of_unknown_size_has_none(esptool: Any) -> None:
    esptool.flash_size = None

    assert identify("COM3", in_full=True).flash_size == ""


def test_another_kit_is_not_taken_for_the_expected_one(esptool: Any) -> None:
    assert identify("COM3", expected_mac=MAC).mac == MAC

    with pytest.raises(BenchError, match=f"the kit on COM3 has the MAC {MAC}, expected 24:0a:c4:ff:ff:ff"):
        identify("COM3", expected_mac="24:0a:c4:ff:ff:ff")
    assert esptool.loader.done.count("closed") == 2


@pytest.mark.parametrize(
    ("error", "line"),
    [(FatalError("no sync\nsee the manual"), "no sync"), (OSError(5, "gone"), "gone"), (OSError(), "OSError")],
)
def test_what_keeps_a_kit_from_answering_is_one_line(esptool: Any, error: Exception, line: str) -> None:
    esptool.loader = error

    with pytest.raises(BenchError, match=f"no kit answers on COM3: .*{line} — kitbench doctor --kit COM3") as caught:
        identify("COM3")

    assert "\n" not in str(caught.value)


def test_a_port_without_a_kit_is_the_benchs_fault_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="kitbench doctor --kit") as caught:
        identify(str(tmp_path / "ttyUSB0"))

    assert "\n" not in str(caught.value)


def test_identity_is_printed_as_json_for_other_processes(esptool: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main("COM3") == 0
    assert json.loads(capsys.readouterr().out) == {
        "chip": "ESP32",
        "mac": MAC,
        "flash_size": "4MB",
        "protections": [],
        "secure_element": "",
        "remark": "",
    }

    esptool.loader = FatalError("no sync")

    assert main("COM3") == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "no kit answers on COM3: no sync\n")
