"""What stub v1 and v2 do alike, as recorded from the real stubs (device-facts, "Stub replies") or by their sources."""

import pytest

from kitbench.virtual_kit.loaders.flasher_stub import FlasherStub
from kitbench.virtual_kit.loaders.legacy_flasher_stub import LegacyFlasherStub
from kitbench.virtual_kit.loaders.loader_protocol import SetBaud
from kitbench.virtual_kit.loaders.stub_commands import GREETING
from tests.kitbench.virtual_kit.chip_rig import words
from tests.kitbench.virtual_kit.stub_client import StubClient, payloads

RUN_USER_CODE, ERASE_FLASH, READ_FLASH, READ_REG = 0xD3, 0xD0, 0xD2, 0x0A


@pytest.fixture(name="stub", params=[FlasherStub, LegacyFlasherStub])
def _stub(request: pytest.FixtureRequest) -> StubClient:
    return StubClient(request.param)


def test_greeting_is_ohai() -> None:
    """device-facts: "`c0 4f484149 c0` (OHAI)"."""
    assert bytes.fromhex("c0 4f484149 c0") == GREETING


def test_running_user_code_gets_no_reply(stub: StubClient) -> None:
    assert stub.frames(RUN_USER_CODE) == []
    assert stub.status(ERASE_FLASH) == "0000", "the control: other commands do"


def test_register_is_read(stub: StubClient) -> None:
    (reply,) = stub.frames(READ_REG, words(0x40001000))

    assert reply[4:8] == words(0x00F01D83)  # the magic number of the ESP32, esptool's targets/esp32.py


def test_whole_flash_is_erased(stub: StubClient) -> None:
    assert stub.status(ERASE_FLASH) == "0000"

    assert stub.flash.read(0, stub.flash.size) == b"\xff" * stub.flash.size


def test_change_baud_replies_first(stub: StubClient) -> None:
    actions = stub.actions(0x0F, words(921600, 115200))

    assert len(payloads(actions)) == 1
    assert actions[-1] == SetBaud(921600)


def test_read_past_the_end_ends_and_the_next_command_is_heard(stub: StubClient) -> None:
    stub.actions(READ_FLASH, words(stub.flash.size, 0x1000, 0x1000, 1))

    assert len(stub.frames(READ_REG, words(0x40001000))) == 1
