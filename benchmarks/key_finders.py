"""What people use to look for private keys in an image, as far as it is installed here."""

import contextlib
import importlib
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kitbench.forensics.keys.key_formats import PrivateKey

#: Where a tool points at something that may be a private key: begin and end of each hit.
Hits = list[tuple[int, int]]
Finder = Callable[[Path, PrivateKey], Hits]

_LABEL: Final = "BEGIN ([A-Z]+ )?PRIVATE KEY"
_BINWALK_HIT: Final = re.compile(rb"^(\d+)\s.*private key", re.IGNORECASE | re.MULTILINE)
_RSAKEYFIND_HIT: Final = re.compile(rb"FOUND PRIVATE KEY AT ([0-9a-f]+)", re.IGNORECASE)
_YARA_RULES: Final = r"""
rule pem { strings: $a = /-----BEGIN ([A-Z]{1,9} )?PRIVATE KEY-----[A-Za-z0-9+\/=\r\n]{64,}/ condition: $a }
rule pem_base64 { strings: $a = "PRIVATE KEY-----" base64 wide ascii condition: $a }
rule pem_xor { strings: $a = " PRIVATE KEY-----" xor(1-255) condition: $a }
rule pem_wide { strings: $a = " PRIVATE KEY-----" wide condition: $a }
rule sec1 { strings: $a = { 30 77 02 01 01 04 20 } condition: $a }
rule pkcs8_ec { strings: $a = { 02 01 00 30 13 06 07 2A 86 48 CE 3D 02 01 } condition: $a }
rule pkcs8_rsa { strings: $a = { 02 01 00 30 0D 06 09 2A 86 48 86 F7 0D 01 01 01 } condition: $a }
rule pkcs1 { strings: $a = { 30 82 0? ?? 02 01 00 02 82 0? ?? 00 } condition: $a }
"""


def peers() -> dict[str, Finder]:
    """Return the tools that are here."""
    found: dict[str, Finder] = {}
    if shutil.which("strings") and shutil.which("grep"):
        found["strings|grep"] = lambda path, _: _strings(path)
    if shutil.which("rg"):
        body = _LABEL + r"-----[A-Za-z0-9+/=\s]{64,}"
        found["rg -a"] = lambda path, _: _offsets(["rg", "-a", "-b", "-o", "-U", "--no-line-number", body, str(path)])
    elif shutil.which("grep"):
        found["grep -a"] = lambda path, _: _offsets(["grep", "-aboE", _LABEL, str(path)])
    if shutil.which("binwalk"):
        found["binwalk"] = lambda path, _: _matches(["binwalk", str(path)], _BINWALK_HIT, base=10)
    if shutil.which("rsakeyfind"):
        found["rsakeyfind"] = lambda path, _: _matches(["rsakeyfind", str(path)], _RSAKEYFIND_HIT, base=16)
    with contextlib.suppress(ImportError):
        rules = importlib.import_module("yara_x").compile(_YARA_RULES)
        found["yara-x"] = lambda path, _: _yara(rules, path)
    return found


def _yara(rules: object, path: Path) -> Hits:
    results = rules.scan(path.read_bytes())  # type: ignore[attr-defined]  # the package has no stubs
    matches = [match for rule in results.matching_rules for pattern in rule.patterns for match in pattern.matches]
    return [(match.offset, match.offset + match.length) for match in matches]


def _strings(path: Path) -> Hits:
    texts = subprocess.run(["strings", "-n", "8", "-t", "d", str(path)], capture_output=True, check=True).stdout
    lines = subprocess.run(["grep", "-E", _LABEL], input=texts, capture_output=True, check=False).stdout.splitlines()
    rows = [line.strip().split(b" ", 1) for line in lines]
    return [(int(offset), int(offset) + len(text)) for offset, text in rows]


def _offsets(command: list[str]) -> Hits:
    """Return the hits of a tool that writes offset, colon and match."""
    lines = subprocess.run(command, capture_output=True, check=False).stdout.splitlines()
    found = (re.match(rb"(\d+):(.*BEGIN.*)", line, re.DOTALL) for line in lines)
    return [(int(hit[1]), int(hit[1]) + len(hit[2])) for hit in found if hit]


def _matches(command: list[str], pattern: re.Pattern[bytes], *, base: int) -> Hits:
    answer = subprocess.run(command, capture_output=True, check=False).stdout
    offsets = [int(match[1], base) for match in pattern.finditer(answer)]
    return [(offset, offset + 1) for offset in offsets]
