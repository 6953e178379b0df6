"""The model of the ATECC608A, driven by Microchip's own library through its hardware abstraction layer.

The wheel is an optional extra (`pip install .[cryptoauthlib]`): its licence limits use to Microchip's products.
"""

import ctypes
import hashlib
import importlib.metadata
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

from kitbench.virtual_kit.atecc608a import Chip, ChipBus, Profile, make_chip
from kitbench.virtual_kit.atecc608a.bus import Fault
from kitbench.virtual_kit.atecc608a.cryptoauthlib import AtcaStatus, CryptoAuthLib
from kitbench.virtual_kit.atecc608a.mutant import Mutant, mutate
from kitbench.virtual_kit.atecc608a.state import decode_public, encode_public
from tests.optional_part import CRYPTOAUTHLIB

_COMM_FAIL, _SUCCESS = AtcaStatus.COMM_FAIL, AtcaStatus.SUCCESS
_IDLE, _SLEEP, _COMMAND = 2, 1, 3


def test_wheel_is_used_where_it_is_installed() -> None:
    """The reason for skipping holds: package metadata, found another way, knows of no wheel."""
    installed = [one for one in importlib.metadata.distributions() if one.metadata["Name"] == "cryptoauthlib"]

    assert bool(installed) is CRYPTOAUTHLIB.is_there()


class Hal:
    """The library's I2C driver, replaced by one that talks to a model: `hal_iface_register_hal`."""

    def __init__(self, library: Any, config: Any) -> None:
        self.bus = ChipBus(None)
        self._config = config
        self._incoming = b""
        status, void, byte = ctypes.c_int, ctypes.c_void_p, ctypes.c_uint8
        # The library keeps the addresses: the callables must live as long as it is loaded.
        self._callables = (
            ctypes.CFUNCTYPE(status, void, void)(lambda _iface, _config: _SUCCESS),
            ctypes.CFUNCTYPE(status, void)(lambda _iface: _SUCCESS),
            ctypes.CFUNCTYPE(status, void, byte, ctypes.POINTER(byte), ctypes.c_int)(self._send),
            ctypes.CFUNCTYPE(status, void, byte, ctypes.POINTER(byte), ctypes.POINTER(ctypes.c_uint16))(self._receive),
            ctypes.CFUNCTYPE(status, void, byte, void, ctypes.c_size_t)(lambda *_arguments: AtcaStatus.SUCCESS),
            ctypes.CFUNCTYPE(status, void)(lambda _data: _SUCCESS),
        )
        self._table = (ctypes.c_void_p * 6)(*(ctypes.cast(one, ctypes.c_void_p) for one in self._callables))
        self._old, self._old_phy = ctypes.c_void_p(), ctypes.c_void_p()
        told = library.hal_iface_register_hal(
            0, ctypes.byref(self._table), ctypes.byref(self._old), None, ctypes.byref(self._old_phy)
        )
        assert told == 0

    def _send(self, _iface: int, word_address: int, data: Any, size: int) -> int:
        try:
            if self._config.cfg.atcai2c.address == 0:
                self._incoming = self.bus.wake()
            elif word_address == _COMMAND:
                self.bus.send(bytes(data[:size]))
                self._incoming = self.bus.receive()
            elif word_address in {_IDLE, _SLEEP}:
                (self.bus.idle if word_address == _IDLE else self.bus.sleep)()
        except OSError:
            return _COMM_FAIL
        return _SUCCESS

    def _receive(self, _iface: int, _word_address: int, data: Any, size: Any) -> int:
        taken, self._incoming = self._incoming[: size[0]], self._incoming[size[0] :]
        if not taken:
            return _COMM_FAIL
        for index, byte in enumerate(taken):
            data[index] = byte
        size[0] = len(taken)
        return _SUCCESS


@pytest.fixture(name="hal", scope="module")
def _hal() -> Iterator[Hal]:
    """Load the library once: it knows one device per process."""
    cryptoauthlib = pytest.importorskip("cryptoauthlib")
    cryptoauthlib.load_cryptoauthlib()
    config = cryptoauthlib.cfg_ateccx08a_i2c_default()
    config.devtype = int(cryptoauthlib.ATCADeviceType.ATECC608)
    config.cfg.atcai2c.baud = 100_000  # slow enough that the library wakes the chip without changing the speed
    config.rx_retries = 2
    hal = Hal(cryptoauthlib.get_cryptoauthlib(), config)
    yield hal
    cryptoauthlib.atcab_release()


