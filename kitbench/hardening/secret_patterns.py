"""Tokens and passwords by their own form, as they stand in the clear beside a key. Pure.

Each pattern is so telling that chance makes none; what has no form of its own is found by its name in NVS, or by the
file of secrets that the caller knows.
"""

import re
from collections.abc import Iterator
from typing import Final

_MOST: Final = 20
_PATTERNS: Final = (
    ("a JSON web token", re.compile(rb"(?<![\w-])eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20,1000}(?![\w-])")),
    ("a token of GitHub", re.compile(rb"(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,90})(?!\w)")),
    ("an access key of AWS", re.compile(rb"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])")),
    ("a token of Slack", re.compile(rb"(?<!\w)xox[abprs]-[A-Za-z0-9-]{20,200}")),
    ("a key of Google's API", re.compile(rb"(?<!\w)AIza[\w-]{35}(?![\w-])")),
    ("a token of a bot of Telegram", re.compile(rb"(?<!\d)\d{8,10}:AA[\w-]{33}(?![\w-])")),
    ("an address with its password", re.compile(rb"(?<!\w)[a-z][a-z0-9+]{1,10}://[^\s/:@\"'\0%{}<>]{1,64}:[^\s/:@\"'\0%{}<>]{3,64}@[\w.-]{3,253}")),
    (
        "a password in JSON",
        re.compile(rb"\"(?i:(?:wifi_?)?pass(?:word|phrase)?|psk|token|secret|api_?key)\"\s{0,4}:\s{0,4}\"[^\"\\\0%{}<>]{6,128}\""),
    ),
    ("an authorization header", re.compile(rb"(?i:authorization: (?:bearer|basic) )[\w+/=.-]{12,512}")),
)  # fmt: skip


def secrets_in(data: bytes) -> Iterator[tuple[int, str]]:
    """Yield offset and kind of each secret, never its content."""
    for what, pattern in _PATTERNS:
        for index, match in enumerate(pattern.finditer(data)):
            if index == _MOST:
                break
            yield match.start(), what
