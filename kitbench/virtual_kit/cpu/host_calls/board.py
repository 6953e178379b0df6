"""Pins, I2C and the ADC, as far as parts are wired to them."""

from typing import Final

from kitbench.virtual_kit.board.i2c_bus import NotAcknowledgedError
from kitbench.virtual_kit.cpu.machine import Machine
from kitbench.virtual_kit.cpu.wasm_calls import HostCall

_MOST_SCRIPT: Final = 4096
_NOT_ACKNOWLEDGED: Final = -1
_BAD_SCRIPT: Final = -2
_OPEN: Final = -1
#: A pin that is high for the whole time.
_WHOLE: Final = 1_000_000


def host_calls(machine: Machine) -> dict[str, HostCall]:
    """Return this group's calls; the table's clocks start over with the app."""
    table = machine.peripherals.table
    table.begin()
    machine.on_stop.append(table.begin)

    def transfer(sda: int, scl: int, script: int, size: int, answer: int, room: int) -> int:  # noqa: PLR0913, PLR0917 - a C interface
        if not 0 < size <= _MOST_SCRIPT:
            return _BAD_SCRIPT
        try:
            read = table.transfer((sda, scl), machine.memory.read(script, size), machine.clock.now_us())
        except NotAcknowledgedError:
            return _NOT_ACKNOWLEDGED
        except ValueError:
            return _BAD_SCRIPT
        if read and room > 0:
            machine.memory.write(answer, read[:room])
        return len(read)

    def drive(pin: int, high: int, frequency: int) -> None:
        table.drive(pin, None if high < 0 else min(high, _WHOLE) / _WHOLE, frequency)

    def answer(pin: int, low_us: int, durations: int, room: int) -> int:
        levels = table.answer(pin, low_us, machine.clock.now_us())[: max(room, 0)]
        machine.memory.write(durations, b"".join(level.to_bytes(2, "little") for level in levels))
        return len(levels)

    def millivolts(pin: int) -> int:
        voltage = table.voltage(pin)
        return _OPEN if voltage is None else round(voltage * 1000)

    return {
        "kit_i2c": HostCall("iiiiii", "i", transfer),
        "kit_lamp_pins": HostCall("", "I", lambda: sum(1 << pin for pin in table.lamp_pins)),
        "kit_wire_pins": HostCall("", "I", lambda: sum(1 << pin for pin in table.wire_pins)),
        "kit_lamp": HostCall("iii", "", drive),
        "kit_wire": HostCall("iiii", "i", answer),
        "kit_millivolts": HostCall("i", "i", millivolts),
    }