@pytest.fixture(name="fit")
def _fit(hal: Hal) -> Callable[[Chip], Any]:
    """Return a function that puts a chip on the bus and initialises the library, which it returns."""
    cryptoauthlib = pytest.importorskip("cryptoauthlib")

    def fit(chip: Chip) -> Any:
        hal.bus.chip, hal.bus.fault = chip, None
        assert cryptoauthlib.atcab_init(hal._config) == 0
        return cryptoauthlib

    return fit


Fit = Callable[[Chip], Any]


@CRYPTOAUTHLIB.needed
class TestIdentity:
    @pytest.mark.parametrize("profile", Profile)
    def test_every_profile_is_recognised(self, fit: Fit, profile: Profile) -> None:
        chip = make_chip(profile)
        library = fit(chip)
        revision, serial, zone = bytearray(4), bytearray(9), bytearray(128)
        is_locked = library.AtcaReference(False)

        assert library.atcab_info(revision) == 0
        assert library.atcab_read_serial_number(serial) == 0
        assert library.atcab_read_config_zone(zone) == 0
        assert library.atcab_is_locked(0, is_locked) == 0

        assert library.get_device_name(revision) == "ATECC608"
        assert bytes(serial) == chip.state.config.serial_number
        assert bytes(zone) == bytes(chip.state.config.data)
        assert bool(is_locked.value) is (profile is not Profile.FACTORY)


@CRYPTOAUTHLIB.needed
class TestKeys:
    def test_signature_of_the_library_verifies_elsewhere(self, fit: Fit) -> None:
        library, digest = fit(make_chip(Profile.TCUSTOM_LOCKED)), hashlib.sha256(b"message").digest()
        public, signature = bytearray(64), bytearray(64)

        assert library.atcab_get_pubkey(0, public) == 0
        assert library.atcab_sign(0, digest, signature) == 0

        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        key = decode_public(bytes(public))
        key.verify(encode_dss_signature(r, s), digest, ec.ECDSA(Prehashed(hashes.SHA256())))

    @pytest.mark.parametrize(("digest", "expected"), [(b"d" * 32, True), (b"e" * 32, False)])
    def test_library_verifies_on_the_chip(self, fit: Fit, digest: bytes, expected: bool) -> None:  # noqa: FBT001 - parametrised
        library = fit(make_chip(Profile.TCUSTOM_LOCKED))
        public, signature = bytearray(64), bytearray(64)
        library.atcab_get_pubkey(0, public)
        library.atcab_sign(0, b"d" * 32, signature)
        verified = library.AtcaReference(False)

        assert library.atcab_verify_extern(digest, signature, public, verified) == 0

        assert bool(verified.value) is expected

    def test_new_key(self, fit: Fit) -> None:
        library = fit(make_chip(Profile.TCUSTOM_LOCKED))
        before, after = bytearray(64), bytearray(64)
        library.atcab_get_pubkey(0, before)

        assert library.atcab_genkey(0, after) == 0

        assert before != after

    def test_shared_secret(self, fit: Fit) -> None:
        library, other = fit(make_chip(Profile.TNG)), ec.generate_private_key(ec.SECP256R1())
        public, secret = bytearray(64), bytearray(32)
        library.atcab_get_pubkey(0, public)

        assert library.atcab_ecdh(0, encode_public(other.public_key()), secret) == 0

        assert bytes(secret) == other.exchange(ec.ECDH(), decode_public(bytes(public)))

    @pytest.mark.parametrize("length", [4, 32])
    def test_key_stays_inside(self, fit: Fit, length: int) -> None:
        library, data = fit(make_chip(Profile.TCUSTOM_LOCKED)), bytearray(length)

        assert library.atcab_read_zone(2, 0, 0, 0, data, length) == library.Status.ATCA_EXECUTION_ERROR
        assert not any(data)
        assert library.atcab_read_zone(2, 8, 0, 0, data, length) == 0

    def test_leaky_chip_is_noticed(self, fit: Fit) -> None:
        chip, data = make_chip(Profile.TCUSTOM_LOCKED), bytearray(32)
        secret = chip.state.keys[0].private_numbers().private_value.to_bytes(32)

        assert fit(mutate(chip, Mutant.LEAKY_READ)).atcab_read_zone(2, 0, 0, 0, data, 32) == 0
        assert (bytes(data) == secret) is True


