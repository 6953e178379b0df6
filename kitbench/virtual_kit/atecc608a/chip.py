"""The chip: one command packet in, one reply packet out. No bus, no clock, no I/O."""

from collections.abc import Callable, Mapping
from typing import Final

from kitbench.virtual_kit.atecc608a import digest_commands, key_commands, memory_commands
from kitbench.virtual_kit.atecc608a.config_zone import SLOT_COUNT
from kitbench.virtual_kit.atecc608a.packet import Command, Opcode, RefusedError, Status, reply
from kitbench.virtual_kit.atecc608a.state import Sram, State

Handler = Callable[[State, Command], bytes]


def info(state: State, command: Command) -> bytes:
    """Return the revision, whether a key is usable, or the state of TempKey (data sheet, 11.10)."""
    if command.data or command.param1 > 2:
        raise RefusedError(Status.PARSE_ERROR)
    if command.param1 == 0:
        return state.config.revision
    if command.param1 == 1:
        if command.param2 >= SLOT_COUNT:
            raise RefusedError(Status.PARSE_ERROR)
        return bytes((int(command.param2 in state.keys), 0, 0, 0))
    is_valid = state.sram.temp_key is not None
    return bytes((0, is_valid << 7 | (is_valid and not state.sram.temp_key_is_random) << 4, 0, 0))


def selftest(_state: State, command: Command) -> bytes:
    """Report that every self test asked for has passed."""
    if command.data or command.param1 & 0xC0:
        raise RefusedError(Status.PARSE_ERROR)
    return bytes((Status.SUCCESS,))


HANDLERS: Final[Mapping[int, Handler]] = {
    Opcode.READ: memory_commands.read,
    Opcode.WRITE: memory_commands.write,
    Opcode.LOCK: memory_commands.lock,
    Opcode.COUNTER: memory_commands.counter,
    Opcode.UPDATE_EXTRA: memory_commands.update_extra,
    Opcode.NONCE: digest_commands.nonce,
    Opcode.RANDOM: digest_commands.random,
    Opcode.SHA: digest_commands.sha,
    Opcode.GENKEY: key_commands.genkey,
    Opcode.SIGN: key_commands.sign,
    Opcode.VERIFY: key_commands.verify,
    Opcode.ECDH: key_commands.ecdh,
    Opcode.INFO: info,
    Opcode.SELFTEST: selftest,
}

#: Typical duration of each command in milliseconds (CryptoAuthLib's table for the 608A with clock divider M0).
DURATION_MS: Final[Mapping[int, int]] = {
    Opcode.READ: 5,
    Opcode.WRITE: 45,
    Opcode.LOCK: 35,
    Opcode.COUNTER: 25,
    Opcode.UPDATE_EXTRA: 10,
    Opcode.NONCE: 20,
    Opcode.RANDOM: 23,
    Opcode.SHA: 36,
    Opcode.GENKEY: 115,
    Opcode.SIGN: 115,
    Opcode.VERIFY: 105,
    Opcode.ECDH: 75,
    Opcode.INFO: 5,
    Opcode.SELFTEST: 250,
}


class Chip:
    """An ATECC608A.

    Args:
        state: its memory.
        handlers: its commands; mutants have others.
        log: takes a line about each command that the model does not know.
    """

    def __init__(
        self,
        state: State,
        handlers: Mapping[int, Handler] = HANDLERS,
        log: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.state: Final = state
        self._handlers = handlers
        self.log = log

    def execute(self, packet: bytes) -> bytes:
        """Execute a command packet (count … CRC) and return the reply packet, whatever the packet holds."""
        try:
            command = Command.from_bytes(packet)
            handler = self._handlers.get(command.opcode)
            content = handler(self.state, command) if handler else self._unknown(command)
        except RefusedError as refusal:
            content = bytes((refusal.status,))
        return reply(content)

    def _unknown(self, command: Command) -> bytes:
        """Answer as the chip does for an opcode that it does not know."""
        self.log(f"secure element: opcode 0x{command.opcode:02x} is not modelled (docs/fidelity.md): parse error")
        return bytes((Status.PARSE_ERROR,))

    def forget(self) -> None:
        """Lose power of the SRAM: TempKey, message digest buffer and SHA context are gone."""
        self.state.sram = Sram()
