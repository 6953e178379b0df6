"""The table of one kit: its parts as they stand, what the firmware does to them, and what people set and read.

Any thread may call it: the app's tasks, and whoever has the door.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from kitbench.board.board import FITTED, Board, Part, check_value
from kitbench.virtual_kit.board.aht import MODELS, Aht
from kitbench.virtual_kit.board.dht22 import Dht22
from kitbench.virtual_kit.board.i2c_bus import I2cBus, I2cPart, NotAcknowledgedError
from kitbench.virtual_kit.board.lamp import Lamp
from kitbench.virtual_kit.board.secure_element_wire import SecureElementWire
from kitbench.virtual_kit.hardware.cpu_interface import SecureElementBus

#: What a person sees and sets, by names.
State: TypeAlias = dict[str, str | int | float | bool]
_Wires: TypeAlias = tuple[int, int]
_NO_BUS: Final = I2cBus({})


class Table:
    """Parts and wires.

    Args:
        board: what is fitted.
        secure_element: the chip that the board's ATECC608A is; None: its place is empty.
        address: that this chip answers to, eight bits; None: the board's.
    """

    def __init__(
        self, board: Board, secure_element: SecureElementBus | None = None, *, address: int | None = None
    ) -> None:
        self.board = board
        self._lock = threading.RLock()
        self._values = {name: {FITTED: 1.0, **part.values} for name, part in board.parts.items()}
        self._lamps = {part.pins["pin"]: Lamp(part.is_active_low) for part in board.of_kind("LED")}
        self._wires = {part.pins["pin"]: self._dht22(part) for part in board.of_kind("DHT22")}
        self._ahts = {part.name: self._aht(part) for part in board.of_kind(*MODELS)}
        self._element = board.secure_element
        self._element_address = address or (self._element.address if self._element is not None else 0)
        if self._element is not None and secure_element is None:
            self._values[self._element.name][FITTED] = 0.0
        self._has_chip = secure_element is not None
        self._buses = self._connect(secure_element)

    @property
    def lamp_pins(self) -> tuple[int, ...]:
        """The pins at which somebody looks what they put out."""
        return tuple(self._lamps)

    @property
    def wire_pins(self) -> tuple[int, ...]:
        """The pins whose wire a part answers on."""
        return tuple(self._wires)

    def begin(self) -> None:
        """Note that the chip has started over: no pin drives anything, and the clock that models go by begins at 0."""
        with self._lock:
            for lamp in self._lamps.values():
                lamp.high, lamp.frequency = None, 0
            for aht in self._ahts.values():
                aht.forget_time()
            for dht in self._wires.values():
                dht.forget_time()

    def transfer(self, wires: _Wires, script: bytes, now_us: int) -> bytes:
        """Run an I2C transaction on the bus at these pins; see `I2cBus.transfer`.

        Raises:
            NotAcknowledgedError: nothing acknowledged, also because there is no bus at these pins.
            ValueError: the script is none.
        """
        with self._lock:
            return self._buses.get(wires, _NO_BUS).transfer(script, now_us)

    def voltage(self, pin: int) -> float | None:
        """Return the voltage at a pin, None where nothing is wired to it."""
        with self._lock:
            for part in self.board.of_kind("analogue"):
                if part.pins["pin"] == pin and self._is_fitted(part.name):
                    return self._values[part.name]["voltage"]
        return None

    def drive(self, pin: int, high: float | None, frequency: int) -> None:
        """Note what a pin puts out: for which part of the time it is high, or None for nothing."""
        with self._lock:
            if (lamp := self._lamps.get(pin)) is not None:
                lamp.high, lamp.frequency = high, frequency

    def answer(self, pin: int, low_us: int, now_us: int) -> tuple[int, ...]:
        """Return how the part at a pin answers to a wire that was low for so long; see `Dht22.answer`."""
        with self._lock:
            return self._wires[pin].answer(low_us, now_us) if pin in self._wires else ()

    def has_secure_element(self, wires: _Wires, address: int) -> bool:
        """Say whether the ATECC608A answers at these pins and this address of eight bits."""
        with self._lock:
            return (
                self._element is not None
                and self._has_chip
                and self._is_fitted(self._element.name)
                and wires == _bus_of(self._element)
                and address == self._element_address
            )

    def set(self, values: Mapping[str, object]) -> None:
        """Set quantities, by names such as `aht.temperature`, or `temperature` where one part alone has it.

        Raises:
            UsageError: there is no such quantity, or the part cannot have such a value; nothing is set then.
        """
        found = [(*self.board.find_quantity(name), value) for name, value in values.items()]
        checked = [(part.name, quantity, check_value(part, quantity, value)) for part, quantity, value in found]
        with self._lock:
            for name, quantity, value in checked:
                self._values[name][quantity] = value

    def state(self) -> dict[str, State]:
        """Return all parts by name: kind, pins, what they measure and show."""
        with self._lock:
            return {name: self._state(part) for name, part in self.board.parts.items()}

    def _state(self, part: Part) -> State:
        values: State = dict(self._values[part.name])
        values[FITTED] = self._is_fitted(part.name)
        shown = self._lamps[part.pins["pin"]].state() if part.kind.is_lamp and values[FITTED] else {}
        return {"kind": part.kind.name, **part.pins, **values, **shown}

    def _is_fitted(self, name: str) -> bool:
        return bool(self._values[name][FITTED])

    def _aht(self, part: Part) -> Aht:
        return Aht(MODELS[part.kind.name], self._climate(part.name), lambda: self._is_fitted(part.name))

    def _dht22(self, part: Part) -> Dht22:
        return Dht22(self._climate(part.name), lambda: self._is_fitted(part.name))

    def _climate(self, name: str) -> Callable[[], tuple[float, float]]:
        values = self._values[name]
        return lambda: (values["temperature"], values["humidity"])

    def _connect(self, secure_element: SecureElementBus | None) -> dict[_Wires, I2cBus]:
        parts: dict[_Wires, dict[int, I2cPart]] = {}
        listeners: dict[_Wires, Callable[[int], None]] = {}
        for name, sensor in self._ahts.items():
            part = self.board.parts[name]
            parts.setdefault(_bus_of(part), {})[part.address] = sensor
        if self._element is not None and secure_element is not None:
            wire, at = SecureElementWire(secure_element), _bus_of(self._element)
            parts.setdefault(at, {})[self._element_address >> 1] = wire
            listeners[at] = wire.called
        return {at: I2cBus(on_it, listeners.get(at, _ignore)) for at, on_it in parts.items()}


def _bus_of(part: Part) -> _Wires:
    return part.pins["sda"], part.pins["scl"]


def _ignore(_address: int) -> None:
    """Do nothing: no caller asked to be told of changes."""


__all__ = ["NotAcknowledgedError", "State", "Table"]
