"""SLIP framing as Espressif's loaders speak it.

Source: RFC 1055; esptool documentation, "Serial Protocol": a frame begins and ends with C0, C0 and DB are escaped.
"""

from typing import Final

_END: Final = b"\xc0"
_ESCAPE: Final = b"\xdb"
_ESCAPED_END: Final = b"\xdb\xdc"
_ESCAPED_ESCAPE: Final = b"\xdb\xdd"

#: No command comes near it (the largest carry 16 KB); a longer frame is dropped, so that memory stays bounded.
MAX_FRAME_SIZE: Final = 0x11000


def encode(payload: bytes) -> bytes:
    """Return one frame with both delimiters."""
    return _END + payload.replace(_ESCAPE, _ESCAPED_ESCAPE).replace(_END, _ESCAPED_END) + _END


class SlipDecoder:
    """Cuts a byte stream into frames; what stands between frames is ignored, as the ROM does.

    An empty frame is taken as the beginning of the next one, so that a lost delimiter costs one frame and not all.
    """

    def __init__(self) -> None:
        self._partial = bytearray()
        self._in_frame = False
        self._is_oversized = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the payloads of the frames that `data` completes; frames with wrong escapes are dropped."""
        *complete, rest = data.split(_END)
        frames: list[bytes] = []
        for piece in complete:
            self._append(piece)
            self._end_piece(frames)
        self._append(rest)
        return frames

    def _append(self, piece: bytes) -> None:
        if not self._in_frame:
            return
        if len(self._partial) + len(piece) > MAX_FRAME_SIZE:
            self._is_oversized = True
            self._partial.clear()
        elif not self._is_oversized:
            self._partial += piece

    def _end_piece(self, frames: list[bytes]) -> None:
        """A delimiter came: it opens a frame, or closes one that is not empty."""
        if not self._in_frame:
            self._in_frame = True
        elif self._partial or self._is_oversized:
            payload = None if self._is_oversized else _unescape(bytes(self._partial))
            if payload is not None:
                frames.append(payload)
            self._in_frame = self._is_oversized = False
        self._partial.clear()


def _unescape(frame: bytes) -> bytes | None:
    """Return the payload; None where an escape byte escapes nothing."""
    if _ESCAPE not in frame:
        return frame
    if frame.count(_ESCAPE) != frame.count(_ESCAPED_END) + frame.count(_ESCAPED_ESCAPE):
        return None
    return frame.replace(_ESCAPED_END, _END).replace(_ESCAPED_ESCAPE, _ESCAPE)
