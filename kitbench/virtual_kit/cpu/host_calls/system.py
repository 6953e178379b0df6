"""Identity, randomness, restart."""

import os

from kitbench.virtual_kit.cpu.machine import Machine
from kitbench.virtual_kit.cpu.wasm_calls import HostCall, TaskEndedError
from kitbench.virtual_kit.peripherals import ResetCause

_MOST_RANDOM_BYTES = 65536
_LONGEST_FEATURE = 160


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

    def lacks(address: int) -> None:
        feature = machine.memory.read_text(address, _LONGEST_FEATURE)
        machine.peripherals.lacks(feature)

    return {
        "kit_lacks": HostCall("i", "", lacks),
        "kit_restart": HostCall("", "", restart),
        "kit_random": HostCall("ii", "", random),
        "kit_mac": HostCall("i", "", mac),
        "kit_reset_reason": HostCall("", "i", lambda: int(machine.reset_reason)),
        "kit_app_offset": HostCall("", "i", lambda: machine.app_offset),
        "kit_wall_clock_us": HostCall("", "I", machine.clock.wall_us),
        "kit_flash_size": HostCall("", "i", lambda: machine.peripherals.flash.size),
        "kit_access_points": HostCall("", "i", lambda: len(machine.peripherals.access_point)),
    }
