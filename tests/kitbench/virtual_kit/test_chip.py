"""The chip: from modem lines and bytes to boot text, loaders and apps."""

import base64
import importlib.resources
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitbench.flash_format.app_image import checksum
from kitbench.virtual_kit.hardware.cpu_interface import ResetCause
from kitbench.virtual_kit.hardware.efuse import Efuses
from kitbench.virtual_kit.hardware.flash_image import FlashImage
from tests.kitbench.virtual_kit.chip_rig import APP_OFFSET, MAC, ChipRig, block, make_flash, request, words

SYNC = bytes.fromhex("07071220") + b"\x55" * 32
READ_REG = 0x0A


@pytest.fixture(name="rig")
def _rig() -> ChipRig:
    return ChipRig(make_flash())


def _load_stub(rig: ChipRig, version: str, *, spoil: bool = False) -> list[bytes]:
    """Upload the installed esptool's own stub; return the replies to MEM_END."""
    path = importlib.resources.files("esptool") / f"targets/stub_flasher/{version}/esp32.json"
    stub = json.loads(path.read_text())
    text = base64.b64decode(stub["text"])
    if spoil:
        text = text[:-1] + bytes([text[-1] ^ 1])
    for address, content in ((stub["text_start"], text), (stub["data_start"], base64.b64decode(stub["data"]))):
        rig.command(0x05, words(len(content), 1, 0x1800, address))
        for sequence in range(-(-len(content) // 0x1800)):
            piece = content[sequence * 0x1800 : (sequence + 1) * 0x1800]
            rig.command(0x07, block(piece, sequence), checksum=checksum([piece]))
    return rig.command(0x06, words(0, stub["entry"]))


def test_power_on_boots_the_app(rig: ChipRig) -> None:
    rig.chip.power_on()

    assert rig.take_text().startswith("ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13")
    assert [(app.offset, app.cause) for app in rig.cpu.apps] == [(APP_OFFSET, ResetCause.POWERON)]


def test_download_mode_waits(rig: ChipRig) -> None:
    rig.chip.set_rts(asserted=True)
    rig.chip.set_dtr(asserted=True)
    rig.chip.set_rts(asserted=False)

    assert rig.take_text().endswith("waiting for download\r\n")
    assert not rig.cpu.apps


def test_reset_stops_the_app_at_once(rig: ChipRig) -> None:
    rig.chip.power_on()

    rig.chip.set_rts(asserted=True)

    assert rig.cpu.apps[0].is_stopped


def test_hard_reset_starts_the_app_anew(rig: ChipRig) -> None:
    rig.chip.power_on()
    rig.take()

    rig.hard_reset()

    assert len(rig.cpu.apps) == 2
    assert rig.take_text().startswith("ets Jul 29 2019")


def test_uart_goes_both_ways(rig: ChipRig) -> None:
    rig.chip.power_on()
    rig.take()

    rig.chip.receive(b"to the app")
    rig.cpu.apps[0].peripherals.uart_write(b"from ")
    rig.cpu.apps[0].peripherals.uart_write(b"the app")
    rig.run_posted()

    assert rig.cpu.apps[0].received == b"to the app"
    assert rig.take() == b"from the app"


def test_output_of_a_stopped_app_is_lost(rig: ChipRig) -> None:
    rig.chip.power_on()
    rig.cpu.apps[0].peripherals.uart_write(b"too late")
    rig.enter_download_mode()
    rig.cpu.apps[0].peripherals.uart_write(b"far too late")
    rig.run_posted()

    assert rig.take() == b""


def test_output_that_nobody_takes_is_bounded(rig: ChipRig) -> None:
    rig.chip.power_on()
    rig.take()
    for _ in range(200):
        rig.cpu.apps[0].peripherals.uart_write(bytes(0x4000))
    rig.run_posted()

    assert 0 < len(rig.take()) <= 1 << 20


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (ResetCause.SW_CPU, "rst:0xc (SW_CPU_RESET),boot:0x13"),
        (ResetCause.TG1WDT_SYS, "rst:0x8 (TG1WDT_SYS_RESET),boot:0x13"),
    ],
)
def test_app_resets_the_chip(rig: ChipRig, cause: ResetCause, text: str) -> None:
    """device-facts: "esp_restart and panic: `rst:0xc`; hang caught by the watchdog `rst:0x8`"."""
    rig.chip.power_on()
    rig.take()

    rig.cpu.apps[0].peripherals.reset(cause)
    assert len(rig.cpu.apps) == 1
    rig.run_posted()

    assert rig.cpu.apps[0].is_stopped
    assert [app.cause for app in rig.cpu.apps] == [ResetCause.POWERON, cause]
    assert text in rig.take_text()


def test_reset_of_an_app_that_is_gone_does_nothing(rig: ChipRig) -> None:
    rig.chip.power_on()
    rig.cpu.apps[0].peripherals.reset(ResetCause.SW_CPU)
    rig.enter_download_mode()
    rig.run_posted()

    assert rig.take() == b""
    assert rig.command(0x08, SYNC)


def test_boot_loader_that_gives_up_tries_again_every_half_second() -> None:
    """device-facts: "bootloader giving up `rst:0x3 (SW_RESET)`, about every 0.5 s"."""
    rig = ChipRig(make_flash(app=b""))
    rig.chip.power_on()
    rig.take()
    assert [seconds for seconds, _ in rig.timers] == [0.5]

    rig.run_timers()

    assert "rst:0x3 (SW_RESET),boot:0x13" in rig.take_text()
    assert len(rig.timers) == 1


