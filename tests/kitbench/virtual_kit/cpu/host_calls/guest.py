"""A guest without WebAssembly: memory and peripherals that host calls reach, with no CPU to make them."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from kitbench.board.wifi import Wifi
from kitbench.flash_format.partition_table import Partition, serialize
from kitbench.virtual_kit.cpu.guest_memory import GuestMemory
from kitbench.virtual_kit.cpu.machine import Machine
from kitbench.virtual_kit.cpu.rtc_memory import RtcMemory
from kitbench.virtual_kit.cpu.wasm_calls import HostCall
from kitbench.virtual_kit.hardware.flash_image import FlashImage

#: Where a text, a buffer and a word for an answer are in the guest's memory.
TEXT, BUFFER, ANSWER = 0x100, 0x400, 0x800
MAC = bytes.fromhex("240ac4000102")
NVS = Partition("nvs", 1, 2, 0x9000, 0x4000)


class _Memory:
    def __init__(self, size: int) -> None:
        self._buffer = ctypes.create_string_buffer(size)
        self.address, self.size = ctypes.addressof(self._buffer), size


@dataclass
class Guest:
    """Calls of one group by their names; texts and bytes are put into the memory for them."""

    group: Callable[[Machine], dict[str, HostCall]]
    wifi: Wifi | None = None
    table: Any = None
    memory: GuestMemory = field(default_factory=lambda: GuestMemory(_Memory(0x10000)))
    flash: FlashImage = field(default_factory=lambda: FlashImage(size=0x20000))
    log: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    resets: list[Any] = field(default_factory=list)
    machine: Any = None

    def __post_init__(self) -> None:
        self.flash.program(0x8000, serialize([NVS]))
        peripherals = SimpleNamespace(
            flash=self.flash,
            mac=MAC,
            wifi=self.wifi,
            table=self.table,
            log=self.log.append,
            lacks=self.lacks.append,
            reset=self.resets.append,
            access_point=(),
        )
        clock = SimpleNamespace(now_us=lambda: 5, wall_us=lambda: 7, real_seconds=lambda us: us / 1e6)
        scheduler = SimpleNamespace(stop=lambda: None)
        self.machine = SimpleNamespace(
            peripherals=peripherals,
            memory=self.memory,
            clock=clock,
            scheduler=scheduler,
            console=None,
            task=SimpleNamespace(panic=None, uart_feeds_seen=-1),
            reset_reason=3,
            app_offset=0x10000,
            rtc_memory=RtcMemory(),
            on_stop=[],
        )
        self.calls = self.group(cast("Machine", self.machine))

    def call(self, name: str, *arguments: int) -> int | None:
        """Make a call as firmware does: with as many numbers as it declares."""
        assert len(arguments) == len(self.calls[name].parameters)
        return self.calls[name].function(*arguments)

    def put(self, text: bytes, address: int = TEXT) -> int:
        """Write bytes and a NUL, and return where they are."""
        self.memory.write(address, text + b"\0")
        return address

    def word(self, address: int = ANSWER) -> int:
        """Return the word that a call has written."""
        return self.memory.read_words(address, 1)[0]
