"""Takes private keys out of what a run keeps: PEM blocks of any key; the run's own, in any form that firmware prints.

The run's keys are known, so that no form has to be recognised: text is read as raw bytes, as hex digits, as base64 and
as decimal numbers, whatever stands between them, and each run of six bytes of one of a key's secret numbers goes. What
is public in a key file, its modulus say, stays. A file is read in blocks.

Limits: bytes printed one at a time between words that have digits of their own, and other encodings, are not seen.
"""

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, Protocol

import numpy as np
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from numpy.typing import NDArray

MARK: Final = b"[private key removed]"
#: Bytes of a key that must follow each other: whole digits of base64, too. One megabyte in 30,000 has some by chance.
RUN: Final = 6
BLOCK: Final = 1 << 18
#: What of a block is looked at again together with the next one: longer than any PEM block or run.
OVERLAP: Final = 1 << 14
PEM_LIMIT: Final = 8192
PEM_BEGINS: Final = re.compile(rb"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY-----")
PEM_ENDS: Final = re.compile(rb"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY-----")
DECIMAL: Final = re.compile(rb"(?<![0-9A-Za-z])-?[0-9]{1,3}(?![0-9A-Za-z])")
NONE: Final = 0xFF

Mask = NDArray[np.bool_]
Numbers = NDArray[np.uint64]


def _alphabet(*digits: bytes) -> NDArray[np.uint8]:
    """Return the value of each byte in a notation with these digits, NONE where it has none."""
    table = np.full(256, NONE, np.uint8)
    for spelling in digits:
        table[np.frombuffer(spelling, np.uint8)] = np.arange(len(spelling), dtype=np.uint8)
    return table


_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
HEX: Final = _alphabet(b"0123456789abcdef", b"0123456789ABCDEF")
BASE64: Final = _alphabet(_LETTERS + b"+/", _LETTERS + b"-_")


class Source(Protocol):
    """What is read from, such as a file."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end."""


class KeyRemoval:
    """Removes every PEM private key, and each key that it is told of in other forms, too."""

    def __init__(self) -> None:
        self._windows: Numbers = np.empty(0, np.uint64)
        self._known: set[bytes] = set()

    def know(self, keys: Iterable[bytes]) -> None:
        """Learn these private keys (PEM) by their secret numbers; one that is known costs nothing."""
        new = set(keys) - self._known
        self._known |= new
        windows = [
            int.from_bytes(text[at : at + RUN])
            for key in new
            for number in _secret_numbers(key)
            for text in (number, number[::-1])
            for at in range(len(number) - RUN + 1)
        ]
        self._windows = np.unique(np.concatenate([self._windows, np.array(windows, np.uint64)]))

    def clean(self, content: bytes) -> bytes:
        """Return the content with a mark in place of each key."""
        return b"".join(self.cleaned(io.BytesIO(content)))

    def cleaned(self, file: Source) -> Iterator[bytes]:
        """Yield the content of a file piece by piece, with a mark in place of each key, or two where pieces meet."""
        text, known = b"", np.zeros(0, np.bool_)
        while True:
            block = file.read(BLOCK)
            text += block
            mask = self._mask(text)
            mask[: len(known)] |= known
            done = len(text) - OVERLAP if block else len(text)
            if done > 0:
                yield _marked(text[:done], mask[:done])
                text, mask = text[done:], mask[done:]
            if not block:
                return
            known = mask

    def _mask(self, text: bytes) -> Mask:
        """Say of each byte whether it has to go."""
        mask = np.zeros(len(text), np.bool_)
        for begin in PEM_BEGINS.finditer(text):
            end = PEM_ENDS.search(text, begin.end(), begin.end() + PEM_LIMIT)
            mask[begin.start() : end.end() if end else begin.end() + PEM_LIMIT] = True
        if len(self._windows):
            for digits, first, last, bits in _readings(text):
                self._mark_runs(mask, digits, first, last, bits)
        return mask

    def _mark_runs(
        self, mask: Mask, digits: NDArray[np.uint8], first: NDArray[Any], last: NDArray[Any], bits: int
    ) -> None:
        """Mark runs of digits of so many bits each; digit i stands at `first[i]` to `last[i]` of the text."""
        length = 8 * RUN // bits
        count = len(digits) - length + 1
        if count <= 0:
            return
        windows = np.zeros(count, np.uint64)
        for place in range(length):
            windows = (windows << np.uint64(bits)) | digits[place : place + count]
        nearest = np.minimum(np.searchsorted(self._windows, windows), len(self._windows) - 1)
        for at in np.flatnonzero(self._windows[nearest] == windows):
            mask[first[at] : last[at + length - 1] + 1] = True


def _secret_numbers(pem: bytes) -> list[bytes]:
    """Return what is secret in a key, each number big-endian in its full length."""
    key = load_pem_private_key(pem, None)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return [key.private_numbers().private_value.to_bytes((key.key_size + 7) // 8)]
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        secret = (numbers.d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp)
        return [number.to_bytes((number.bit_length() + 7) // 8) for number in secret]
    raise ValueError(f"{type(key).__name__} is no key that a kit has")


def _readings(text: bytes) -> Iterator[tuple[NDArray[np.uint8], NDArray[Any], NDArray[Any], int]]:
    """Yield the text as digits: their values, where each begins and ends, and its bits."""
    raw = np.frombuffer(text, np.uint8)
    everywhere = np.arange(len(raw))
    yield raw, everywhere, everywhere, 8
    hexadecimal = HEX[raw]
    is_prefix = (raw[:-1] == ord("0")) & np.isin(raw[1:], (ord("x"), ord("X")))
    hexadecimal[:-1][is_prefix] = NONE
    for values, bits in ((hexadecimal, 4), (BASE64[raw], 6)):
        at = np.flatnonzero(values != NONE)
        yield values[at], at, at, bits
    found = [(int(match[0]), match.start(), match.end() - 1) for match in DECIMAL.finditer(text)]
    numbers = np.array([item for item in found if -128 <= item[0] < 256], np.int64).reshape(-1, 3)
    yield (numbers[:, 0] & 0xFF).astype(np.uint8), numbers[:, 1], numbers[:, 2], 8


def _marked(text: bytes, mask: Mask) -> bytes:
    """Return the text with each masked stretch replaced."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    pieces, kept_from = [], 0
    for begin, end in edges.reshape(-1, 2).tolist():
        pieces += [text[kept_from:begin], MARK]
        kept_from = end
    return b"".join([*pieces, text[kept_from:]])
