"""Core dumps as ESP-IDF's panic handler writes them, made for tests: the layout is that of core_dump_elf.c."""

import hashlib
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

XTENSA = 0x5E
HEADER_SIZES = {(1, 0): 20, (1, 1): 20, (1, 2): 24, (1, 3): 24, (1, 4): 12}


@dataclass(frozen=True)
class Task:
    """A task: name, control block, and its calls, innermost first, each a return address but for the first."""

    name: bytes
    control_block: int
    calls: Sequence[int]
    stack: int = 0x3FFB0000


@dataclass(frozen=True)
class Sample:
    """What goes into a core dump; the first task is the crashed one."""

    tasks: Sequence[Task]
    version: tuple[int, int] = (1, 0)
    machine: int = XTENSA
    crashed: int | None = None
    cause: int = 29
    address: int = 0
    details: bytes = b""
    app: bytes = b"47e46de0f"
    extra_segments: Sequence[tuple[int, int, bytes]] = field(default=())

    def partition(self, size: int = 0x10000) -> bytes:
        """Return the partition with the core dump in it."""
        elf = self.elf()
        is_sha256 = self.version in {(1, 1), (1, 3), (1, 4)}
        header_size = HEADER_SIZES[self.version]
        padding = -(header_size + len(elf)) % 32
        total = header_size + len(elf) + padding + (32 if is_sha256 else 4)
        number = self.version[0] << 8 | self.version[1]
        content = struct.pack("<II", total, number).ljust(header_size, b"\0") + elf + bytes(padding)
        checksum = hashlib.sha256(content).digest() if is_sha256 else struct.pack("<I", zlib.crc32(content))
        return (content + checksum).ljust(size, b"\xff")

    def elf(self) -> bytes:
        """Return the ELF core file."""
        registers = b"".join(note(b"CORE", 1, self.registers(task)) for task in self.tasks)
        crashed = self.tasks[0].control_block if self.crashed is None else self.crashed
        extra = struct.pack("<5I", crashed, 232, self.cause, 238, self.address)
        info = note(b"ESP_CORE_DUMP_INFO", 8266, struct.pack("<I", 0x100) + self.app.ljust(66, b"\0"))
        info += note(b"ESP_EXTRA_INFO", 677, extra)
        info += note(b"ESP_PANIC_DETAILS", 679, self.details) if self.details else b""
        segments = [(4, 0, registers)]
        for task in self.tasks:
            segments += [(1, task.control_block, control_block(task)), (1, task.stack, stack(task))]
        segments += [*self.extra_segments, (4, 0, info)]
        header = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")
        header += struct.pack("<HHIIIIIHHHHHH", 4, self.machine, 1, 0, 52, 0, 0, 52, 32, len(segments), 40, 0, 0)
        at, rows = 52 + 32 * len(segments), b""
        for kind, address, content in segments:
            rows += struct.pack("<8I", kind, at, address, address, len(content), len(content), 6, 0)
            at += len(content)
        return header + rows + b"".join(content for _, _, content in segments)

    def registers(self, task: Task) -> bytes:
        """Return the note of a task's registers."""
        words = [0] * 129
        words[0] = task.calls[0]
        if self.machine == XTENSA:
            words[64:66] = [task.calls[1] if len(task.calls) > 1 else 0, task.stack + 16]
        else:
            words[1] = task.calls[1] if len(task.calls) > 1 else 0
        return bytes(24) + struct.pack("<I", task.control_block) + bytes(44) + struct.pack("<129I", *words)


def note(name: bytes, kind: int, content: bytes) -> bytes:
    """Return an ELF note, name and content padded to words."""
    name = (name + b"\0").ljust(-(-(len(name) + 1) // 4) * 4, b"\0")
    return struct.pack("<III", len(name), len(content), kind) + name + content + bytes(-len(content) % 4)


def control_block(task: Task) -> bytes:
    """Return FreeRTOS' control block with the task's name in it."""
    return (bytes(52) + task.name.ljust(16, b"\0")).ljust(340, b"\0")


def stack(task: Task) -> bytes:
    """Return a stack of frames of 32 bytes: in each base save area the caller's return address and stack pointer."""
    words = b""
    for index in range(2, len(task.calls) + 1):
        caller = task.calls[index] if index < len(task.calls) else 0
        words += struct.pack("<II", caller, task.stack + 16 + 32 * (index - 1)) + bytes(24)
    return words + bytes(64)
