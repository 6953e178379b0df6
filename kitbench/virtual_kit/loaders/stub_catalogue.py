"""Knows the flasher stubs of the installed esptool, so that no other code is taken for one."""

import base64
import functools
import importlib.metadata
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.virtual_kit.hardware.address_space import AddressSpace
from kitbench.virtual_kit.hardware.flash_image import FlashImage
from kitbench.virtual_kit.loaders.flasher_stub import FlasherStub
from kitbench.virtual_kit.loaders.legacy_flasher_stub import LegacyFlasherStub
from kitbench.virtual_kit.loaders.loader_protocol import Loader

#: Folder below esptool's `targets/stub_flasher` → the model of what is there.
_MODELS: Final[dict[str, Callable[[FlashImage, AddressSpace], Loader]]] = {"2": FlasherStub, "1": LegacyFlasherStub}


@dataclass(frozen=True, slots=True)
class _Stub:
    text: bytes
    text_address: int
    entry: int
    version: str


def stub_at(entry: int, memory: AddressSpace, flash: FlashImage) -> Loader | None:
    """Return the stub that `entry` starts; None where RAM holds anything but the text of an installed stub."""
    for stub in _installed_stubs():
        if entry == stub.entry and memory.ram(stub.text_address, len(stub.text)) == stub.text:
            return _MODELS[stub.version](flash, memory)
    return None


@functools.cache
def _installed_stubs() -> tuple[_Stub, ...]:
    """Read esptool's stub files; esptool itself, which takes half a second to import, is not needed."""
    # Not by find_spec: run as a script from bin/, Python would find the script esptool.py that is beside it.
    try:
        distribution = importlib.metadata.distribution("esptool")
    except importlib.metadata.PackageNotFoundError:
        return ()
    folder = Path(str(distribution.locate_file("esptool"))) / "targets" / "stub_flasher"
    files = {version: folder / version / "esp32.json" for version in _MODELS}
    return tuple(_read(path, version) for version, path in files.items() if path.is_file())


def _read(path: Path, version: str) -> _Stub:
    fields = json.loads(path.read_text(encoding="utf-8"))
    return _Stub(base64.b64decode(fields["text"]), fields["text_start"], fields["entry"], version)
