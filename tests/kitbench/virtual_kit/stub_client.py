"""Speaks to a stub without a wire."""

import struct
from dataclasses import dataclass, field

from kitbench.flash_format.app_image import checksum
from kitbench.virtual_kit.hardware.address_space import AddressSpace
from kitbench.virtual_kit.hardware.efuse import Efuses
from kitbench.virtual_kit.hardware.flash_image import FlashImage
from kitbench.virtual_kit.hardware.spi_controller import SpiController
from kitbench.virtual_kit.loaders import slip
from kitbench.virtual_kit.loaders.flasher_stub import FlasherStub
from kitbench.virtual_kit.loaders.legacy_flasher_stub import LegacyFlasherStub
from kitbench.virtual_kit.loaders.loader_protocol import Action, Loader, Send
from tests.kitbench.virtual_kit.chip_rig import MAC, block, request, words

SYNC = bytes.fromhex("07071220") + b"\x55" * 32


@dataclass
class StubClient:
    """One stub with a flash that holds a known pattern in its first 64 KB."""

    kind: type[FlasherStub] | type[LegacyFlasherStub]
    flash: FlashImage = field(default_factory=lambda: FlashImage(bytes(range(256)) * 256))

    def __post_init__(self) -> None:
        memory = AddressSpace(Efuses(mac=MAC), SpiController(self.flash.size), strap=3)
        self.stub: Loader = self.kind(self.flash, memory)

    def actions(self, opcode: int, data: bytes = b"", *, value: int = 0) -> list[Action]:
        """Send a command; return everything that follows."""
        return self.stub.receive(request(opcode, data, checksum=value))

    def frames(self, opcode: int, data: bytes = b"", *, value: int = 0) -> list[bytes]:
        """Send a command; return the payloads of the replies."""
        return payloads(self.actions(opcode, data, value=value))

    def status(self, opcode: int, data: bytes = b"", *, value: int = 0) -> str:
        """Send a command; return the two status bytes of its one reply, in hex."""
        (reply,) = self.frames(opcode, data, value=value)
        return reply[-2:].hex()

    def data(self, opcode: int, piece: bytes, *, sequence: int = 0) -> str:
        """Send a block with its checksum; return the status."""
        return self.status(opcode, block(piece, sequence), value=checksum([piece]))

    def acknowledge(self, count: int) -> list[bytes]:
        """Send the acknowledgement of a READ_FLASH; return the payloads that follow."""
        return payloads(self.stub.receive(slip.encode(struct.pack("<I", count))))

    def begin(self, opcode: int, *, size: int, offset: int) -> str:
        """Send FLASH_BEGIN or FLASH_DEFL_BEGIN; return the status."""
        return self.status(opcode, words(size, 1, 0x4000, offset, 0))


def payloads(actions: list[Action]) -> list[bytes]:
    """Return what the actions send, unframed."""
    return slip.SlipDecoder().feed(b"".join(action.data for action in actions if isinstance(action, Send)))
