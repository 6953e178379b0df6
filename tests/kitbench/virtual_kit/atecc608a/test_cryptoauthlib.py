"""The `atcab_*` calls: data, and CryptoAuthLib's status for each way to fail."""

import hashlib
from collections.abc import Callable

import pytest

from kitbench.virtual_kit.atecc608a import Chip, ChipBus, Profile, make_chip
from kitbench.virtual_kit.atecc608a.bus import Fault
from kitbench.virtual_kit.atecc608a.cryptoauthlib import AtcaStatus, CryptoAuthLib

Connect = Callable[[Chip], CryptoAuthLib]


class TestIdentity:
    def test_everything_an_inventory_asks(self, library: CryptoAuthLib, chip: Chip) -> None:
        assert library.atcab_info() == (0, bytes.fromhex("00006002"))
        assert library.atcab_read_serial_number() == (0, chip.state.config.serial_number)
        assert library.atcab_read_config_zone() == (0, bytes(chip.state.config.data))
        assert library.atcab_is_locked(0) == (0, b"\1")
        assert library.atcab_is_locked(1) == (0, b"\1")
        assert library.atcab_is_slot_locked(0) == (0, b"\0")
        assert library.atcab_is_private(0) == (0, b"\1")
        assert library.atcab_is_private(8) == (0, b"\0")

    def test_factory_chip_is_unlocked(self, connect: Connect) -> None:
        library = connect(make_chip(Profile.FACTORY))

        assert library.atcab_is_locked(0) == (0, b"\0")
        assert library.atcab_is_locked(1) == (0, b"\0")
        status, _ = library.atcab_genkey(0)
        assert status == AtcaStatus.EXECUTION_ERROR
        assert status & 0xFF == 0xF4


class TestKeys:
    def test_signature_verifies(self, library: CryptoAuthLib) -> None:
        digest = hashlib.sha256(b"nonce").digest()
        _, public = library.atcab_get_pubkey(0)

        status, signature = library.atcab_sign(0, digest)

        assert status == 0
        assert library.atcab_verify_extern(digest, signature, public) == (0, b"\1")
        assert library.atcab_verify_extern(bytes(32), signature, public) == (0, b"\0")

    def test_genkey_changes_the_public_key(self, library: CryptoAuthLib) -> None:
        before = library.atcab_get_pubkey(0)

        after = library.atcab_genkey(0)

        assert before != after
        assert library.atcab_get_pubkey(0) == after

    @pytest.mark.parametrize("length", [4, 32])
    def test_key_cannot_be_read_but_another_slot_can(self, library: CryptoAuthLib, length: int) -> None:
        assert library.atcab_read_zone(2, 0, 0, 0, length) == (AtcaStatus.EXECUTION_ERROR, b"")
        assert library.atcab_read_zone(2, 8, 0, 0, length) == (0, bytes(length))


class TestOtherCalls:
    def test_random_nonce_counter_sha(self, library: CryptoAuthLib, chip: Chip) -> None:
        status, number = library.atcab_random()
        assert (status, len(number)) == (0, 32)
        assert library.atcab_nonce(b"n" * 32) == (0, b"")
        assert chip.state.sram.temp_key == b"n" * 32
        assert library.atcab_counter_increment(0) == (0, b"\1\0\0\0")
        assert library.atcab_counter_read(0) == (0, b"\1\0\0\0")
        assert library.atcab_sha(b"m" * 150) == (0, hashlib.sha256(b"m" * 150).digest())
        assert library.atcab_wakeup() == (0, b"")
        assert library.atcab_idle() == (0, b"")
        assert library.atcab_sleep() == (0, b"")
        assert chip.state.sram.temp_key is None

    @pytest.mark.parametrize(
        "call",
        [
            lambda library: library.atcab_sign(0, b""),
            lambda library: library.atcab_verify_extern(b"", b"", b""),
            lambda library: library.atcab_read_zone(2, 0, 0, 0, 5),
            lambda library: library.atcab_read_zone(3, 0, 0, 0, 4),
            lambda library: library.atcab_nonce(b""),
            lambda library: library.atcab_is_locked(2),
            lambda library: library.atcab_is_slot_locked(16),
            lambda library: library.atcab_is_private(-1),
        ],
    )
    def test_wrong_arguments(self, library: CryptoAuthLib, call: Callable[[CryptoAuthLib], tuple[int, bytes]]) -> None:
        assert call(library) == (AtcaStatus.BAD_PARAM, b"")


class TestFailures:
    @pytest.mark.parametrize(
        ("fault", "status"),
        [
            (Fault.ABSENT, AtcaStatus.COMM_FAIL),
            (Fault.BUSY, AtcaStatus.COMM_FAIL),
            (Fault.WATCHDOG, AtcaStatus.COMM_FAIL),
            (Fault.CRC_ERROR, AtcaStatus.RX_CRC_ERROR),
        ],
    )
    def test_each_fault_has_a_status(self, chip: Chip, fault: Fault, status: AtcaStatus) -> None:
        library = CryptoAuthLib(ChipBus(chip, fault=fault))

        assert library.atcab_info() == (AtcaStatus.NOT_INITIALIZED, b"")
        assert library.atcab_init() == (0, b""), "it does not touch the bus, as seen in QEMU without any chip"
        assert library.atcab_info() == (status, b"")
        assert library.atcab_is_locked(0) == (status, b""), "an error is no lock state"

    def test_chip_that_comes_back(self, chip: Chip) -> None:
        bus = ChipBus(chip, fault=Fault.ABSENT)
        library = CryptoAuthLib(bus)
        assert library.atcab_init() == (0, b"")
        assert library.atcab_info()[0] == AtcaStatus.COMM_FAIL
        assert library.atcab_wakeup()[0] == AtcaStatus.WAKE_FAILED
        bus.fault = None

        assert library.atcab_init() == (0, b"")
        assert library.atcab_info()[0] == 0

    def test_nothing_works_after_release(self, library: CryptoAuthLib) -> None:
        assert library.atcab_release() == (0, b"")

        assert library.atcab_random() == (AtcaStatus.NOT_INITIALIZED, b"")
