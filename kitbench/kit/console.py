"""The provisioning console of the `atecc608a` firmware: a line protocol with a checksum, over UART0.

A request is `KB1 <words> *<crc>` and a newline; the reply is `KB1 OK[ <words>] *<crc>` or
`KB1 ERR <what> <status> *<crc>`, where the checksum is the CRC-32 (zlib) of everything up to and including the blank
before `*`, as 8 lower-case hex digits.
"""

import re
import zlib
from dataclasses import dataclass
from typing import Final, Protocol

from kitbench.errors import KitError

PREFIX: Final = "KB1"
REPLY: Final = re.compile(rb"(KB1 (OK|ERR)((?: [!-~]+)*) )\*([0-9a-f]{8})")
SERIAL: Final = re.compile(r"[0-9A-Fa-f]{18}")
#: Requests whose reply has no words.
WORDLESS: Final = ("HELLO", "BOOT")
#: Whoever calls a booting kit calls again and again: so many of its empty replies to `HELLO` may come late.
STALE_LIMIT: Final = 100


class ConsoleError(KitError):
    """The console answered with an error, with nonsense, or not at all."""


class Line(Protocol):
    """Both directions of the kit's UART."""

    def write(self, data: bytes) -> None:
        """Send bytes to the kit."""

    def expect(self, pattern: "re.Pattern[bytes]", *, timeout_s: float) -> "re.Match[bytes]":
        """Return the first match in what the kit sends; raise TimeoutError."""


@dataclass(frozen=True, slots=True)
class SecureElementInfo:
    """What `INFO` says of the chip.

    Attributes:
        serial: 18 hex digits.
        revision: 8 hex digits, `00006002` or `00006003` for an ATECC608A or B.
        config_locked: the configuration zone is locked.
        data_locked: the data zone is locked.
    """

    serial: str
    revision: str
    config_locked: bool
    data_locked: bool


def frame(words: str) -> bytes:
    """Return the request line for `words`, checksum and newline included."""
    body = f"{PREFIX} {words} "
    return f"{body}*{zlib.crc32(body.encode()):08x}\n".encode()


def parse_reply(match: "re.Match[bytes]") -> list[str]:
    """Return the words of a good reply.

    Raises:
        ConsoleError: the checksum is wrong, or the reply is `ERR`.
    """
    body, kind, words, crc = match.groups()
    if zlib.crc32(body) != int(crc, 16):
        raise ConsoleError("reply with a wrong checksum", stage="console", fix="check the serial line")
    parts = words.decode().split()
    if kind == b"ERR":
        raise ConsoleError(f"the firmware answered {' '.join(parts)!r}", stage="console")
    return parts


class Console:
    """The console's commands; every reply is checked, every wait bounded."""

    def __init__(self, line: Line, *, timeout_s: float = 10.0) -> None:
        self._line = line
        self._timeout_s = timeout_s

    def request(self, words: str) -> list[str]:
        """Send a request; return the words of its reply."""
        verb = words.split(maxsplit=1)[0]
        self._line.write(frame(words))
        for _ in range(STALE_LIMIT):
            try:
                match = self._line.expect(REPLY, timeout_s=self._timeout_s)
            except TimeoutError as error:
                raise ConsoleError(f"no reply to {verb} within {self._timeout_s:g} s", stage="console") from error
            reply = parse_reply(match)
            if reply or verb in WORDLESS:
                return reply
        raise ConsoleError(f"the reply to {verb} is empty", stage="console")

    def info(self) -> SecureElementInfo:
        """Ask who the chip is; changes nothing."""
        reply = self.request("INFO")
        if len(reply) != 4:
            raise ConsoleError(f"the reply to INFO has {len(reply)} words, expected 4", stage="console")
        serial, revision, config_locked, data_locked = reply
        if not SERIAL.fullmatch(serial):
            raise ConsoleError(f"the reply to INFO holds no serial number: {serial[:40]!r}", stage="console")
        return SecureElementInfo(serial, revision, config_locked == "1", data_locked == "1")

    def configuration(self) -> bytes:
        """Return the 128 bytes of the configuration zone."""
        return self._bytes("CONFIG")

    def public_key(self) -> bytes:
        """Return X‖Y (64 bytes) of the key in slot 0, computed by the chip from the private key itself."""
        return self._bytes("PUB 0")

    def read_attempt(self) -> int:
        """Let the chip try to read slot 0; return CryptoAuthLib's status, 0 being a success that must not be."""
        return int.from_bytes(self._bytes("READ 0"), "big")

    def signing_request(self, common_name: str) -> bytes:
        """Return a CSR (DER) for slot 0's key, signed by the chip."""
        return self._bytes(f"CSR 0 {common_name}")

    def sign(self, label: str, nonce: bytes) -> bytes:
        """Return r‖s (64 bytes) over SHA-256(label ‖ nonce ‖ serial)."""
        return self._bytes(f"SIGN 0 {label} {nonce.hex()}")

    def generate_key(self, serial: str) -> bytes:
        """Make a new key in slot 0, destroying the one in it; the chip's full serial must be given.

        Returns:
            X‖Y of the new key.
        """
        return self._bytes(f"GENKEY 0 {serial}")

    def leave(self) -> None:
        """Leave the console; the firmware goes on to connect."""
        self.request("BOOT")

    def _bytes(self, words: str) -> bytes:
        text = self.request(words)[0]
        try:
            return bytes.fromhex(text)
        except ValueError as error:
            raise ConsoleError(f"the reply to {words!r} is no hex: {text[:40]!r}", stage="console") from error
