"""Non-volatile storage on the partitions of the kit's own flash."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kitbench.flash_format import partition_table
from kitbench.flash_format.nvs_store import KEY_TOO_LONG, LONGEST_KEY, NOT_FOUND, PAGE_SIZE, NvsError, NvsStore, NvsType
from kitbench.virtual_kit.cpu.machine import Machine
from kitbench.virtual_kit.cpu.wasm_calls import HostCall
from kitbench.virtual_kit.hardware.cpu_interface import Flash

_OK: Final = 0
_NO_MEMORY: Final = 0x101
#: ESP_ERR_NOT_FOUND, which is not NVS's own: there is no such partition to initialise or erase.
_NO_PARTITION: Final = 0x105
_NOT_INITIALIZED: Final = 0x1101
_READ_ONLY: Final = 0x1104
_INVALID_HANDLE: Final = 0x1107
_INVALID_LENGTH: Final = 0x110C
_PART_NOT_FOUND: Final = 0x110F
#: NVS_TYPE_ANY.
_ANY_TYPE: Final = 0xFF
_LARGEST_VALUE: Final = 508000
#: Each takes memory on the device, too; an app that opens without end must not fill the host's.
_MOST_HANDLES: Final = 512


@dataclass(frozen=True, slots=True)
class _Partition:
    """A part of the flash; implements `nvs_store.Region`."""

    flash: Flash
    offset: int
    size: int

    def read(self, offset: int, size: int) -> bytes:
        return self.flash.read(self.offset + offset, size)

    def program(self, offset: int, data: bytes) -> None:
        self.flash.program(self.offset + offset, data)

    def erase(self, offset: int, size: int) -> None:
        self.flash.erase(self.offset + offset, size)


@dataclass(frozen=True, slots=True)
class _Handle:
    store: NvsStore
    namespace: int
    is_writable: bool


def host_calls(machine: Machine) -> dict[str, HostCall]:
    """Return this group's calls; each returns an `esp_err_t`."""
    calls = _NvsCalls(machine)
    return {
        "kit_nvs_init": HostCall("i", "i", calls.init),
        "kit_nvs_deinit": HostCall("i", "i", calls.deinit),
        "kit_nvs_erase": HostCall("i", "i", calls.erase),
        "kit_nvs_open": HostCall("iiii", "i", calls.open),
        "kit_nvs_set": HostCall("iiiii", "i", calls.set),
        "kit_nvs_get": HostCall("iiiii", "i", calls.get),
        "kit_nvs_remove": HostCall("ii", "i", calls.remove),
        "kit_nvs_commit": HostCall("i", "i", calls.commit),
        "kit_nvs_entry": HostCall("iiiii", "i", calls.entry),
        "kit_nvs_stats": HostCall("ii", "i", calls.stats),
        "kit_nvs_used": HostCall("ii", "i", calls.used),
        "kit_nvs_close": HostCall("i", "", calls.close),
    }


