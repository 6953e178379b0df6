"""The `atcab_*` calls of CryptoAuthLib, answered by the kit's secure element."""

from collections.abc import Callable, Sequence
from typing import Final

from kitbench.virtual_kit.atecc608a.bus import ChipBus
from kitbench.virtual_kit.atecc608a.cryptoauthlib import AtcaStatus, CryptoAuthLib
from kitbench.virtual_kit.cpu.machine import Machine
from kitbench.virtual_kit.cpu.wasm_calls import HostCall
from kitbench.virtual_kit.hardware.cpu_interface import Peripherals, SecureElementBus

_MOST_INPUT: Final = 4096
_INIT: Final = 0
_RELEASE: Final = 1
#: `enum kit_atca` of `include/kit/host.h`, in its order.
_Call = Callable[[CryptoAuthLib, Sequence[int], bytes], tuple[int, bytes]]
_CALLS: Final[tuple[_Call, ...]] = (
    lambda chip, _n, _d: chip.atcab_init(),
    lambda chip, _n, _d: chip.atcab_release(),
    lambda chip, _n, _d: chip.atcab_wakeup(),
    lambda chip, _n, _d: chip.atcab_idle(),
    lambda chip, _n, _d: chip.atcab_sleep(),
    lambda chip, _n, _d: chip.atcab_info(),
    lambda chip, _n, _d: chip.atcab_read_serial_number(),
    lambda chip, _n, _d: chip.atcab_read_config_zone(),
    lambda chip, n, _d: chip.atcab_is_locked(n[0]),
    lambda chip, n, _d: chip.atcab_is_slot_locked(n[0]),
    lambda chip, n, _d: chip.atcab_is_private(n[0]),
    lambda chip, n, _d: chip.atcab_get_pubkey(n[0]),
    lambda chip, n, _d: chip.atcab_genkey(n[0]),
    lambda chip, n, d: chip.atcab_sign(n[0], d),
    lambda chip, _n, d: chip.atcab_verify_extern(d[:32], d[32:96], d[96:]),
    lambda chip, n, _d: chip.atcab_read_zone(n[0] & 0xFF, n[0] >> 8 & 0xFF, n[0] >> 16 & 0xFF, n[0] >> 24 & 0xFF, n[1]),
    lambda chip, _n, _d: chip.atcab_random(),
    lambda chip, _n, d: chip.atcab_nonce(d),
    lambda chip, n, _d: chip.atcab_counter_read(n[0]),
    lambda chip, n, _d: chip.atcab_counter_increment(n[0]),
    lambda chip, _n, d: chip.atcab_sha(d),
)


class _Wiring:
    """Which chip the firmware's calls reach: the one on the table, or none where it asks at other pins or addresses."""

    def __init__(self, peripherals: Peripherals) -> None:
        self._peripherals = peripherals
        self._table = peripherals.table
        self._fitted = CryptoAuthLib(peripherals.secure_element or ChipBus(None))
        self._absent = CryptoAuthLib(ChipBus(None))
        self._wires, self._address = (0, 0), 0

    def chip_for(self, call: int, first: int) -> CryptoAuthLib:
        """Return the chip that a call reaches; the first argument of `atcab_init` says where the firmware looks."""
        if call == _INIT:
            self._wires, self._address = (first & 0xFF, first >> 8 & 0xFF), first >> 16 & 0xFF
        if call in {_INIT, _RELEASE}:
            _CALLS[call](self._absent, (), b"")
            return self._fitted
        return self._fitted if self.reach() is not None else self._absent

    def reach(self) -> SecureElementBus | None:
        """Return the chip's bus, None where the firmware looks elsewhere."""
        is_there = self._table.has_secure_element(self._wires, self._address)
        return self._peripherals.secure_element if is_there else None


def host_calls(machine: Machine) -> dict[str, HostCall]:
    """Return this group's calls."""
    wiring = _Wiring(machine.peripherals)
    machine.reach_secure_element = wiring.reach

    def atca(call: int, first: int, second: int, data: int, size: int, answer: int, room: int) -> int:  # noqa: PLR0913, PLR0917 - a C interface
        if not 0 <= call < len(_CALLS) or not 0 <= size <= _MOST_INPUT:
            return AtcaStatus.BAD_PARAM
        given = machine.memory.read(data, size) if size else b""
        with machine.scheduler.outside(machine.task):
            status, content = _CALLS[call](wiring.chip_for(call, first), (first, second), given)
        if content and room > 0:
            machine.memory.write(answer, content[:room])
        return int(status)

    return {"kit_atca": HostCall("iiiiiii", "i", atca)}
