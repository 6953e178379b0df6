"""Ways to look for private keys in an image: ours, and what people use instead, as far as it is installed here."""

import contextlib
import importlib
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from kitbench.forensics.examination import examine
from kitbench.forensics.key_formats import PrivateKey
from kitbench.forensics.target import Target

#: Says how often a tool points at something that may be a private key.
Finder = Callable[[Path, PrivateKey], int]

_LABEL = r"BEGIN ([A-Z]+ )?PRIVATE KEY"
_YARA_RULES = r"""
rule pem { strings: $a = /-----BEGIN ([A-Z]{1,9} )?PRIVATE KEY-----[A-Za-z0-9+\/=\r\n]{64,}/ condition: $a }
rule pem_base64 { strings: $a = "PRIVATE KEY-----" base64 wide ascii condition: $a }
rule pem_xor { strings: $a = " PRIVATE KEY-----" xor(1-255) condition: $a }
rule pem_wide { strings: $a = " PRIVATE KEY-----" wide condition: $a }
rule sec1 { strings: $a = { 30 77 02 01 01 04 20 } condition: $a }
rule pkcs8_ec { strings: $a = { 02 01 00 30 13 06 07 2A 86 48 CE 3D 02 01 } condition: $a }
rule pkcs8_rsa { strings: $a = { 02 01 00 30 0D 06 09 2A 86 48 86 F7 0D 01 01 01 } condition: $a }
rule pkcs1 { strings: $a = { 30 82 0? ?? 02 01 00 02 82 0? ?? 00 } condition: $a }
"""


def finders() -> dict[str, Finder]:
    """Return the tools that are here, ours first."""
    found: dict[str, Finder] = {"kitbench": _kitbench}
    if shutil.which("strings") and shutil.which("grep"):
        found["strings|grep"] = lambda path, _: _lines(f"strings -n 8 {path} | grep -cE '{_LABEL}' || true")
    if shutil.which("rg"):
        found["rg -a"] = lambda path, _: _lines(f"rg -acoU '{_LABEL}-----[A-Za-z0-9+/=\\s]{{64,}}' {path} || true")
    elif shutil.which("grep"):
        found["grep -a"] = lambda path, _: _lines(f"grep -aoE '{_LABEL}' {path} | wc -l")
    if shutil.which("binwalk"):
        found["binwalk"] = lambda path, _: _matches(["binwalk", str(path)], r"private key")
    if shutil.which("rsakeyfind"):
        found["rsakeyfind"] = lambda path, _: _matches(["rsakeyfind", str(path)], r"FOUND PRIVATE KEY")
    with contextlib.suppress(ImportError):
        yara_x = importlib.import_module("yara_x")
        rules = yara_x.compile(_YARA_RULES)
        found["yara-x"] = lambda path, _: _yara(rules, path)
    return found


def _kitbench(path: Path, key: PrivateKey) -> int:
    seen = examine(path.read_bytes(), [Target(key.public_key(), "given")])
    return len(seen.sightings)


def _yara(rules: object, path: Path) -> int:
    results = rules.scan(path.read_bytes())  # type: ignore[attr-defined]  # the package has no stubs
    return sum(len(pattern.matches) for rule in results.matching_rules for pattern in rule.patterns)


def _lines(command: str) -> int:
    answer = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    return int(re.sub(r"\D", "", answer.stdout) or 0)


def _matches(command: list[str], pattern: str) -> int:
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return len(re.findall(pattern, answer.stdout, re.IGNORECASE))
