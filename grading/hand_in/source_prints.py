"""Fingerprints of C and C++ sources that survive other names, comments, layout and order of functions. Pure.

Winnowing over tokens: S. Schleimer, D. Wilkerson, A. Aiken, "Winnowing: Local Algorithms for Document Fingerprinting",
SIGMOD 2003. Names become one token, numbers and texts another each; docs/decisions/0145-likeness-of-sources.md says why
no library does it.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Final

#: Tokens of one fingerprint: shorter matches are not seen.
GRAM: Final = 14
#: Of as many neighbouring fingerprints at least one is kept: matches of GRAM + WINDOW - 1 tokens are always seen.
WINDOW: Final = 6
_TOKEN: Final = re.compile(
    # Each alternative that begins also ends, at the latest with the text: linear in its length.
    r"(?P<skip>//[^\n]*|/\*.*?(?:\*/|\Z)|\s+|\\\n)"
    r"|(?P<text>\"(?:\\.|[^\"\\\n])*+\"?|'(?:\\.|[^'\\\n])*+'?)"
    r"|(?P<number>\.?\d[\w.]*)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>.)",
    re.DOTALL,
)
#: Words that say what code does; all other names are the author's to change.
_KEPT: Final = frozenset(
    {
        *("if", "else", "for", "while", "do", "switch", "case", "default", "break", "continue", "return", "goto"),
        *("struct", "union", "enum", "typedef", "static", "const", "sizeof", "class", "namespace", "template"),
        *("define", "include", "ifdef", "ifndef", "endif"),
    }
)


def source_prints(text: str) -> frozenset[str]:
    """Return the fingerprints of a source text, as 16 hex digits each; none of one with fewer than `GRAM` tokens."""
    tokens = list(_tokens(text))
    hashes = [_hash(tokens[begin : begin + GRAM]) for begin in range(len(tokens) - GRAM + 1)]
    return frozenset(_winnowed(hashes))


def _tokens(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        word = match.group()
        if kind == "name":
            yield word if word in _KEPT else "n"
        elif kind in {"text", "number"}:
            yield kind[0] * 2
        elif kind == "sign":
            yield word


def _hash(tokens: Sequence[str]) -> str:
    return hashlib.blake2b(" ".join(tokens).encode(errors="replace"), digest_size=8).hexdigest()


def _winnowed(hashes: Sequence[str]) -> Iterator[str]:
    if hashes and len(hashes) < WINDOW:
        yield min(hashes)
    for begin in range(len(hashes) - WINDOW + 1):
        yield min(hashes[begin : begin + WINDOW])
