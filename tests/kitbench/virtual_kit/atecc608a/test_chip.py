"""The chip by its packets: what each command does, and what it refuses before and after locking."""

import hashlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from kitbench.virtual_kit.atecc608a import Chip, Profile, make_chip
from kitbench.virtual_kit.atecc608a.chip import HANDLERS
from kitbench.virtual_kit.atecc608a.packet import Command, Opcode, Status, crc16, reply_content
from kitbench.virtual_kit.atecc608a.state import decode_public, encode_public

Run = Callable[..., bytes]


def run(chip: Chip, opcode: int, param1: int = 0, param2: int = 0, data: bytes = b"") -> bytes:
    """Return what the chip's reply carries."""
    return reply_content(chip.execute(Command(opcode, param1, param2, data).to_bytes()))


def status(chip: Chip, opcode: int, param1: int = 0, param2: int = 0, data: bytes = b"") -> Status:
    """Return the chip's one-byte answer."""
    content = run(chip, opcode, param1, param2, data)
    assert len(content) == 1
    return Status(content[0])


def is_signature(public: bytes, digest: bytes, signature: bytes) -> bool:
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    decode_public(public).verify(encode_dss_signature(r, s), digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    return True


def lock_up(chip: Chip) -> None:
    """Lock both zones of a factory chip."""
    assert status(chip, Opcode.LOCK, 0x80) == Status.SUCCESS
    assert status(chip, Opcode.LOCK, 0x81) == Status.SUCCESS


@pytest.fixture(name="factory")
def _factory() -> Chip:
    return make_chip(Profile.FACTORY)


class TestInfo:
    def test_revision(self, chip: Chip) -> None:
        assert run(chip, Opcode.INFO) == bytes.fromhex("00006002")

    def test_key_valid(self, chip: Chip) -> None:
        assert run(chip, Opcode.INFO, 1, 0) == b"\1\0\0\0"
        assert run(chip, Opcode.INFO, 1, 1) == b"\0\0\0\0"

    @pytest.mark.parametrize(("mode", "param2"), [(3, 0), (1, 16)])
    def test_other_modes_are_parse_errors(self, chip: Chip, mode: int, param2: int) -> None:
        assert status(chip, Opcode.INFO, mode, param2) == Status.PARSE_ERROR


class TestUnknownOpcode:
    def test_answers_parse_error_and_logs(self) -> None:
        log: list[str] = []
        chip = make_chip(Profile.TCUSTOM_LOCKED, log=log.append)

        assert status(chip, 0x56) == Status.PARSE_ERROR
        assert log == ["secure element: opcode 0x56 is not modelled (docs/fidelity.md): parse error"]


class TestRead:
    def test_configuration_zone_is_always_readable(self, factory: Chip, chip: Chip) -> None:
        for one in (factory, chip):
            zone = b"".join(run(one, Opcode.READ, 0x80, block << 3) for block in range(4))
            assert zone == bytes(one.state.config.data)
            assert run(one, Opcode.READ, 0x00, 4) == zone[16:20]

    def test_serial_number_has_its_fixed_bytes(self, chip: Chip) -> None:
        serial = chip.state.config.serial_number

        assert serial[:2] == b"\x01\x23"
        assert serial[-1] == 0xEE
        assert make_chip(Profile.TCUSTOM_LOCKED).state.config.serial_number != serial

    @pytest.mark.parametrize("profile", [Profile.TCUSTOM_LOCKED, Profile.TNG, Profile.TFLEX])
    @pytest.mark.parametrize("param1", [0x02, 0x82])
    def test_slot_0_is_never_readable(self, profile: Profile, param1: int) -> None:
        chip = make_chip(profile)

        for address in range(16):
            word, block = address & 7, address >> 3
            assert status(chip, Opcode.READ, param1, block << 8 | word) == Status.EXECUTION_ERROR

    def test_open_slot_is_readable_once_data_is_locked(self, factory: Chip) -> None:
        assert status(factory, Opcode.LOCK, 0x80) == Status.SUCCESS
        assert status(factory, Opcode.WRITE, 0x82, 8 << 3, bytes(range(32))) == Status.SUCCESS
        assert status(factory, Opcode.READ, 0x82, 8 << 3) == Status.EXECUTION_ERROR

        assert status(factory, Opcode.LOCK, 0x81) == Status.SUCCESS

        assert run(factory, Opcode.READ, 0x82, 8 << 3) == bytes(range(32))
        assert run(factory, Opcode.READ, 0x02, 8 << 3 | 1) == bytes(range(4, 8))

    def test_last_block_of_a_slot_is_read_whole_though_the_slot_ends_in_it(self, factory: Chip) -> None:
        assert status(factory, Opcode.LOCK, 0x80) == Status.SUCCESS
        for block in range(3):
            assert status(factory, Opcode.WRITE, 0x82, block << 8 | 11 << 3, bytes(range(100, 132))) == Status.SUCCESS
        assert status(factory, Opcode.LOCK, 0x81) == Status.SUCCESS

        assert run(factory, Opcode.READ, 0x82, 2 << 8 | 11 << 3) == bytes(range(100, 108)) + bytes(24)
        assert status(factory, Opcode.READ, 0x82, 3 << 8 | 11 << 3) == Status.PARSE_ERROR
        assert run(factory, Opcode.READ, 0x02, 2 << 8 | 11 << 3 | 1) == bytes(range(104, 108))
        assert status(factory, Opcode.READ, 0x02, 2 << 8 | 11 << 3 | 2) == Status.PARSE_ERROR

    @pytest.mark.parametrize(
        ("param1", "param2"), [(0x80, 4 << 3), (0x03, 0), (0x04, 0), (0x82, 0x0D40), (0x82, 0x0080)]
    )
    def test_addresses_outside_are_parse_errors(self, chip: Chip, param1: int, param2: int) -> None:
        assert status(chip, Opcode.READ, param1, param2) == Status.PARSE_ERROR


class TestWrite:
    def test_configuration_can_be_written_until_it_is_locked(self, factory: Chip) -> None:
        assert status(factory, Opcode.WRITE, 0x00, 5, b"\x85\x00\x82\x00") == Status.SUCCESS
        assert factory.state.config.slot(0).may_agree

        assert status(factory, Opcode.LOCK, 0x80) == Status.SUCCESS

        assert status(factory, Opcode.WRITE, 0x00, 5, b"\x83\x20\x82\x00") == Status.EXECUTION_ERROR

    @pytest.mark.parametrize(
        ("param1", "word", "size"), [(0x00, 0, 4), (0x00, 3, 4), (0x80, 0, 32), (0x00, 21, 4), (0x80, 16, 32)]
    )
    def test_serial_number_and_lock_bytes_are_out_of_reach(
        self, factory: Chip, param1: int, word: int, size: int
    ) -> None:
        assert status(factory, Opcode.WRITE, param1, word, bytes(size)) == Status.EXECUTION_ERROR

    @pytest.mark.parametrize("word", [4, 20, 22])
    def test_what_lies_beside_them_can_be_written(self, factory: Chip, word: int) -> None:
        assert status(factory, Opcode.WRITE, 0x00, word, b"\1\2\3\4") == Status.SUCCESS
        assert run(factory, Opcode.READ, 0x00, word) == b"\1\2\3\4"

    def test_open_slot_takes_whole_blocks_alone_until_data_is_locked(self, factory: Chip) -> None:
        assert status(factory, Opcode.LOCK, 0x80) == Status.SUCCESS
        assert status(factory, Opcode.WRITE, 0x02, 8 << 3, bytes(4)) == Status.EXECUTION_ERROR
        assert status(factory, Opcode.WRITE, 0x82, 8 << 3, bytes(32)) == Status.SUCCESS

        assert status(factory, Opcode.LOCK, 0x81) == Status.SUCCESS

        assert status(factory, Opcode.WRITE, 0x02, 8 << 3, bytes(4)) == Status.SUCCESS

    def test_private_key_slots_take_no_data(self, factory: Chip) -> None:
        lock_up(factory)

        assert status(factory, Opcode.WRITE, 0x82, 0, bytes(32)) == Status.EXECUTION_ERROR

    def test_locked_slot_takes_no_data(self, factory: Chip) -> None:
        lock_up(factory)
        assert status(factory, Opcode.WRITE, 0x82, 8 << 3, bytes(32)) == Status.SUCCESS

        assert status(factory, Opcode.LOCK, 0x02 | 8 << 2) == Status.SUCCESS

        assert status(factory, Opcode.WRITE, 0x82, 8 << 3, bytes(32)) == Status.EXECUTION_ERROR

    @pytest.mark.parametrize(("param1", "data"), [(0x82, bytes(4)), (0x02, bytes(32)), (0x86, bytes(32))])
    def test_wrong_sizes_are_parse_errors(self, chip: Chip, param1: int, data: bytes) -> None:
        assert status(chip, Opcode.WRITE, param1, 8 << 3, data) == Status.PARSE_ERROR


class TestLock:
    def test_data_only_after_configuration(self, factory: Chip) -> None:
        assert status(factory, Opcode.LOCK, 0x81) == Status.EXECUTION_ERROR
        lock_up(factory)
        assert factory.state.config.is_config_locked
        assert factory.state.config.is_data_locked

    def test_nothing_is_locked_twice(self, chip: Chip) -> None:
        assert status(chip, Opcode.LOCK, 0x80) == Status.EXECUTION_ERROR
        assert status(chip, Opcode.LOCK, 0x81) == Status.EXECUTION_ERROR

    def test_summary_crc_has_to_fit(self, factory: Chip) -> None:
        crc = int.from_bytes(crc16(bytes(factory.state.config.data)), "little")

        assert status(factory, Opcode.LOCK, 0x00, crc ^ 1) == Status.EXECUTION_ERROR
        assert not factory.state.config.is_config_locked
        assert status(factory, Opcode.LOCK, 0x00, crc) == Status.SUCCESS

    def test_slot_that_is_not_lockable(self, chip: Chip) -> None:
        assert status(chip, Opcode.LOCK, 0x02 | 3 << 2) == Status.EXECUTION_ERROR


class TestRandom:
    def test_unlocked_chip_shows_that_it_is_not_random(self, factory: Chip) -> None:
        assert run(factory, Opcode.RANDOM) == bytes.fromhex("ffff0000") * 8

    def test_locked_chip_is_random(self, chip: Chip) -> None:
        assert run(chip, Opcode.RANDOM) != run(chip, Opcode.RANDOM)

    def test_nonce_mixes_both_numbers_into_tempkey(self, chip: Chip) -> None:
        number = run(chip, Opcode.NONCE, 0, 0, bytes(20))

        assert chip.state.sram.temp_key == hashlib.sha256(number + bytes(20) + b"\x16\0\0").digest()


class TestKeys:
    def test_public_key_belongs_to_the_private_one(self, chip: Chip) -> None:
        assert run(chip, Opcode.GENKEY, 0, 0) == encode_public(chip.state.keys[0].public_key())

    def test_generation_replaces_the_key(self, chip: Chip) -> None:
        before = run(chip, Opcode.GENKEY, 0, 0)

        after = run(chip, Opcode.GENKEY, 4, 0)

        assert after != before
        assert run(chip, Opcode.GENKEY, 0, 0) == after

    @pytest.mark.parametrize("profile", [Profile.TNG, Profile.TFLEX])
    def test_preprovisioned_keys_cannot_be_replaced(self, profile: Profile) -> None:
        assert status(make_chip(profile), Opcode.GENKEY, 4, 0) == Status.EXECUTION_ERROR

    def test_locked_slot_keeps_its_key(self, chip: Chip) -> None:
        assert status(chip, Opcode.LOCK, 0x02) == Status.SUCCESS

        assert status(chip, Opcode.GENKEY, 4, 0) == Status.EXECUTION_ERROR
        assert len(run(chip, Opcode.GENKEY, 0, 0)) == 64

    def test_unlocked_chip_neither_generates_nor_signs(self, factory: Chip) -> None:
        assert status(factory, Opcode.GENKEY, 4, 0) == Status.EXECUTION_ERROR
        assert status(factory, Opcode.NONCE, 0x43, 0, bytes(32)) == Status.SUCCESS
        assert status(factory, Opcode.SIGN, 0xA0, 0) == Status.EXECUTION_ERROR

    def test_empty_slot_has_no_public_key(self, chip: Chip) -> None:
        assert status(chip, Opcode.GENKEY, 0, 1) == Status.EXECUTION_ERROR

    def test_data_slot_holds_no_private_key(self, chip: Chip) -> None:
        assert status(chip, Opcode.GENKEY, 4, 8) == Status.EXECUTION_ERROR


class TestSign:
    @pytest.mark.parametrize(("target", "mode"), [(0x03, 0x80), (0x43, 0xA0)])
    def test_signature_is_the_slots_over_the_digest(self, chip: Chip, target: int, mode: int) -> None:
        digest = hashlib.sha256(b"message").digest()
        assert status(chip, Opcode.NONCE, target, 0, digest) == Status.SUCCESS

        signature = run(chip, Opcode.SIGN, mode, 0)

        assert is_signature(run(chip, Opcode.GENKEY, 0, 0), digest, signature)

    def test_two_signatures_differ(self, chip: Chip) -> None:
        run(chip, Opcode.NONCE, 0x43, 0, bytes(32))

        assert run(chip, Opcode.SIGN, 0xA0, 0) != run(chip, Opcode.SIGN, 0xA0, 0)

    def test_nothing_to_sign(self, chip: Chip) -> None:
        assert status(chip, Opcode.SIGN, 0xA0, 0) == Status.EXECUTION_ERROR

    def test_sleep_forgets_what_was_to_be_signed(self, chip: Chip) -> None:
        run(chip, Opcode.NONCE, 0x43, 0, bytes(32))

        chip.forget()

        assert status(chip, Opcode.SIGN, 0xA0, 0) == Status.EXECUTION_ERROR

    def test_attestation_key_signs_nothing_from_outside(self) -> None:
        chip = make_chip(Profile.TNG)
        run(chip, Opcode.NONCE, 0x43, 0, bytes(32))

        assert len(run(chip, Opcode.SIGN, 0xA0, 0)) == 64
        assert status(chip, Opcode.SIGN, 0xA0, 1) == Status.EXECUTION_ERROR

    @pytest.mark.parametrize(("mode", "slot"), [(0x00, 0), (0xC0, 0)])
    def test_internal_modes_are_refused(self, chip: Chip, mode: int, slot: int) -> None:
        run(chip, Opcode.NONCE, 0x03, 0, bytes(32))

        assert status(chip, Opcode.SIGN, mode, slot) == Status.EXECUTION_ERROR

    @pytest.mark.parametrize(
        ("mode", "slot", "data"), [(0x80, 16, b""), (0x82, 0, b""), (0x80, 0, b"x")], ids=["slot", "mode", "data"]
    )
    def test_what_sign_does_not_know_is_a_parse_error(self, chip: Chip, mode: int, slot: int, data: bytes) -> None:
        run(chip, Opcode.NONCE, 0x03, 0, bytes(32))
        assert len(run(chip, Opcode.SIGN, 0x80, 0)) == 64
        run(chip, Opcode.NONCE, 0x03, 0, bytes(32))

        assert status(chip, Opcode.SIGN, mode, slot, data) == Status.PARSE_ERROR


class TestVerify:
    def test_tells_right_from_wrong(self, chip: Chip) -> None:
        digest = hashlib.sha256(b"message").digest()
        run(chip, Opcode.NONCE, 0x43, 0, digest)
        signature, public = run(chip, Opcode.SIGN, 0xA0, 0), run(chip, Opcode.GENKEY, 0, 0)

        assert status(chip, Opcode.VERIFY, 0x22, 4, signature + public) == Status.SUCCESS
        run(chip, Opcode.NONCE, 0x43, 0, bytes(32))
        assert status(chip, Opcode.VERIFY, 0x22, 4, signature + public) == Status.MISCOMPARE

    def test_point_off_the_curve_is_an_execution_error(self, chip: Chip) -> None:
        run(chip, Opcode.NONCE, 0x43, 0, bytes(32))

        assert status(chip, Opcode.VERIFY, 0x22, 4, bytes(64) + b"\1" * 64) == Status.EXECUTION_ERROR

    def test_stored_keys_are_not_modelled(self, chip: Chip) -> None:
        assert status(chip, Opcode.VERIFY, 0x20, 0, bytes(64)) == Status.EXECUTION_ERROR


class TestEcdh:
    def test_secret_is_shared_where_the_slot_allows_it(self) -> None:
        chip, other = make_chip(Profile.TNG), ec.generate_private_key(ec.SECP256R1())
        mine = decode_public(run(chip, Opcode.GENKEY, 0, 0))

        secret = run(chip, Opcode.ECDH, 0, 0, encode_public(other.public_key()))

        assert secret == other.exchange(ec.ECDH(), mine)

    def test_point_off_the_curve_is_an_execution_error(self) -> None:
        assert status(make_chip(Profile.TNG), Opcode.ECDH, 0, 0, b"\1" * 64) == Status.EXECUTION_ERROR

    def test_course_configuration_does_not_allow_it(self, chip: Chip) -> None:
        other = ec.generate_private_key(ec.SECP256R1()).public_key()

        assert status(chip, Opcode.ECDH, 0, 0, encode_public(other)) == Status.EXECUTION_ERROR


class TestSha:
    @pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 200])
    def test_digest_is_sha_256(self, chip: Chip, size: int) -> None:
        message = bytes(size)
        assert status(chip, Opcode.SHA, 0, 0) == Status.SUCCESS
        for start in range(0, size // 64 * 64, 64):
            assert status(chip, Opcode.SHA, 1, 64, message[start : start + 64]) == Status.SUCCESS
        rest = message[size // 64 * 64 :]

        assert run(chip, Opcode.SHA, 2, len(rest), rest) == hashlib.sha256(message).digest()

    def test_end_without_start(self, chip: Chip) -> None:
        assert status(chip, Opcode.SHA, 2, 0) == Status.EXECUTION_ERROR


class TestCounter:
    def test_counts_up_only(self, chip: Chip) -> None:
        assert run(chip, Opcode.COUNTER, 0, 1) == bytes(4)
        assert run(chip, Opcode.COUNTER, 1, 1) == b"\1\0\0\0"
        assert run(chip, Opcode.COUNTER, 0, 1) == b"\1\0\0\0"
        assert run(chip, Opcode.COUNTER, 0, 0) == bytes(4)

    def test_chip_as_sold_counts_too(self, factory: Chip) -> None:
        assert run(factory, Opcode.COUNTER, 0, 0) == bytes(4)
        assert run(factory, Opcode.COUNTER, 1, 0) == b"\1\0\0\0"

    def test_stops_at_its_end(self, chip: Chip) -> None:
        chip.state.counters[0] = 2_097_151

        assert status(chip, Opcode.COUNTER, 1, 0) == Status.EXECUTION_ERROR


class TestUpdateExtra:
    def test_each_byte_is_set_once(self, chip: Chip) -> None:
        assert status(chip, Opcode.UPDATE_EXTRA, 0, 0x5A) == Status.SUCCESS
        assert status(chip, Opcode.UPDATE_EXTRA, 0, 0x5B) == Status.EXECUTION_ERROR
        assert status(chip, Opcode.UPDATE_EXTRA, 1, 0x01) == Status.SUCCESS
        assert status(chip, Opcode.UPDATE_EXTRA, 2) == Status.PARSE_ERROR
        assert chip.state.config.data[84:86] == b"\x5a\x01"


class TestHostilePackets:
    @given(st.binary(max_size=300))
    def test_any_bytes_get_a_reply(self, packet: bytes) -> None:
        reply_content(_SHARED.execute(packet))

    @given(
        st.sampled_from([*HANDLERS, 0x00, 0x46, 0xFF]),
        st.integers(0, 255),
        st.integers(0, 65535),
        st.binary(max_size=191),
    )
    def test_any_parameters_get_a_reply_and_keep_the_key_inside(
        self, opcode: int, param1: int, param2: int, data: bytes
    ) -> None:
        content = run(_SHARED, opcode, param1, param2, data)

        assert len(content) in {1, 4, 32, 64}
        for key in _SHARED.state.keys.values():
            assert key.private_numbers().private_value.to_bytes(32) not in content


_SHARED = make_chip(Profile.TCUSTOM_LOCKED)
