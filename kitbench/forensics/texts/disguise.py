"""Bytes in the forms that this folder's decoders undo: for canaries, tests and the detection matrix."""

import base64
import codecs
from collections.abc import Callable, Sequence
from typing import Final

_BASE85: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_Z85: Final = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_BASE58: Final = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _rows(data: bytes, size: int) -> Sequence[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def octal_escapes(data: bytes) -> bytes:
    """Return the data in a string of C."""
    return b"".join(b"\\%03o" % byte for byte in data)


def character_references(data: bytes) -> bytes:
    """Return the data as a page of HTML may hold it."""
    return b"".join(b"&#%d;" % byte for byte in data)


def literals(data: bytes) -> bytes:
    """Return the data as Python prints it, over several lines."""
    return b"".join(b"    b'%s'\n" % b"".join(b"\\x%02x" % byte for byte in row) for row in _rows(data, 12))


def listing(data: bytes) -> bytes:
    """Return the data in base64 with a number before each line."""
    rows = _rows(base64.b64encode(data), 64)
    return b"\n" + b"".join(b"%3d  %s\n" % (index, row) for index, row in enumerate(rows, 1))


def words(data: bytes) -> bytes:
    """Return the data as an array of 32-bit numbers, little-endian, with a comment to each line."""
    padded = data + bytes(-len(data) % 4)
    rows = _rows(padded, 16)
    numbers = [b", ".join(b"0x%08xUL" % int.from_bytes(word, "little") for word in _rows(row, 4)) for row in rows]
    return b"".join(b"    %s, // %d\n" % (row, 16 * index) for index, row in enumerate(numbers))


def columns(data: bytes) -> bytes:
    """Return the data as hexdump prints it, from a new line on: little-endian words of two bytes."""
    rows = _rows(data + bytes(len(data) % 2), 16)
    cells = [b" ".join(b"%04x" % int.from_bytes(word, "little") for word in _rows(row, 2)) for row in rows]
    return b"\n" + b"".join(b"%07x %s\n" % (16 * index, row) for index, row in enumerate(cells))


def records(data: bytes) -> bytes:
    """Return the data as Intel HEX."""
    text = b""
    for index, row in enumerate(_rows(data, 16)):
        record = bytes([len(row)]) + (16 * index).to_bytes(2) + b"\0" + row
        text += b":%s\r\n" % (record + bytes([-sum(record) & 0xFF])).hex().upper().encode()
    return text


def z85(data: bytes) -> bytes:
    """Return the data in ZeroMQ's base85, filled up to four bytes."""
    return base64.b85encode(data, pad=True).translate(bytes.maketrans(_BASE85, _Z85))


def base58(data: bytes) -> bytes:
    """Return the data as one number in the digits of Bitcoin's addresses, in quotes; zeros at its head are lost."""
    number, text = int.from_bytes(data), b""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit : digit + 1] + text
    return b'"%s"' % text


def rot13(data: bytes) -> bytes:
    """Return the text with its letters turned by thirteen."""
    return codecs.encode(data.decode("ascii"), "rot13").encode()


def backwards(data: bytes) -> bytes:
    """Return the data from its last byte to its first."""
    return data[::-1]


#: Forms of any bytes.
BYTES: Final[dict[str, Callable[[bytes], bytes]]] = {
    "octal_escapes": octal_escapes,
    "character_references": character_references,
    "literals": literals,
    "listing": listing,
    "words": words,
    "columns": columns,
    "records": records,
    "base32_small": lambda data: base64.b32encode(data).rstrip(b"=").lower(),
    "z85": z85,
}
#: Forms in which a key is told by its text or structure alone.
TEXTS: Final[dict[str, Callable[[bytes], bytes]]] = {"rot13": rot13, "backwards": backwards}
