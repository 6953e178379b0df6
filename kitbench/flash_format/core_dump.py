"""A core dump as ESP-IDF's panic handler leaves it in flash: header, ELF with registers and stacks, checksum.

Source: ESP-IDF v5.1.4 and v5.5, components/espcoredump: esp_core_dump_types.h (versions), core_dump_elf.c (notes),
core_dump_flash.c (padding), port/xtensa/core_dump_port.c (registers); esp_hw_support's debug_helpers.c (backtrace).
Written by whoever crashed, so everything is bounded, and what does not fit is an error of one line.
"""

import hashlib
import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

ERASED: Final = 0xFFFFFFFF
EM_XTENSA: Final = 0x5E
EM_RISCV: Final = 0xF3
SEGMENT_LIMIT: Final = 1024
TASK_LIMIT: Final = 256
FRAME_LIMIT: Final = 100
TEXT_LIMIT: Final = 300

_PT_LOAD: Final = 1
_PT_NOTE: Final = 4
#: Types of notes.
_REGISTERS: Final = 1
_EXTRA_INFO: Final = 677
_PANIC_DETAILS: Final = 679
_APP_INFO: Final = 8266
#: The process id in a register note is the address of the task's control block; the registers follow this struct.
_PID_AT: Final = 24
_REGISTERS_AT: Final = 72
#: Words of `xtensa_gregset_t`: pc, …, ar[0] (return address), ar[1] (stack pointer).
_XTENSA_AR: Final = 64
#: Numbers of special registers (Xtensa ISA).
_EXCCAUSE: Final = 232
_EXCVADDR: Final = 238
#: `pcTaskName` in FreeRTOS' control block: behind stack pointer, two list items, priority and stack.
_NAME_AT: Final = 52
_NAME_SIZE: Final = 16

#: Version (major, minor) → size of the header, whether the checksum is SHA-256.
_ELF_VERSIONS: Final = {
    (1, 0): (20, False),
    (1, 1): (20, True),
    (1, 2): (24, False),
    (1, 3): (24, True),
    (1, 4): (12, True),
}

#: Xtensa ISA, table of exception causes, and those that ESP-IDF counts from 64 for panics that are no exceptions.
CAUSES: Final = {
    0: "IllegalInstruction",
    2: "InstructionFetchError",
    3: "LoadStoreError",
    6: "IntegerDivideByZero",
    9: "LoadStoreAlignment",
    20: "InstrFetchProhibited",
    28: "LoadProhibited",
    29: "StoreProhibited",
    64: "Unknown reason",
    65: "Unhandled debug exception",
    66: "Double exception",
    67: "Unhandled kernel exception",
    68: "Coprocessor exception",
    69: "Interrupt wdt timeout on CPU0",
    70: "Interrupt wdt timeout on CPU1",
    71: "Cache disabled but cached memory region accessed",
}


class CoreDumpError(ValueError):
    """There is a core dump, and it cannot be read; the message is a fragment of one line."""


@dataclass(frozen=True, slots=True)
class CoreTask:
    """A task at the time of the crash.

    Attributes:
        name: FreeRTOS' name of it, "?" where it is not readable.
        frames: code addresses, innermost first; callers' are those of the call. Empty for a broken stack.
    """

    name: str
    frames: tuple[int, ...]

    @property
    def pc(self) -> int | None:
        """Where the task was."""
        return self.frames[0] if self.frames else None


@dataclass(frozen=True, slots=True)
class CoreDump:
    """What a core dump tells.

    Attributes:
        version: such as ``"1.0"``.
        crashed: the task that ran when the panic came.
        others: all other tasks, in the order of the dump.
        cause: the exception by name, "" where there was none or it is not known.
        address: that was accessed, for exceptions that have one (EXCVADDR).
        details: what the panic handler said, "" for an exception.
        app_elf_sha256: the first hex digits of the hash of the ELF that the app was made from.
    """

    version: str
    crashed: CoreTask
    others: tuple[CoreTask, ...]
    cause: str = ""
    address: int | None = None
    details: str = ""
    app_elf_sha256: str = ""


