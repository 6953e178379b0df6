"""The bus: waking, sleeping, the watchdog, and faults."""

import pytest

from kitbench.virtual_kit.atecc608a import Chip, ChipBus
from kitbench.virtual_kit.atecc608a.bus import Fault
from kitbench.virtual_kit.atecc608a.packet import Command, Opcode, reply_content
from kitbench.virtual_kit.hardware.cpu_interface import SecureElementBus

_INFO = Command(Opcode.INFO, 0, 0).to_bytes()
_DIGEST = Command(Opcode.NONCE, 0x43, 0, bytes(32)).to_bytes()


@pytest.fixture(name="bus")
def _bus(chip: Chip) -> ChipBus:
    return ChipBus(chip)


def test_is_the_bus_that_the_cpu_expects(bus: ChipBus) -> None:
    seam: SecureElementBus = bus

    assert seam.wake() == bytes.fromhex("04113343")
    seam.send(_INFO)
    assert reply_content(seam.receive()) == bytes.fromhex("00006002")


def test_sleeping_chip_acknowledges_nothing(bus: ChipBus) -> None:
    with pytest.raises(OSError, match="asleep"):
        bus.send(_INFO)
    with pytest.raises(OSError, match="asleep"):
        bus.receive()


def test_nothing_to_receive_before_a_command(bus: ChipBus) -> None:
    bus.wake()

    with pytest.raises(OSError, match="busy"):
        bus.receive()


def test_idle_keeps_what_sleep_forgets(bus: ChipBus, chip: Chip) -> None:
    for end, is_kept in ((bus.idle, True), (bus.sleep, False)):
        bus.wake()
        bus.send(_DIGEST)

        end()

        assert (chip.state.sram.message is not None) is is_kept


def test_watchdog_sends_a_chip_to_sleep_that_works_too_long(bus: ChipBus, chip: Chip) -> None:
    genkey = Command(Opcode.GENKEY, 0, 0).to_bytes()
    bus.wake()
    bus.send(_DIGEST)

    for _ in range(11):
        bus.send(genkey)
        bus.receive()
    bus.send(genkey)

    with pytest.raises(OSError, match="asleep"):
        bus.receive()
    assert chip.state.sram.message is None


def test_idle_restarts_the_watchdog(bus: ChipBus) -> None:
    for _ in range(30):
        bus.wake()
        bus.send(Command(Opcode.GENKEY, 0, 0).to_bytes())
        assert len(bus.receive()) == 67
        bus.idle()


def test_address_is_the_profiles(bus: ChipBus) -> None:
    assert bus.address == 0xC0
    assert ChipBus(None).address is None


class TestFaults:
    def test_absent(self, bus: ChipBus) -> None:
        bus.fault = Fault.ABSENT

        for action in (bus.wake, bus.receive, bus.idle, bus.sleep, lambda: bus.send(_INFO)):
            with pytest.raises(OSError, match="nothing acknowledges"):
                action()
        bus.fault = None
        assert bus.wake() == bytes.fromhex("04113343")

    def test_none_fitted(self) -> None:
        with pytest.raises(OSError, match="nothing acknowledges"):
            ChipBus(None).wake()

    def test_busy(self, bus: ChipBus) -> None:
        bus.fault = Fault.BUSY
        bus.wake()
        bus.send(_INFO)

        with pytest.raises(OSError, match="busy"):
            bus.receive()

    def test_crc_error(self, bus: ChipBus) -> None:
        bus.wake()
        bus.fault = Fault.CRC_ERROR
        bus.send(_INFO)

        with pytest.raises(ValueError, match="CRC"):
            reply_content(bus.receive())

    def test_watchdog(self, bus: ChipBus) -> None:
        bus.fault = Fault.WATCHDOG
        bus.wake()
        bus.send(_INFO)

        with pytest.raises(OSError, match="asleep"):
            bus.receive()

    def test_short_packets_do_no_harm(self, bus: ChipBus) -> None:
        bus.wake()
        bus.send(b"")

        assert reply_content(bus.receive()) == b"\xff"
