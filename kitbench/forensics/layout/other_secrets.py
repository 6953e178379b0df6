"""What else a dump gives away: Wi-Fi credentials, AWS access keys, endpoints, and secrets that the caller knows of."""

import hashlib
import heapq
import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kitbench.errors import UsageError
from kitbench.firmware.elf_symbols import SymbolTable
from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.layout.finding import Finding, FindingKind
from kitbench.forensics.layout.flash_layout import FlashLayout

#: Shorter secrets would be found by chance.
SHORTEST_SECRET: Final = 6
_MAX_SECRETS: Final = 1000
#: No match, with what stands before and behind it, reaches farther from its word.
_AROUND: Final = 96
#: Findings of one kind beyond this are counted in the last one only.
_MAX_PER_RULE: Final = 20
#: Findings of all kinds beyond this are left out: they say no more.
_MAX_FINDINGS: Final = 500

HARD_CODED: Final = ("ISTG-FW-SCRT-002", "ISTG-FW-SCRT-003")
STORED: Final = ("ISTG-MEM-SCRT-001",)
_ECOSYSTEM: Final = ("ISTG-FW-INFO-003",)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that the caller knows; `value` is never shown."""

    name: str
    value: bytes

    def __repr__(self) -> str:
        return f"Secret({self.name!r})"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is looked for: every match has one of the words in it, and is looked for around these alone."""

    kind: FindingKind
    form: str
    words: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    detail: str
    istg: tuple[str, ...]
    is_shown: bool = False

    def matches(self, data: bytes) -> Iterator[re.Match[bytes]]:
        """Yield what matches, from front to back."""
        places = heapq.merge(*(_places(data, word) for word in self.words))
        for begin, end in _stretches(places):
            yield from self.pattern.finditer(data, begin, end)


RULES: Final = (
    Rule(FindingKind.SECRET, "aws_access_key", (b"AKIA", b"ASIA"),
          re.compile(rb"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])"),
          "an AWS access key id; its secret key usually stands beside it", HARD_CODED),
    Rule(FindingKind.IDENTIFIER, "aws_iot_endpoint", (b".amazonaws.com",),
          re.compile(rb"(?<![a-z0-9])[a-z0-9]{8,24}+(?:-ats)?\.iot\.[a-z0-9-]{4,24}\.amazonaws\.com(?:\.cn)?"),
          "the AWS IoT endpoint", _ECOSYSTEM, is_shown=True),
)  # fmt: skip

#: Keys of ESP-IDF's Wi-Fi driver in NVS namespace nvs.net80211 → what they hold.
_WIFI_KEYS: Final = {
    "sta.pswd": "the Wi-Fi password",
    "sta.pmk": "the Wi-Fi pairwise master key, as good as the password",
    "ap.passwd": "the password of the kit's own access point",
    "ap.pmk": "the master key of the kit's own access point",
}
_WIFI_NAMESPACE: Final = "nvs.net80211"
_TELLING_NAME: Final = re.compile(r"pass|pwd|pswd|secret|token|priv|api.?key", re.IGNORECASE)
#: What tells a kit from others without giving access, by the name of an NVS value or of a given secret.
_IDENTIFYING_NAME: Final = re.compile(r"client.?id|thing|endpoint|ssid|mqtt.?host", re.IGNORECASE)


def parse_secrets(text: bytes) -> list[Secret]:
    """Return the secrets in a TOML file: every string in it, named by its path; ``hex:…`` stands for bytes.

    A table with `wifi_ssid` and `wifi_password` gives the pairwise master key as well.

    Raises:
        UsageError: not TOML, no string in it, or a secret too short to be told from chance.
    """
    try:
        document = tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"secrets: not TOML: {error}", stage="audit") from error
    secrets = list(_strings(document, ""))
    if not secrets:
        raise UsageError("secrets: no string in the file", stage="audit")
    if len(secrets) > _MAX_SECRETS:
        raise UsageError(f"secrets: {len(secrets)} strings, at most {_MAX_SECRETS}", stage="audit")
    short = next((secret.name for secret in secrets if len(secret.value) < SHORTEST_SECRET), None)
    if short is not None:
        raise UsageError(f"secrets: {short} has fewer than {SHORTEST_SECRET} bytes", stage="audit")
    return secrets


