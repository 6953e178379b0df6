"""UART0: the log, and what the user types."""

from kitbench.virtual_kit.cpu.machine import Machine
from kitbench.virtual_kit.cpu.wasm_calls import HostCall

#: What `kit_block` waits for until UART0 received something; `KIT_UART_RX` in `include/kit/host.h`.
UART_RX = 1


def host_calls(machine: Machine) -> dict[str, HostCall]:
    """Return this group's calls."""

    def write(address: int, size: int) -> None:
        machine.console.write(machine.memory.read(address, size))

    def read(address: int, size: int) -> int:
        machine.task.uart_feeds_seen = machine.console.feeds
        data = machine.console.take(max(size, 0))
        machine.memory.write(address, data)
        return len(data)

    def available() -> int:
        machine.task.uart_feeds_seen = machine.console.feeds
        return machine.console.available()

    return {
        "kit_uart_write": HostCall("ii", "", write),
        "kit_uart_read": HostCall("ii", "i", read),
        "kit_uart_available": HostCall("", "i", available),
    }
