"""Identity, Wi-Fi, restart, and what the kit lacks, by host calls."""

import pytest

from kitbench.board.wifi import HANDSHAKE_TIMEOUT, NO_AP_FOUND, Wifi
from kitbench.virtual_kit.cpu.guest_memory import GuestFaultError
from kitbench.virtual_kit.cpu.host_calls import system
from kitbench.virtual_kit.cpu.host_calls.gap_names import gap_names
from kitbench.virtual_kit.cpu.wasm_calls import TaskEndedError
from kitbench.virtual_kit.hardware.cpu_interface import ResetCause
from tests.kitbench.virtual_kit.cpu.host_calls.guest import BUFFER, MAC, TEXT, Guest


def test_identity() -> None:
    guest = Guest(system.host_calls)
    guest.call("kit_mac", BUFFER)

    assert guest.memory.read(BUFFER, 6) == MAC
    assert guest.call("kit_app_offset") == 0x10000
    assert guest.call("kit_reset_reason") == 3
    assert guest.call("kit_flash_size") == 0x20000


def test_random_bytes_differ_and_stay_in_memory() -> None:
    guest = Guest(system.host_calls)
    guest.call("kit_random", BUFFER, 16)
    first = guest.memory.read(BUFFER, 17)
    guest.call("kit_random", BUFFER, 16)

    assert first[:16] != guest.memory.read(BUFFER, 16)
    assert first[16] == 0
    guest.call("kit_random", BUFFER, -1)
    with pytest.raises(GuestFaultError):
        guest.call("kit_random", BUFFER, 0x7FFFFFFF)


def test_restart_ends_the_task_and_resets_the_chip() -> None:
    guest = Guest(system.host_calls)

    with pytest.raises(TaskEndedError):
        guest.call("kit_restart")
    assert guest.resets == [ResetCause.SW_CPU]


@pytest.mark.parametrize(
    ("ssid", "password", "refusal", "said"),
    [
        (b"lab", b"right password", 0, None),
        (b"lab", b"wrong password", HANDSHAKE_TIMEOUT, "wrong password"),
        (b"Lab", b"right password", NO_AP_FOUND, "wrong name"),
    ],
)
def test_network_of_the_board(ssid: bytes, password: bytes, refusal: int, said: str | None) -> None:
    guest = Guest(system.host_calls, wifi=Wifi("lab", "right password"))

    assert guest.call("kit_wifi_refusal", guest.put(ssid), guest.put(password, BUFFER)) == refusal
    assert [said in line for line in guest.log if said] == ([True] if said else [])
    assert not any("right password" in line for line in guest.log)


def test_board_without_a_network_lets_everybody_in() -> None:
    guest = Guest(system.host_calls)

    assert guest.call("kit_wifi_refusal", guest.put(b"any"), guest.put(b"thing", BUFFER)) == 0
    assert guest.call("kit_wifi_name", BUFFER) == 0


def test_only_a_shims_own_text_counts_as_a_gap() -> None:
    guest = Guest(system.host_calls)
    known = min(gap_names(), key=len)
    guest.call("kit_lacks", guest.put(known.encode()))
    guest.call("kit_lacks", guest.put(b"anything that excuses me", TEXT + 0x80))

    assert guest.lacks == [known]
    assert "anything that excuses me" in guest.log[0]
