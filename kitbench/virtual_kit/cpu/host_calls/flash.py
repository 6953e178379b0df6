"""The kit's own flash, with NOR semantics."""

from kitbench.virtual_kit.cpu.machine import Machine
from kitbench.virtual_kit.cpu.wasm_calls import HostCall

_ESP_OK = 0
_ESP_ERR_INVALID_ARG = 0x102
_ESP_ERR_INVALID_SIZE = 0x104
_SECTOR = 4096


def host_calls(machine: Machine) -> dict[str, HostCall]:
    """Return this group's calls; each returns an `esp_err_t`."""
    flash, memory = machine.peripherals.flash, machine.memory

    def fits(offset: int, size: int) -> bool:
        return offset >= 0 and size >= 0 and offset + size <= flash.size

    def read(offset: int, address: int, size: int) -> int:
        if not fits(offset, size):
            return _ESP_ERR_INVALID_SIZE
        memory.write(address, flash.read(offset, size))
        return _ESP_OK

    def write(offset: int, address: int, size: int) -> int:
        if not fits(offset, size):
            return _ESP_ERR_INVALID_SIZE
        flash.program(offset, memory.read(address, size))
        return _ESP_OK

    def erase(offset: int, size: int) -> int:
        if offset % _SECTOR or size % _SECTOR:
            return _ESP_ERR_INVALID_ARG
        if not fits(offset, size):
            return _ESP_ERR_INVALID_SIZE
        flash.erase(offset, size)
        return _ESP_OK

    return {
        "kit_flash_read": HostCall("iii", "i", read),
        "kit_flash_write": HostCall("iii", "i", write),
        "kit_flash_erase": HostCall("ii", "i", erase),
    }