@CRYPTOAUTHLIB.needed
class TestMemory:
    def test_random_sha_and_counter(self, fit: Fit) -> None:
        library = fit(make_chip(Profile.TCUSTOM_LOCKED))
        number, digest, count = bytearray(32), bytearray(32), library.AtcaReference(0)

        assert library.atcab_random(number) == 0
        assert library.atcab_sha(100, b"m" * 100, digest) == 0
        assert library.atcab_counter_increment(0, count) == 0

        assert number != bytearray(32)
        assert bytes(digest) == hashlib.sha256(b"m" * 100).digest()
        assert count.value == 1

    def test_public_key_is_written_to_a_data_slot_and_read_back(self, fit: Fit) -> None:
        library, read = fit(make_chip(Profile.FACTORY)), bytearray(64)
        public = encode_public(ec.generate_private_key(ec.SECP256R1()).public_key())
        assert library.atcab_lock_config_zone() == 0
        assert library.atcab_write_pubkey(11, public) == 0
        assert library.atcab_lock_data_zone() == 0

        assert library.atcab_read_pubkey(11, read) == 0

        assert bytes(read) == public

    def test_factory_chip_is_configured_and_locked(self, fit: Fit) -> None:
        chip = make_chip(Profile.FACTORY)
        library, zone, public = fit(chip), bytearray(128), bytearray(64)
        library.atcab_read_config_zone(zone)
        zone[20:22] = b"\x85\x20"

        assert library.atcab_write_config_zone(zone) == 0
        assert library.atcab_lock_config_zone() == 0
        assert library.atcab_write_zone(2, 8, 0, 0, b"w" * 32, 32) == 0
        assert library.atcab_lock_data_zone() == 0
        assert library.atcab_genkey(0, public) == 0

        assert chip.state.config.slot(0).may_agree
        assert chip.state.config.is_data_locked
        assert library.atcab_lock_data_slot(0) == 0
        assert library.atcab_genkey(0, public) == library.Status.ATCA_EXECUTION_ERROR


@CRYPTOAUTHLIB.needed
class TestFaults:
    @pytest.mark.parametrize("fault", [Fault.ABSENT, Fault.CRC_ERROR, Fault.WATCHDOG])
    def test_each_fault_is_an_error_and_ends(self, fit: Fit, hal: Hal, fault: Fault) -> None:
        library, revision = fit(make_chip(Profile.TCUSTOM_LOCKED)), bytearray(4)
        hal.bus.fault = fault

        assert library.atcab_info(revision) != 0

        hal.bus.fault = None
        assert library.atcab_info(revision) == 0


@CRYPTOAUTHLIB.needed
class TestOwnCalls:
    """Our `atcab_*` calls give what the library's own give on the same chip."""

    @pytest.mark.parametrize(
        ("zone", "slot", "block", "word", "length"),
        [(0, 0, 2, 5, 4), (2, 0, 0, 0, 32), (2, 8, 12, 0, 32), (2, 8, 13, 0, 32), (2, 9, 2, 1, 4), (1, 0, 1, 0, 32)],
    )
    def test_read_zone(self, fit: Fit, zone: int, slot: int, block: int, word: int, length: int) -> None:
        chip, data = make_chip(Profile.TCUSTOM_LOCKED), bytearray(length)
        own = CryptoAuthLib(ChipBus(chip))
        own.atcab_init()

        theirs = fit(chip).atcab_read_zone(zone, slot, block, word, data, length)

        status, content = own.atcab_read_zone(zone, slot, block, word, length)
        assert int(theirs) == status
        assert bytes(data[:length]) == (content or bytes(length))

    def test_status_codes_are_theirs(self) -> None:
        library = pytest.importorskip("cryptoauthlib")

        differing = [
            one.name
            for one in AtcaStatus
            if (theirs := getattr(library.Status, f"ATCA_{one.name}", None)) is not None and int(theirs) != int(one)
        ]

        assert differing == []
