"""A kit as a whole, in this process."""

import socket
import threading
import time
from pathlib import Path

import pytest

from kitbench.errors import BenchError
from kitbench.virtual_kit.kit import KitOptions, VirtualKit, mac_of
from tests.kitbench.virtual_kit.chip_rig import FakeCpu, make_flash


def test_names_give_different_macs_of_espressifs_range() -> None:
    assert mac_of("kit-0") == mac_of("kit-0") != mac_of("kit-1")
    assert mac_of("kit-0")[:3].hex() == "240ac4"


def test_kit_has_a_port_of_its_own() -> None:
    with VirtualKit(KitOptions(name="one")) as one, VirtualKit(KitOptions(name="two")) as two:
        assert one.url != two.url
        assert one.mac != two.mac


def test_taken_port_is_a_bench_error_in_one_line() -> None:
    with VirtualKit() as kit, pytest.raises(BenchError, match="cannot be opened"):
        VirtualKit(KitOptions(port=kit.tcp_port)).start()


def test_stop_closes_port_thread_and_app() -> None:
    cpu = FakeCpu()
    kit = VirtualKit(KitOptions(cpu=cpu))
    kit.flash.program(0, make_flash().read(0, 0x20000))
    kit.start()

    kit.stop()
    kit.stop()

    assert [app.is_stopped for app in cpu.apps] == [True]
    assert not any(thread.name == "virtual-kit" for thread in threading.enumerate())
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", kit.tcp_port), timeout=1)


def test_stop_of_a_kit_that_was_never_started() -> None:
    VirtualKit().stop()


def test_flash_survives_in_its_file(tmp_path: Path) -> None:
    options = KitOptions(flash_file=tmp_path / "flash.bin", efuse_file=tmp_path / "efuses.bin")
    with VirtualKit(options) as kit:
        kit.flash.program(0x100, b"kept")

    with VirtualKit(options) as kit:
        assert kit.flash.read(0x100, 4) == b"kept"


def test_app_prints_from_threads_of_its_own() -> None:
    cpu = FakeCpu()
    kit = VirtualKit(KitOptions(cpu=cpu))
    kit.flash.program(0, make_flash().read(0, 0x20000))
    with kit, socket.create_connection(("127.0.0.1", kit.tcp_port), timeout=20) as client:
        assert client.recv(100)
        writers = [
            threading.Thread(target=cpu.apps[0].peripherals.uart_write, args=(f"line {n}\r\n".encode(),))
            for n in range(20)
        ]
        for writer in writers:
            writer.start()
        got, deadline = b"", time.monotonic() + 20
        while got.count(b"\r\n") < 20:
            assert time.monotonic() < deadline
            got += client.recv(1000)

    assert {line for line in got.split(b"\r\n") if line.startswith(b"line")} == {b"line %d" % n for n in range(20)}


def test_app_output_after_the_end_is_harmless() -> None:
    cpu = FakeCpu()
    kit = VirtualKit(KitOptions(cpu=cpu))
    kit.flash.program(0, make_flash().read(0, 0x20000))
    with kit:
        pass

    cpu.apps[0].peripherals.uart_write(b"nobody listens")
