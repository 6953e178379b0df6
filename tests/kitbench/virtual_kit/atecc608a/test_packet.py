"""Packets and CRC against values from the data sheet and CryptoAuthLib."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.virtual_kit.atecc608a.packet import Command, Opcode, RefusedError, Status, crc16, reply, reply_content


class TestCrc:
    def test_wake_response_is_the_one_in_the_data_sheet(self) -> None:
        assert reply(bytes((Status.AFTER_WAKE,))) == bytes.fromhex("04113343")

    @pytest.mark.parametrize(
        ("status", "packet"),
        [(Status.SUCCESS, "04000340"), (Status.PARSE_ERROR, "04038342"), (Status.EXECUTION_ERROR, "040f2342")],
    )
    def test_status_packets_carry_their_crc(self, status: Status, packet: str) -> None:
        assert reply(bytes((status,))) == bytes.fromhex(packet)

    def test_info_command_is_the_one_seen_on_the_wire(self) -> None:
        assert Command(Opcode.INFO, 0, 0).to_bytes() == bytes.fromhex("0730000000035d")


class TestCommand:
    @given(
        st.builds(
            Command,
            opcode=st.integers(0, 255),
            param1=st.integers(0, 255),
            param2=st.integers(0, 65535),
            data=st.binary(max_size=191),
        )
    )
    def test_bytes_parse_back(self, command: Command) -> None:
        assert Command.from_bytes(command.to_bytes()) == command

    @given(st.integers(0, 6), st.integers(1, 255))
    def test_any_changed_byte_is_noticed(self, position: int, change: int) -> None:
        packet = bytearray(Command(Opcode.INFO, 0, 0).to_bytes())
        packet[position] ^= change

        with pytest.raises(RefusedError):
            Command.from_bytes(bytes(packet))


class TestReply:
    def test_content_comes_back(self) -> None:
        assert reply_content(reply(b"content")) == b"content"

    @pytest.mark.parametrize("packet", [b"", b"\x04", b"\x04\x00\x03\x41", b"\x05\x00\x03\x40", reply(b"ab") + b"c"])
    def test_damaged_replies_are_refused(self, packet: bytes) -> None:
        with pytest.raises(ValueError, match="wrong count or CRC"):
            reply_content(packet)

    def test_crc_of_nothing_is_zero(self) -> None:
        assert crc16(b"") == b"\0\0"
