"""What the server of an `rfc2217://` port says that it is: RFC 2217's SIGNATURE, asked without touching the kit."""

import socket
import time
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from kitbench.kit.url_handlers.protocol_rfc2217 import TelnetSplitter

#: IAC WILL COM-PORT-OPTION, and IAC SB COM-PORT-OPTION SIGNATURE IAC SE with no text: what are you?
_ASK: Final = bytes([255, 251, 44, 255, 250, 44, 0, 255, 240])
#: A server's answer: the option, and the command's number plus 100.
_ANSWER: Final = bytes([44, 100])
_ANSWERS_WITHIN_S: Final = 3.0
_MOST_BYTES: Final = 4096


def signature_of(port: str) -> str:
    """Return the signature, "" where nobody answers, or the port is none of RFC 2217."""
    parts = urlsplit(port)
    if parts.scheme != "rfc2217":
        return ""
    splitter, seen, end = TelnetSplitter(), 0, time.monotonic() + _ANSWERS_WITHIN_S
    with (
        suppress(OSError),
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=_ANSWERS_WITHIN_S) as line,
    ):
        line.sendall(_ASK)
        while seen < _MOST_BYTES and (left := end - time.monotonic()) > 0:
            line.settimeout(left)
            received = line.recv(_MOST_BYTES)
            if not received:
                break
            seen += len(received)
            splitter.feed(received)
            for said in splitter.subnegotiations:
                if said.startswith(_ANSWER):
                    return said[len(_ANSWER) :].decode("ascii", "replace")
    return ""
