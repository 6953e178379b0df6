"""What the provisioning console says of its chip, and a virtual kit that has the firmware, and one that has not."""

from pathlib import Path
from typing import Final

import pytest

from kitbench.bench.builds.firmware_build import build_in
from kitbench.doctor.check import State
from kitbench.doctor.secure_element import judge, secure_element
from kitbench.errors import KitError
from kitbench.firmware.overlay import Overlay
from kitbench.kit.console import SecureElementInfo
from kitbench.virtual_kit.atecc608a.bus import ChipBus
from kitbench.virtual_kit.atecc608a.chip_profile import Profile, make_chip
from kitbench.virtual_kit.kit import KitOptions, VirtualKit
from kitbench.virtual_kit.toolchain import build_project

SERIAL: Final = "0123456789abcdef01"
PROJECT: Final = Path(__file__).parents[3] / "firmware" / "subscribe_publish"


def info(*, locked: bool = True) -> SecureElementInfo:
    """Return what a chip says of itself."""
    return SecureElementInfo(SERIAL, "00006002", locked, locked)


def test_locked_chip_is_ok() -> None:
    line = judge(info, SERIAL)

    assert line.state is State.OK
    assert SERIAL in line.detail


def test_other_chip_than_the_bench_file_says_fails() -> None:
    assert f"expected {'0' * 18}" in judge(info, "0" * 18).detail


def test_unlocked_chip_fails_and_nobody_offers_to_lock_it() -> None:
    line = judge(lambda: info(locked=False), "")

    assert line.state is State.FAIL
    assert "kitbench never does" in line.fix


def test_silent_chip_fails_with_its_status() -> None:
    def ask() -> SecureElementInfo:
        raise KitError("the firmware answered 'atcab_info f0'", stage="console")

    assert "atcab_info" in judge(ask, "").detail


@pytest.mark.slow
def test_chip_on_a_kit_is_asked_through_the_firmware(tmp_path: Path) -> None:
    certificates = dict.fromkeys(("aws-root-ca.pem", "certificate.pem.crt", "private.pem.key"), b"-----\n")
    overlay = Overlay({f"main/certs/{name}": content for name, content in certificates.items()}, {})
    build_project(PROJECT, tmp_path / "build", variant="atecc608a", overlay=overlay)
    flash = tmp_path / "flash.bin"
    flash.write_bytes(build_in(tmp_path / "build").flash_image(4 << 20))
    before = flash.read_bytes()

    with VirtualKit(KitOptions(flash_file=flash, secure_element=ChipBus(make_chip(Profile.TCUSTOM_LOCKED)))) as kit:
        line = secure_element(kit.url)

    assert (line.state, line.detail.endswith(", locked")) == (State.OK, True)
    assert flash.read_bytes()[0x10000:] == before[0x10000:], "the doctor changed the app"


@pytest.mark.slow
def test_kit_without_the_firmware_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.doctor.secure_element.ANSWERS_WITHIN_S", 1.0)

    with VirtualKit(KitOptions()) as kit:
        line = secure_element(kit.url)

    assert line.state is State.WARN
    assert "no provisioning console" in line.detail
