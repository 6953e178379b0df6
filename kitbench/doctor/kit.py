"""A kit from its port to its network; the doctor owns it meanwhile, so that it disturbs no run."""

from kitbench.bench.kits.kit_choice import KitChoice
from kitbench.doctor import kit_network, port, secure_element
from kitbench.doctor.check import Line, State
from kitbench.errors import BenchError
from kitbench.kit.port_lock import owned


def look_at(kit: KitChoice) -> list[Line]:
    """Return the lines of a kit; the first that fails is the last. A kit that a run owns is left alone."""
    try:
        with owned(kit.port):
            return _lines(kit)
    except BenchError as error:
        return [Line("kit", State.WARN, error.message, error.fix)]


def _lines(kit: KitChoice) -> list[Line]:
    opened = port.permission(kit.port)
    if opened.state is State.FAIL:
        return [opened]
    chip = port.chip(kit.port, expected_mac=kit.mac, expected_flash=kit.flash_size)
    if chip.state is State.FAIL:
        return [opened, chip]
    element = secure_element.secure_element(kit.port, expected_serial=kit.secure_element)
    return [opened, chip, element, *kit_network.network(kit.port)]
