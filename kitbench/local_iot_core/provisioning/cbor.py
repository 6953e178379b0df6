"""CBOR, as far as fleet provisioning needs it: texts, numbers, bytes, lists and maps. Pure.

Source: RFC 8949. Tags, floats and simple values other than false, true and null are refused.
"""

import struct
from typing import Any, Final

#: Maps and lists within each other.
_DEPTH: Final = 16
_INDEFINITE: Final = 31
_BREAK: Final = 0xFF
_SIMPLE: Final = {20: False, 21: True, 22: None}
_WIDTHS: Final = {24: ">B", 25: ">H", 26: ">I", 27: ">Q"}


class CborError(ValueError):
    """Bytes that are no CBOR, or more than is read here; the text says why."""


def encode(value: Any) -> bytes:
    """Return the shortest CBOR of a text, whole number, bytes, truth value, None, list or map."""
    if value is None or isinstance(value, bool):
        return bytes([0xE0 | (22 if value is None else 20 + value)])
    if isinstance(value, int):
        return _head(1, -1 - value) if value < 0 else _head(0, value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return _head(3, len(text)) + text
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(encode, value))
    return _head(5, len(value)) + b"".join(encode(key) + encode(item) for key, item in value.items())


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    for info, form in _WIDTHS.items():
        if number < 1 << 8 * struct.calcsize(form):
            return bytes([kind << 5 | info]) + struct.pack(form, number)
    raise CborError("number is too large")


def decode(data: bytes) -> Any:
    """Return the value in `data`, which holds one and nothing behind it.

    Raises:
        CborError: it is no CBOR, or a kind of it that is not read here.
    """
    reader = _Reader(data)
    value = reader.value(_DEPTH)
    if reader.position != len(data):
        raise CborError("bytes are left behind the value")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def value(self, depth: int) -> Any:
        if depth == 0:
            raise CborError(f"values are nested more than {_DEPTH} deep")
        kind, info = divmod(self._take(1)[0], 32)
        if kind == 7:
            if info not in _SIMPLE:
                raise CborError(f"simple value {info} is not read here")
            return _SIMPLE[info]
        if info == _INDEFINITE:
            return self._open_ended(kind, depth)
        number = self._number(info)
        if kind in {0, 1}:
            return number if kind == 0 else -1 - number
        if kind in {2, 3}:
            return self._string(kind, number)
        if kind == 4:
            return [self.value(depth - 1) for _ in range(number)]
        if kind == 5:
            return dict(self._pair(depth) for _ in range(number))
        raise CborError("tags are not read here")

    def _open_ended(self, kind: int, depth: int) -> Any:
        """Return a value whose length is not told; a break ends it."""
        parts: list[Any] = []
        while self._peek() != _BREAK:
            parts.append(self._pair(depth) if kind == 5 else self.value(depth - 1))
        self.position += 1
        if kind in {4, 5}:
            return parts if kind == 4 else dict(parts)
        if kind not in {2, 3} or not all(isinstance(part, bytes if kind == 2 else str) for part in parts):
            raise CborError("value of open length is no string, list or map")
        return b"".join(parts) if kind == 2 else "".join(parts)

    def _pair(self, depth: int) -> tuple[str, Any]:
        key = self.value(depth - 1)
        if not isinstance(key, str):
            raise CborError("key of a map is no text")
        return key, self.value(depth - 1)

    def _string(self, kind: int, size: int) -> bytes | str:
        data = self._take(size)
        try:
            return data if kind == 2 else data.decode()
        except UnicodeDecodeError as error:
            raise CborError("text is not UTF-8") from error

    def _number(self, info: int) -> int:
        if info < 24:
            return info
        if info not in _WIDTHS:
            raise CborError(f"additional information {info} is reserved")
        form = _WIDTHS[info]
        number: int = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return number

    def _peek(self) -> int:
        if self.position >= len(self._data):
            raise CborError("data ends within a value")
        return self._data[self.position]

    def _take(self, size: int) -> bytes:
        if size > len(self._data) - self.position:
            raise CborError("data ends within a value")
        self.position += size
        return self._data[self.position - size : self.position]