def test_reset_ends_the_boot_loop() -> None:
    rig = ChipRig()
    rig.chip.power_on()
    rig.enter_download_mode()
    rig.run_timers()

    assert rig.take() == b""


def test_app_that_no_cpu_can_run_is_logged(rig: ChipRig) -> None:
    rig.cpu.refusal = "the app image holds no WebAssembly module"
    rig.chip.power_on()

    assert rig.log == ["app at 0x10000 cannot run: the app image holds no WebAssembly module"]
    rig.chip.receive(b"hello?")


@pytest.mark.parametrize("version", ["1", "2"])
def test_installed_stub_runs(rig: ChipRig, version: str) -> None:
    """device-facts: "MEM_END reply, then `c0 4f484149 c0` (OHAI)"."""
    rig.enter_download_mode()
    rig.command(0x08, SYNC)

    reply, greeting = _load_stub(rig, version)

    assert reply[:2] == b"\x01\x06"
    assert greeting == b"OHAI"
    assert rig.command(0x08, SYNC) == [bytes.fromhex("0108 0200 00000000 0000")] * 8


def test_stub_with_one_bit_changed_does_not_run(rig: ChipRig) -> None:
    rig.enter_download_mode()
    rig.command(0x08, SYNC)

    frames = _load_stub(rig, "2", spoil=True)

    assert len(frames) == 1
    assert rig.command(0x08, SYNC) == []
    assert "is not a flasher stub" in rig.log[0]


def test_rom_measures_the_hosts_rate(rig: ChipRig) -> None:
    """virtual-kit-serial: "the ROM auto-bauds here"."""
    rig.enter_download_mode()
    rig.chip.uart.host_baud = 460800

    assert len(rig.command(0x08, SYNC)) == 8


def test_rate_changes_after_the_reply(rig: ChipRig) -> None:
    """virtual-kit-serial: "reply first, then switch"."""
    rig.enter_download_mode()
    rig.command(0x08, SYNC)

    assert rig.command(0x0F, words(921600, 0))[0][-4] == 0
    assert rig.command(0x08, SYNC) == []

    rig.chip.uart.host_baud = 921600
    rig.command(0x08, SYNC)
    assert rig.command(READ_REG, words(0x3FF40014))[0][4:8] == words(40_000_000 // 921600)


def test_boot_text_is_garbage_at_another_rate(rig: ChipRig) -> None:
    rig.chip.uart.host_baud = 921600
    rig.chip.power_on()

    assert b"rst:" not in rig.take()


def test_burnt_download_disable_leaves_no_way_into_download_mode() -> None:
    efuses = Efuses(mac=MAC)
    efuses.write(0x1C, 1 << 27)
    efuses.write(0xFC, 0x5A5A)
    efuses.write(0x104, 2)
    rig = ChipRig(make_flash(), efuses)

    rig.enter_download_mode()

    assert len(rig.cpu.apps) == 1


def test_power_off_stops_the_app(rig: ChipRig) -> None:
    rig.chip.power_on()

    rig.chip.power_off()

    assert rig.cpu.apps[0].is_stopped


def test_empty_flash_loops_with_the_watchdogs_reset() -> None:
    rig = ChipRig(FlashImage())
    rig.chip.power_on()
    rig.run_timers()

    assert "rst:0x10 (RTCWDT_RTC_RESET),boot:0x13" in rig.take_text()


_STUB = request(0x08, SYNC) + request(0x0A, words(0x40001000)) + request(0xD2, words(0, 0x2000, 0x1000, 64))
_STEPS = st.one_of(
    st.sampled_from(["D0", "D1", "R0", "R1", "timers", "posted", "crash"]),
    st.sampled_from([9600, 115200, 921600, 1]),
    st.sampled_from([_STUB, request(0x04, words(0)), request(0x04, words(1)), request(0x06, words(0, 0x40090000))]),
    st.binary(max_size=60),
)


def _do(rig: ChipRig, step: str | int | bytes) -> None:
    match step:
        case "D0" | "D1":
            rig.chip.set_dtr(asserted=step == "D1")
        case "R0" | "R1":
            rig.chip.set_rts(asserted=step == "R1")
        case "timers":
            rig.run_timers()
        case "posted":
            rig.run_posted()
        case "crash":
            for app in rig.cpu.apps[-2:]:
                app.peripherals.uart_write(b"abort() was called")
                app.peripherals.reset(ResetCause.SW_CPU)
        case int():
            rig.chip.uart.host_baud = step
        case bytes():
            rig.chip.receive(step)


@settings(max_examples=60, deadline=None)
@given(st.lists(_STEPS, max_size=25))
def test_anything_in_any_order_leaves_a_chip_that_can_be_reset(steps: list[str | int | bytes]) -> None:
    rig = ChipRig(make_flash())
    rig.chip.power_on()
    for step in steps:
        _do(rig, step)
    rig.run_posted()

    rig.chip.uart.host_baud = 115200
    rig.enter_download_mode()

    assert rig.command(0x08, SYNC) == [bytes.fromhex("01080400 07071220 00000000")] * 8
    assert all(app.is_stopped for app in rig.cpu.apps)