def _strings(node: dict[str, Any], path: str) -> Iterator[Secret]:
    for key, value in node.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from _strings(value, name)
        elif isinstance(value, str) and key != "wifi_ssid":
            yield Secret(name, _bytes_of(value, name))
    ssid, password = node.get("wifi_ssid"), node.get("wifi_password")
    if isinstance(ssid, str) and isinstance(password, str):
        # IEEE 802.11i, H.4: PSK = PBKDF2(passphrase, ssid, 4096, 256 bits)
        pmk = hashlib.pbkdf2_hmac("sha1", password.encode(), ssid.encode(), 4096, 32)
        yield Secret(f"{path}.wifi_pmk" if path else "wifi_pmk", pmk)


def _bytes_of(value: str, name: str) -> bytes:
    if not value.startswith("hex:"):
        return value.encode()
    try:
        return bytes.fromhex(value[4:])
    except ValueError as error:
        raise UsageError(f"secrets: {name} is not hex", stage="audit") from error


@dataclass(frozen=True, slots=True)
class SecretSearch:
    """Searches layers of one dump for leaks other than keys."""

    dump: bytes
    layout: FlashLayout
    symbols: SymbolTable | None

    def findings(self, layers: Iterable[Layer], secrets: Sequence[Secret]) -> list[Finding]:
        """Return the leaks, ordered by offset, one per place and form."""
        found: dict[tuple[int, str], Finding] = {}
        in_layers = itertools.chain.from_iterable(self._in_layer(layer, secrets) for layer in layers)
        for source in (self._in_storage(), in_layers):
            for finding in itertools.islice(source, _MAX_FINDINGS):
                found.setdefault((finding.place.offset, finding.detail), finding)
        return sorted(found.values(), key=lambda finding: finding.place.offset)

    def _in_layer(self, layer: Layer, secrets: Sequence[Secret]) -> Iterator[Finding]:
        for rule in RULES:
            for index, match in enumerate(rule.matches(layer.data)):
                if index == _MAX_PER_RULE:
                    break
                shown = f": {match[0].decode()}" if rule.is_shown else ""
                stretch = layer.extent(*match.span())
                form = "/".join((*layer.forms, rule.form))
                yield self._finding(rule.kind, form, stretch, rule.detail + shown, rule.istg)
        for secret in secrets:
            at = layer.data.find(secret.value)
            if at >= 0:
                stretch = layer.extent(at, at + len(secret.value))
                form = "/".join((*layer.forms, "known_secret"))
                is_name = _IDENTIFYING_NAME.search(secret.name) and not _TELLING_NAME.search(secret.name)
                kind, istg = (FindingKind.IDENTIFIER, _ECOSYSTEM) if is_name else (FindingKind.SECRET, HARD_CODED)
                what = "identifier" if is_name else "secret"
                yield self._finding(kind, form, stretch, f"the {what} {secret.name!r}", istg)

    def _in_storage(self) -> Iterator[Finding]:
        for value in self.layout.values:
            if value.storage != "nvs" or not value.pieces:
                continue
            namespace, _, key = value.name.partition("/")
            detail = _WIFI_KEYS.get(key, "") if namespace == _WIFI_NAMESPACE else ""
            is_secret = bool(detail or _TELLING_NAME.search(key))
            if not is_secret and not _IDENTIFYING_NAME.search(key):
                continue
            detail = detail or f"an NVS value by the name of {value.name!r}"
            offset, size = value.pieces[0]
            kind, istg = (FindingKind.SECRET, STORED) if is_secret else (FindingKind.IDENTIFIER, _ECOSYSTEM)
            if self.dump[offset : offset + size].strip(b"\0\xff"):
                yield self._finding(kind, "nvs", (offset, offset + size), detail, istg)

    def _finding(
        self, kind: FindingKind, form: str, stretch: tuple[int, int], detail: str, istg: tuple[str, ...]
    ) -> Finding:
        begin, end = stretch
        place = self.layout.place(begin, self.symbols)
        return Finding(kind=kind, form=form, place=place, size=end - begin, detail=detail, istg=istg)


def _places(data: bytes, word: bytes) -> Iterator[int]:
    at = data.find(word)
    while at >= 0:
        yield at
        at = data.find(word, at + 1)


def _stretches(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield what is around places, which ascend; where that meets it is one stretch."""
    begin, end = 0, -1
    for place in places:
        if place - _AROUND > end:
            if end > begin:
                yield begin, end
            begin = max(0, place - _AROUND)
        end = place + _AROUND
    if end > begin:
        yield begin, end
