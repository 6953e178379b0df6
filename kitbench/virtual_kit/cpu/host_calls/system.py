"""Identity, randomness, restart."""

import os

from kitbench.board.wifi import HANDSHAKE_TIMEOUT
from kitbench.virtual_kit.cpu.host_calls.gap_names import gap_names
from kitbench.virtual_kit.cpu.machine import Machine
from kitbench.virtual_kit.cpu.wasm_calls import HostCall, TaskEndedError
from kitbench.virtual_kit.hardware.cpu_interface import ResetCause

_MOST_RANDOM_BYTES = 65536
_LONGEST_FEATURE = 160
#: Bytes of `wifi_sta_config_t`'s fields; a name or key that fills its field has no NUL.
_SSID = 32
_PASSWORD = 64


def host_calls(machine: Machine) -> dict[str, HostCall]:
    """Return this group's calls."""

    def restart() -> None:
        machine.scheduler.stop()
        machine.peripherals.reset(ResetCause.SW_CPU)
        raise TaskEndedError

    def random(address: int, size: int) -> None:
        machine.memory.write(address, os.urandom(min(max(size, 0), _MOST_RANDOM_BYTES)))

    def mac(address: int) -> None:
        machine.memory.write(address, machine.peripherals.mac)

    def wifi_refusal(ssid: int, password: int) -> int:
        wifi = machine.peripherals.wifi
        if wifi is None:
            return 0
        name, word = (_field(machine, address, size) for address, size in ((ssid, _SSID), (password, _PASSWORD)))
        refusal = wifi.refusal(name, word)
        if refusal:
            wrong = "password" if refusal == HANDSHAKE_TIMEOUT else "name"
            machine.peripherals.log(f"wifi: wrong {wrong} for the network of the board, {wifi.ssid!r}")
        return refusal

    def wifi_name(address: int) -> int:
        name = machine.peripherals.wifi.ssid.encode() if machine.peripherals.wifi is not None else b""
        machine.memory.write(address, name.ljust(_SSID + 1, b"\0"))
        return len(name)

    def lacks(address: int) -> None:
        feature = machine.memory.read_text(address, _LONGEST_FEATURE)
        if feature in gap_names():
            machine.peripherals.lacks(feature)
        else:
            machine.peripherals.log(f"the firmware itself names a gap that no function of this kit has: {feature!r}")

    return {
        "kit_lacks": HostCall("i", "", lacks),
        "kit_restart": HostCall("", "", restart),
        "kit_random": HostCall("ii", "", random),
        "kit_mac": HostCall("i", "", mac),
        "kit_reset_reason": HostCall("", "i", lambda: int(machine.reset_reason)),
        "kit_app_offset": HostCall("", "i", lambda: machine.app_offset),
        "kit_wall_clock_us": HostCall("", "I", machine.clock.wall_us),
        "kit_flash_size": HostCall("", "i", lambda: machine.peripherals.flash.size),
        "kit_wifi_refusal": HostCall("ii", "i", wifi_refusal),
        "kit_wifi_name": HostCall("i", "i", wifi_name),
        "kit_access_points": HostCall("", "i", lambda: len(machine.peripherals.access_point)),
    }


def _field(machine: Machine, address: int, size: int) -> bytes:
    return machine.memory.read(address, size).split(b"\0")[0]
