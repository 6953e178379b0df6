"""An NVS partition with given strings in it, as `nvs_partition_gen.py` of ESP-IDF makes one. Pure."""

from collections.abc import Mapping

from kitbench.errors import UsageError
from kitbench.flash_format.nvs_store import LONGEST_KEY, PAGE_SIZE, NvsError, NvsStore

#: Namespace → key → text; ESP-IDF reads each with `nvs_get_str`.
Strings = Mapping[str, Mapping[str, str]]


class _Memory:
    """A partition in memory; programming clears bits, as in flash."""

    def __init__(self, size: int) -> None:
        self.content = bytearray(b"\xff" * size)

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, offset: int, size: int) -> bytes:
        return bytes(self.content[offset : offset + size])

    def program(self, offset: int, data: bytes) -> None:
        for index, byte in enumerate(data, offset):
            self.content[index] &= byte

    def erase(self, offset: int, size: int) -> None:
        self.content[offset : offset + size] = b"\xff" * size


def nvs_image(strings: Strings, size: int) -> bytes:
    """Return a partition of `size` bytes that holds the strings.

    Raises:
        UsageError: a name is longer than 15 bytes, or they do not fit.
    """
    names = [name for namespace, values in strings.items() for name in (namespace, *values)]
    for name in names:
        if not 0 < len(name.encode()) <= LONGEST_KEY:
            raise UsageError(f"the NVS name {name!r} has not 1 to {LONGEST_KEY} bytes", stage="identity")
    memory = _Memory(size // PAGE_SIZE * PAGE_SIZE)
    try:
        store = NvsStore(memory)
        for namespace, values in strings.items():
            number = store.namespace(namespace, create=True)
            for key, text in values.items():
                store.set_string(number, key, text.encode() + b"\0")
    except NvsError as error:
        raise UsageError(
            f"the identity does not fit into an NVS partition of {size} bytes", stage="identity"
        ) from error
    return bytes(memory.content).ljust(size, b"\xff")