def parse(partition: bytes) -> CoreDump | None:
    """Return the core dump in a partition of the subtype `coredump`, None where there is none.

    Raises:
        CoreDumpError: it is torn, damaged, or of a version that is not known here.
    """
    if len(partition) < 12:
        return None
    size, version = struct.unpack_from("<II", partition)
    if size in (0, ERASED):
        return None
    major, minor = version >> 8 & 0xFF, version & 0xFF
    if (major, minor) not in _ELF_VERSIONS:
        raise CoreDumpError(f"core dump of version {major}.{minor}, expected an ELF one (1.0 to 1.4)")
    header_size, is_sha256 = _ELF_VERSIONS[major, minor]
    end = size - (32 if is_sha256 else 4)
    if not header_size < end < size <= len(partition):
        raise CoreDumpError(f"core dump of {size} bytes in a partition of {len(partition)}")
    _check(partition[:end], partition[end:size], is_sha256=is_sha256)
    return _read(_Elf(partition[header_size:end]), f"{major}.{minor}")


def _check(content: bytes, checksum: bytes, *, is_sha256: bool) -> None:
    computed = hashlib.sha256(content).digest() if is_sha256 else struct.pack("<I", zlib.crc32(content))
    if computed != checksum:
        raise CoreDumpError("core dump with a wrong checksum: it was not written to its end, or it is damaged")


@dataclass(frozen=True, slots=True)
class _Note:
    kind: int
    content: bytes


class _Elf:
    """An ELF core file of 32 bits, little-endian: memory by address, and notes."""

    def __init__(self, data: bytes) -> None:
        if data[:6] != b"\x7fELF\x01\x01" or len(data) < 52:
            raise CoreDumpError("core dump without an ELF file in it")
        self.machine: int = struct.unpack_from("<H", data, 18)[0]
        start: int = struct.unpack_from("<I", data, 28)[0]
        size, count = struct.unpack_from("<HH", data, 42)
        if size != 32 or count > SEGMENT_LIMIT or start + 32 * count > len(data):
            raise CoreDumpError(f"core dump with {count} segments of {size} bytes at {start}")
        rows = [struct.unpack_from("<5I", data, start + 32 * index) for index in range(count)]
        if any(offset + length > len(data) for _, offset, _, _, length in rows):
            raise CoreDumpError("core dump with a segment beyond its end")
        if sum(length for *_, length in rows) > len(data):  # each would be a copy of its own
            raise CoreDumpError("core dump with segments over one another")
        segments = [(kind, at, data[offset : offset + length]) for kind, offset, at, _, length in rows]
        memory = sorted((at, content) for kind, at, content in segments if kind == _PT_LOAD)
        self._starts = [at for at, _ in memory]
        self._contents = [content for _, content in memory]
        self._notes = [note for kind, _, content in segments if kind == _PT_NOTE for note in _notes(content)]

    def read(self, address: int, size: int) -> bytes | None:
        """Return memory, None where the dump does not have it."""
        index = bisect_right(self._starts, address) - 1
        if index < 0:
            return None
        offset = address - self._starts[index]
        content = self._contents[index][offset : offset + size]
        return content if len(content) == size else None

    def content(self, kind: int) -> bytes:
        """Return the content of the first note of a type, nothing where there is none."""
        return next(iter(self.contents(kind)), b"")

    def contents(self, kind: int) -> list[bytes]:
        """Return the contents of all notes of a type."""
        return [note.content for note in self._notes if note.kind == kind]


def _notes(segment: bytes) -> Iterator[_Note]:
    at = 0
    while at + 12 <= len(segment):
        name_size, size, kind = struct.unpack_from("<III", segment, at)
        start = at + 12 + _aligned(name_size)
        if start + size > len(segment):
            return
        yield _Note(kind, segment[start : start + size])
        at = start + _aligned(size)


