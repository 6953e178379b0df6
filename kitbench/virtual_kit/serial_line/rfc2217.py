"""The server's side of RFC 2217 (serial port over telnet) as a pure state machine: bytes in, events and replies out.

Source: RFC 854 (telnet), RFC 855 (options), RFC 856 (binary), RFC 2217 (COM port control). Data pass in blocks, not
byte by byte: at 4 MB that is the difference between a second and half a minute.
"""

import re
import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

_IAC: Final = 0xFF
_IAC_BYTE: Final = b"\xff"
_DONT, _DO, _WONT, _WILL, _SB, _SE = 254, 253, 252, 251, 250, 240
_NEGOTIATIONS: Final = frozenset({_DO, _DONT, _WILL, _WONT})

_BINARY: Final = 0
_ECHO: Final = 1
_SUPPRESS_GO_AHEAD: Final = 3
_COM_PORT: Final = 44
_SUPPORTED: Final = frozenset({_BINARY, _ECHO, _SUPPRESS_GO_AHEAD, _COM_PORT})
#: What the server offers and asks for when a client comes.
_OPENING: Final = (
    (_WILL, _ECHO), (_WILL, _SUPPRESS_GO_AHEAD), (_DO, _BINARY), (_WILL, _BINARY), (_WILL, _COM_PORT), (_DO, _COM_PORT)
)  # fmt: skip

#: Data up to the next command: no IAC but doubled ones. Possessive, so that it takes linear time.
_PLAIN: Final = re.compile(rb"(?:[^\xff]++|\xff\xff)*+")
#: No subnegotiation of RFC 2217 is longer than a signature; a longer one is cut, so that memory stays bounded.
_MAX_SUBNEGOTIATION: Final = 256
_SERVER: Final = 100  # a server's code is the client's plus 100
_NO_MODEM_STATE: Final = 0


class ComPort(IntEnum):
    """Commands of the COM port option; RFC 2217, section 3."""

    SIGNATURE = 0
    SET_BAUDRATE = 1
    SET_DATASIZE = 2
    SET_PARITY = 3
    SET_STOPSIZE = 4
    SET_CONTROL = 5
    NOTIFY_LINESTATE = 6
    NOTIFY_MODEMSTATE = 7
    SET_LINESTATE_MASK = 10
    SET_MODEMSTATE_MASK = 11
    PURGE_DATA = 12


class Control(IntEnum):
    """Values of SET_CONTROL that have an effect here."""

    REQUEST_FLOW = 0
    NO_FLOW_CONTROL = 1
    REQUEST_BREAK = 4
    BREAK_OFF = 6
    REQUEST_DTR = 7
    DTR_ON = 8
    DTR_OFF = 9
    REQUEST_RTS = 10
    RTS_ON = 11
    RTS_OFF = 12


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes for UART0."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Dtr:
    """The client set DTR."""

    asserted: bool


@dataclass(frozen=True, slots=True)
class Rts:
    """The client set RTS."""

    asserted: bool


@dataclass(frozen=True, slots=True)
class Baud:
    """The client set its rate."""

    rate: int


@dataclass(frozen=True, slots=True)
class PurgeReceived:
    """The client wants what the kit sent and the server still holds to be thrown away."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Raw telnet bytes for the client, to be sent in order with the other events' effects."""

    raw: bytes


Event = Data | Dtr | Rts | Baud | PurgeReceived | Reply


@dataclass(slots=True)
class _PortState:
    """Port settings as the client last set them; RFC 2217 codes."""

    baud: int = 115200
    sizes: dict[int, int] = field(
        default_factory=lambda: {ComPort.SET_DATASIZE: 8, ComPort.SET_PARITY: 1, ComPort.SET_STOPSIZE: 1}
    )
    dtr: bool = False
    rts: bool = False


def escape(data: bytes) -> bytes:
    """Return data for the client with IAC doubled."""
    return data.replace(_IAC_BYTE, b"\xff\xff") if _IAC in data else data