class _NvsCalls:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._stores: dict[str, NvsStore] = {}
        self._handles: dict[int, _Handle] = {}
        self._numbers = itertools.count(1)

    def _partition(self, label: str) -> _Partition:
        # Read anew each time: an app may write its own partition table.
        flash = self._machine.peripherals.flash
        try:
            table = partition_table.parse(flash.read(partition_table.DEFAULT_OFFSET, partition_table.TABLE_SIZE))
        except ValueError as error:
            raise NvsError(_NO_PARTITION) from error
        for entry in table.partitions:
            # Type 1 is data, its subtype 2 is NVS: ESP-IDF, "Partition Tables".
            if (entry.kind, entry.subtype, entry.name) == (1, 2, label) and entry.offset + entry.size <= flash.size:
                return _Partition(flash, entry.offset, entry.size // PAGE_SIZE * PAGE_SIZE)
        raise NvsError(_NO_PARTITION)

    def _label(self, address: int) -> str:
        return self._machine.memory.read_text(address, 17)

    def init(self, label: int) -> int:
        name = self._label(label)

        def make() -> None:
            if name not in self._stores:
                self._stores[name] = NvsStore(self._partition(name))

        return _status(make)

    def erase(self, label: int) -> int:
        def erase() -> None:
            name = self._label(label)
            partition = self._partition(name)
            # What was open is of no use any more: the app has to initialise it again, as on the device.
            self._forget_store(name)
            partition.erase(0, partition.size)

        return _status(erase)

    def deinit(self, label: int) -> int:
        """Close a partition with all its handles."""
        return _OK if self._forget_store(self._label(label)) else _NOT_INITIALIZED

    def _forget_store(self, name: str) -> bool:
        store = self._stores.pop(name, None)
        self._handles = {number: handle for number, handle in self._handles.items() if handle.store is not store}
        return store is not None

    def open(self, label: int, namespace: int, writable: int, result: int) -> int:
        def open_namespace() -> None:
            store = self._stores.get(self._label(label))
            if store is None:
                raise NvsError(_PART_NOT_FOUND if self._stores else _NOT_INITIALIZED)
            if len(self._handles) >= _MOST_HANDLES:
                raise NvsError(_NO_MEMORY)
            name = self._machine.memory.read_text(namespace, 64)
            if len(name.encode()) > LONGEST_KEY:
                raise NvsError(KEY_TOO_LONG)
            handle = _Handle(store, store.namespace(name, create=bool(writable)), bool(writable))
            number = next(self._numbers)
            self._handles[number] = handle
            self._machine.memory.write_word(result, number)

        return _status(open_namespace)

    def _handle(self, number: int, *, to_write: bool) -> _Handle:
        handle = self._handles.get(number)
        if handle is None:
            raise NvsError(_INVALID_HANDLE)
        if to_write and not handle.is_writable:
            raise NvsError(_READ_ONLY)
        return handle

    def _key(self, address: int) -> str:
        return self._machine.memory.read_text(address, 64)

    def set(self, number: int, key: int, kind: int, data: int, size: int) -> int:
        def store_value() -> None:
            handle, name = self._handle(number, to_write=True), self._key(key)
            value = self._machine.memory.read(data, min(max(size, 0), _LARGEST_VALUE)) if size else b""
            if kind == NvsType.STRING:
                handle.store.set_string(handle.namespace, name, value)
            elif kind == NvsType.BLOB_DATA:
                handle.store.set_blob(handle.namespace, name, value)
            else:
                handle.store.set_number(handle.namespace, kind, name, value[:8])

        return _status(store_value)

    def get(self, number: int, key: int, kind: int, data: int, size: int) -> int:
        """Numbers: `size` bytes go to `data`. Others: the word at `size` is the room, and becomes the length."""

        def fetch() -> None:
            handle, name = self._handle(number, to_write=False), self._key(key)
            value = handle.store.get(handle.namespace, kind, name)
            memory = self._machine.memory
            if kind not in (NvsType.STRING, NvsType.BLOB_DATA):
                memory.write(data, value[:size])
                return
            if size == 0:
                raise NvsError(_INVALID_LENGTH)
            (room,) = memory.read_words(size, 1)
            memory.write_word(size, len(value))
            if data == 0:
                return
            if room < len(value):
                raise NvsError(_INVALID_LENGTH)
            memory.write(data, value)

        return _status(fetch)

    def remove(self, number: int, key: int) -> int:
        def remove() -> None:
            handle = self._handle(number, to_write=True)
            if key:
                handle.store.erase_key(handle.namespace, self._key(key))
            else:
                handle.store.erase_all(handle.namespace)

        return _status(remove)

    def commit(self, number: int) -> int:
        """Every change is in flash at once, as in ESP-IDF: this only looks at the handle."""
        return _OK if number in self._handles else _INVALID_HANDLE

    def entry(self, label: int, namespace: int, kind: int, index: int, info: int) -> int:
        """Write an entry as `nvs_entry_info_t`: 16 bytes of namespace, 16 of key, its type."""

        def write() -> None:
            wanted = self._machine.memory.read_text(namespace, LONGEST_KEY + 1)
            found = [
                item
                for item in self._store(label).entries()
                if wanted in {"", item[0]} and kind in {_ANY_TYPE, item[2]}
            ]
            if not 0 <= index < len(found):
                raise NvsError(NOT_FOUND)
            space, key, type_ = found[index]
            names = b"".join(name.encode()[:LONGEST_KEY].ljust(16, b"\0") for name in (space, key))
            self._machine.memory.write(info, names + type_.to_bytes(4, "little"))

        return _status(write)

    def stats(self, label: int, result: int) -> int:
        """Write used, free and all entries, and the number of namespaces."""

        def write() -> None:
            store = self._store(label)
            used, total = store.used_count(), store.total_count
            for place, value in enumerate((used, total - used, total, store.namespace_count)):
                self._machine.memory.write_word(result + 4 * place, value)

        return _status(write)

    def used(self, number: int, result: int) -> int:
        def write() -> None:
            handle = self._handle(number, to_write=False)
            self._machine.memory.write_word(result, handle.store.used_count(handle.namespace))

        return _status(write)

    def _store(self, label: int) -> NvsStore:
        store = self._stores.get(self._label(label))
        if store is None:
            raise NvsError(_NOT_INITIALIZED)
        return store

    def close(self, number: int) -> None:
        self._handles.pop(number, None)


def _status(action: Callable[[], None]) -> int:
    try:
        action()
    except NvsError as error:
        return error.code
    return _OK