def _aligned(size: int) -> int:
    return (size + 3) & ~3


def _read(elf: _Elf, version: str) -> CoreDump:
    registers = [note for note in elf.contents(_REGISTERS)[:TASK_LIMIT] if len(note) >= _REGISTERS_AT + 12]
    if elf.machine not in (EM_XTENSA, EM_RISCV) or not registers:
        raise CoreDumpError(f"core dump of machine {elf.machine:#x} with {len(registers)} tasks")
    tasks = {_pid(note): CoreTask(_name(elf, _pid(note)), _frames(elf, note)) for note in registers}
    extra = _words(elf.content(_EXTRA_INFO))
    # The crashed task comes first, also where its control block is broken and a marker stands for it.
    crashed = extra[0] if extra and extra[0] in tasks else _pid(registers[0])
    cause, address = _exception(extra) if elf.machine == EM_XTENSA else ("", None)
    return CoreDump(
        version=version,
        crashed=tasks[crashed],
        others=tuple(task for pid, task in tasks.items() if pid != crashed),
        cause=cause,
        address=address,
        details=_text(elf.content(_PANIC_DETAILS)),
        app_elf_sha256=_text(elf.content(_APP_INFO)[4:]),
    )


def _exception(extra: tuple[int, ...]) -> tuple[str, int | None]:
    """Return the exception and the address that it was about, from pairs of register and value."""
    pairs = dict(zip(extra[1::2], extra[2::2], strict=False))
    cause = CAUSES.get(pairs.get(_EXCCAUSE, -1), "")
    return cause, pairs.get(_EXCVADDR) if cause.endswith(("Prohibited", "Alignment", "Error")) else None


def _pid(note: bytes) -> int:
    return int(struct.unpack_from("<I", note, _PID_AT)[0])


def _words(content: bytes) -> tuple[int, ...]:
    count = len(content) // 4
    return struct.unpack(f"<{count}I", content[: 4 * count])


def _text(content: bytes) -> str:
    """Return what was written for people to read, in one line of bounded length."""
    text = content.partition(b"\0")[0][:TEXT_LIMIT].decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def _name(elf: _Elf, control_block: int) -> str:
    name = (elf.read(control_block + _NAME_AT, _NAME_SIZE) or b"").partition(b"\0")[0]
    return name.decode("ascii") if name and all(0x20 <= byte < 0x7F for byte in name) else "?"


def _frames(elf: _Elf, note: bytes) -> tuple[int, ...]:
    words = _words(note[_REGISTERS_AT:])
    if elf.machine == EM_RISCV:  # pc, ra; callers' frames have no chain there
        return tuple(address for address in words[:2] if _is_code(address))
    if len(words) < _XTENSA_AR + 2:
        return ()
    return tuple(_xtensa_frames(elf, words[0], words[_XTENSA_AR], words[_XTENSA_AR + 1]))


def _xtensa_frames(elf: _Elf, pc: int, return_address: int, stack: int) -> Iterator[int]:
    """Walk the windowed ABI's base save areas: below a frame's stack pointer are its caller's a0 and a1."""
    address = pc
    for _ in range(FRAME_LIMIT):
        if not _is_code(address):
            return
        yield address
        saved = elf.read(stack - 16, 8)
        # The two upper bits of a return address say by how much the window turns; the call is 3 bytes long.
        address = (return_address & 0x3FFFFFFF | 0x40000000) - 3
        if return_address == 0 or saved is None:
            return
        return_address, above = struct.unpack("<II", saved)
        if above <= stack:  # a stack that grows is no stack
            return_address = 0
        stack = above


def _is_code(address: int) -> bool:
    """Say whether instructions can be there: ROM, IRAM and mapped flash of all ESP32 chips."""
    return 0x40000000 <= address < 0x50000000