class PortSession:
    """One client's session, from connection to close."""

    def __init__(self) -> None:
        self._pending = b""
        self._subnegotiation: bytearray | None = None
        self._announced = set(_OPENING)
        self._port = _PortState()
        self._has_told_modem_state = False

    def greeting(self) -> bytes:
        """Return what the server says first."""
        return b"".join(bytes([_IAC, verb, option]) for verb, option in _OPENING)

    def receive(self, data: bytes) -> list[Event]:
        """Take bytes from the client; return what follows from them, in order."""
        data, self._pending = self._pending + data, b""
        events: list[Event] = []
        position = 0
        while position < len(data):
            plain = _PLAIN.match(data, position)
            if plain is not None and plain.end() > position:
                self._plain(plain.group().replace(b"\xff\xff", _IAC_BYTE), events)
                position = plain.end()
                continue
            size = _command_size(data, position)
            if position + size > len(data):
                self._pending = data[position:]  # two bytes at most
                break
            self._command(data[position : position + size], events)
            position += size
        return events

    def _plain(self, payload: bytes, events: list[Event]) -> None:
        if self._subnegotiation is None:
            events.append(Data(payload))
        elif len(self._subnegotiation) < _MAX_SUBNEGOTIATION:
            self._subnegotiation += payload[:_MAX_SUBNEGOTIATION]

    def _command(self, command: bytes, events: list[Event]) -> None:
        verb = command[1]
        if verb in _NEGOTIATIONS:
            self._negotiate(verb, command[2], events)
        elif verb == _SB:
            self._subnegotiation = bytearray()
        elif verb == _SE and self._subnegotiation is not None:
            body, self._subnegotiation = bytes(self._subnegotiation), None
            if len(body) >= 2 and body[0] == _COM_PORT:
                self._com_port(body[1], body[2:], events)

    def _negotiate(self, verb: int, option: int, events: list[Event]) -> None:
        """Answer an option once: agreeing where it is supported, refusing where it is not, silent on refusals."""
        if verb not in {_DO, _WILL}:
            return
        agree, refuse = (_WILL, _WONT) if verb == _DO else (_DO, _DONT)
        answer = (agree if option in _SUPPORTED else refuse, option)
        if answer not in self._announced:
            self._announced.add(answer)
            events.append(Reply(bytes([_IAC, *answer])))
        if option == _COM_PORT:
            self._tell_modem_state(events)

    def _tell_modem_state(self, events: list[Event]) -> None:
        """Announce the modem lines as soon as the client is known to speak RFC 2217, once.

        pyserial's client, having seen the greeting, takes the option for agreed and never asks for it: its first
        command is then the first sign.
        """
        if not self._has_told_modem_state:
            self._has_told_modem_state = True
            events.append(_notify(ComPort.NOTIFY_MODEMSTATE, bytes([_NO_MODEM_STATE])))

    def _com_port(self, command: int, value: bytes, events: list[Event]) -> None:
        self._tell_modem_state(events)
        match command:
            case ComPort.SIGNATURE:
                events.append(_notify(command, b"kitbench virtual kit"))
            case ComPort.SET_BAUDRATE:
                self._set_baud(value, events)
            case ComPort.SET_DATASIZE | ComPort.SET_PARITY | ComPort.SET_STOPSIZE:
                if value[:1].strip(b"\0"):
                    self._port.sizes[command] = value[0]
                events.append(_notify(command, bytes([self._port.sizes[command]])))
            case ComPort.SET_CONTROL:
                self._control(value[:1], events)
            case ComPort.NOTIFY_LINESTATE | ComPort.NOTIFY_MODEMSTATE:
                events.append(_notify(command, bytes([_NO_MODEM_STATE])))
            case ComPort.SET_LINESTATE_MASK | ComPort.SET_MODEMSTATE_MASK:
                events.append(_notify(command, value[:1]))
            case ComPort.PURGE_DATA:
                if value[:1] in {b"\x01", b"\x03"}:
                    events.append(PurgeReceived())
                events.append(_notify(command, value[:1]))
            case _:
                pass  # suspend and resume: the server's buffers are large enough

    def _set_baud(self, value: bytes, events: list[Event]) -> None:
        if len(value) < 4:
            return
        (rate,) = struct.unpack("!I", value[:4])
        if rate:
            self._port.baud = rate
            events.append(Baud(rate))
        events.append(_notify(ComPort.SET_BAUDRATE, struct.pack("!I", self._port.baud)))

    def _control(self, value: bytes, events: list[Event]) -> None:
        """Set or tell a control line; values without an effect here are confirmed as they came."""
        if not value:
            return
        answer = value[0]
        match answer:
            case Control.DTR_ON | Control.DTR_OFF:
                self._port.dtr = answer == Control.DTR_ON
                events.append(Dtr(self._port.dtr))
            case Control.RTS_ON | Control.RTS_OFF:
                self._port.rts = answer == Control.RTS_ON
                events.append(Rts(self._port.rts))
            case Control.REQUEST_FLOW:
                answer = Control.NO_FLOW_CONTROL
            case Control.REQUEST_BREAK:
                answer = Control.BREAK_OFF
            case Control.REQUEST_DTR:
                answer = Control.DTR_ON if self._port.dtr else Control.DTR_OFF
            case Control.REQUEST_RTS:
                answer = Control.RTS_ON if self._port.rts else Control.RTS_OFF
            case _:
                pass
        events.append(_notify(ComPort.SET_CONTROL, bytes([answer])))


def _command_size(data: bytes, mark: int) -> int:
    """Return how many bytes the telnet command at `mark` has; more than there are when it is not complete."""
    if mark + 1 >= len(data):
        return 2
    return 3 if data[mark + 1] in _NEGOTIATIONS else 2


def _notify(command: int, value: bytes) -> Reply:
    body = bytes([command + _SERVER]) + escape(value)
    return Reply(bytes([_IAC, _SB, _COM_PORT]) + body + bytes([_IAC, _SE]))
