"""The files of a submission, one function each: read within limits, every defect an error that names the file.

They are called in a confined process (`reading_child`), as every one of them could be made to take hours or gigabytes.
"""

import contextlib
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kitbench.errors import Fault, KitError
from kitbench.host_name import without_trimmings

from ..evidence import without_private_keys
from ..judgement import MISSING, Problem, one_line
from ..variant import Variant
from .certificate_file import HandedInCertificate, certificates_in
from .dump_lab import DumpLab
from .layout import ANSWERS_FILE, CERTIFICATE_FILE, FLASH_SIZES
from .text_file import decoded
from .traits import Traits

__all__ = ["ANSWERS_FILE", "CERTIFICATE_FILE"]

LARGEST_TEXT: Final = 256 << 10
#: Where a project's settings stand, the one that wins first; the last two are what editors make of the name.
_SDKCONFIGS: Final = (
    *("sdkconfig", "sdkconfig.defaults.esp32", "sdkconfig.defaults", "sdkconfig.old", "sdkconfig.esp32dev"),
    *("sdkconfig.txt", "sdkconfig.defaults.txt"),
)
_MOST_KEYS: Final = 20
#: Characters of a host's name with all that people paste around it; the name itself has at most 253.
_LONGEST_HOST: Final = 1024
#: Texts in answers.toml, and characters in the name of one.
_MOST_ANSWERS: Final = 200
_LONGEST_NAME: Final = 200
#: Of one line of answers.toml: tomllib's time grows with the square of the dots in a key, to hours.
_MOST_DOTS: Final = 300
#: Typographic quotes, single and double, and a no-break space.
_PLAIN_QUOTES: Final = str.maketrans("\u201c\u201d\u201e\u201f\u2033\u2018\u2019\u201a\u2032\xa0", '"""""\'\'\'\' ')
_HOST_SYMBOL: Final = re.compile(
    r'[ \t]*CONFIG_(?:AWS_IOT_MQTT_HOST|MQTT_BROKER_ENDPOINT)[ \t]*=[ \t]*"([^"\n]*)"[ \t]*'
)
_PRIVATE_KEY: Final = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")
_HOST_BYTES: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-.ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class Answers:
    """answers.toml; `key_offset` is in bytes from the start of the flash, None when it was not stated."""

    endpoint: str | None
    key_offset: int | None
    written: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dump:
    """A flash dump that was handed in."""

    path: Path
    sha256: str
    carries_endpoint: bool


#: Of a submission that was made otherwise than by reading one.
_NOT_READ: Final = Problem(Fault.BENCH, "validate", "it was not read")


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in, read.

    Attributes:
        certificate: a PEM file with the one certificate that counts, made from what was handed in.
        traits: what tells it from other hand-ins; empty where that could not be read.
        rule: what rule.json says, as `kitbench.rule_and_table` reads it; `table` the same of table.json.
        lab: what the lab on dumps asks of flash.bin and altered.bin.
        notes: remarks for the page that cost nothing: what was left out, guessed, or should not be there.
        unread: what is packed in a way that is not read here, and why: it may hold what is missing; "" for nothing.
    """

    folder: Path
    answers: Answers | Problem
    certificate_sha256: str | Problem
    sdkconfig_endpoint: str | Problem
    projects: Mapping[Variant, Path]
    dumps: Mapping[Variant, Dump | Problem]
    notes: tuple[str, ...] = ()
    certificate: Path | None = None
    traits: Traits = field(default_factory=Traits)
    rule: str | Problem = _NOT_READ
    table: str | Problem = _NOT_READ
    unread: str = ""
    lab: DumpLab | Problem = _NOT_READ


def parse_answers(text: str) -> Answers:
    """Return the answers in a text.

    Raises:
        KitError: it is not TOML, or a value has the wrong type.
    """
    # Only what ends a line for TOML: with U+2028 between, `splitlines` would see many short ones.
    if any(line.count(".") > _MOST_DOTS for line in text.split("\n")):
        raise KitError(f"{ANSWERS_FILE} has a line with more than {_MOST_DOTS} dots", stage="validate")
    table = _table(text)
    endpoint = table.get("endpoint")
    if endpoint is not None and not isinstance(endpoint, str):
        raise KitError(f"{ANSWERS_FILE}: endpoint is not a text", stage="validate")
    endpoint = None if endpoint is None else _host(endpoint, where=f"{ANSWERS_FILE}: endpoint")
    key = table.get("key", {})
    offset = _offset(key.get("offset") if isinstance(key, dict) else None)
    answers = {name: _as_text(value) for name, value in table.items() if name != "endpoint"}
    texts = {name: text for name, text in answers.items() if text is not None}
    return Answers(endpoint, offset, _written(texts))


def _as_text(value: object) -> str | None:
    """Return an answer as a text: a truth value as "yes" or "no", a number in hex, a list of texts with commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return hex(value) if abs(value) < 1 << 64 else None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return value if isinstance(value, str) else None


def _table(text: str) -> dict[str, Any]:
    """Return what the text says as TOML; where it is none, as it would be had a word processor left its quotes."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also for a number of more digits than Python reads
        plain = text.translate(_PLAIN_QUOTES)
        if plain != text:
            with contextlib.suppress(ValueError, RecursionError):
                return tomllib.loads(plain)
        raise KitError(f"{ANSWERS_FILE} is not TOML: {one_line(str(error))}", stage="validate") from error


def _written(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the written answers; one may quote the very key, which is not carried into pages and kept results."""
    if len(texts) > _MOST_ANSWERS:
        raise KitError(f"{ANSWERS_FILE} has more than {_MOST_ANSWERS} texts", stage="validate")
    if any(len(name) > _LONGEST_NAME for name in texts):
        raise KitError(f"{ANSWERS_FILE} has a key of more than {_LONGEST_NAME} characters", stage="validate")
    return {name: without_private_keys(text[:20_000].encode(errors="replace")).decode() for name, text in texts.items()}


def _host(written: str, *, where: str) -> str:
    """Return a host's name without what people paste around it."""
    if len(written) > _LONGEST_HOST:
        raise KitError(f"{where} has more than {_LONGEST_HOST} characters, which no host's name has", stage="validate")
    return without_trimmings(written)


def choose_certificate(files: Sequence[Path], *, registered: str) -> tuple[Path, HandedInCertificate]:
    """Return the certificate that counts, with its file: the registered one, else the first that is no authority's.

    Args:
        files: where to look, the likeliest first.
        registered: SHA-256 of the DER that the roster has, in lower-case hex.

    Raises:
        KitError: there is no readable certificate.
    """
    found = [(file, one) for file in files for one in certificates_in(read_head(file, LARGEST_TEXT))]
    asked_for = [(file, one) for file, one in found if file.name == CERTIFICATE_FILE]
    for file, certificate in found:
        if certificate.sha256 == registered:
            return file, certificate
    if not asked_for:
        unread = any(file.name == CERTIFICATE_FILE for file in files)
        reason = "holds no readable certificate" if unread else "is missing"
        raise KitError(f"{CERTIFICATE_FILE} {reason}", stage="validate" if unread else MISSING)
    return next((one for one in asked_for if not one[1].is_ca), asked_for[0])


def carries_host(dump: bytes, host: str) -> bool:
    """Return whether the host name stands in the dump, in any case, as a whole and not as a part of a longer one."""
    needle = host.lower().encode()
    dump = dump.lower()
    at = dump.find(needle)
    while at >= 0:
        before, after = dump[max(at - 1, 0) : at], dump[at + len(needle) : at + len(needle) + 1]
        # No neighbour at all (an end of the dump) is an end of the name, too.
        if not any(_HOST_BYTES.issuperset(neighbour) and neighbour for neighbour in (before, after)):
            return True
        at = dump.find(needle, at + 1)
    return False


def read_text(path: Path) -> tuple[str, str]:
    """Return a text file's content, and a remark on its encoding, "" where there is nothing to remark.

    Raises:
        KitError: it is too large.
    """
    content = read_head(path, LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise KitError(f"{path.name} is larger than {LARGEST_TEXT >> 10} KB", stage="validate")
    text, encoding = decoded(content)
    return text, f"{path.name} is no UTF-8, and was read as {encoding}" if encoding else ""


def read_head(path: Path, size: int) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(size)


def _offset(value: object) -> int | None:
    """Return the stated offset; a text such as "0x2a000" is taken, too."""
    if isinstance(value, str):
        try:
            value = int(value.strip()[:20], 0)
        except ValueError:
            value = -1
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < max(FLASH_SIZES):
        raise KitError(f"{ANSWERS_FILE}: [key] offset is not a flash offset such as 0x2a000", stage="validate")
    return value


def read_sdkconfig_endpoint(project: Path | None, elsewhere: Sequence[Path] = ()) -> tuple[str, str, str]:
    """Return the host that a project is configured for, as it is written, and the name of the file that says so.

    As in ESP-IDF, what `sdkconfig` leaves open its defaults say.

    Args:
        project: its folder.
        elsewhere: files called sdkconfig that are beside it.

    Raises:
        KitError: no file says so.
    """
    folder = Variant.EMBEDDED_KEY.project_folder
    files = [project / name for name in _SDKCONFIGS if (project / name).is_file()] if project else []
    files += [file for file in elsewhere if files == []]
    if project is None or not files:
        raise KitError(f"{folder}/sdkconfig is missing", stage=MISSING)
    for file in files:
        text, _ = read_text(file)
        # Line by line: a pattern that may skip line ends takes the square of a file of nothing else.
        lines = text.split("\n")
        hosts = [str(match[1]) for line in lines if (match := _HOST_SYMBOL.fullmatch(line.rstrip("\r")))]
        if hosts:
            # As in Kconfig, the last assignment wins.
            host = _host(hosts[-1], where=f"{folder}/{file.name}: CONFIG_AWS_IOT_MQTT_HOST")
            return host, hosts[-1], file.name if file.parent == project else f"a {file.name} beside the project"
    raise KitError(f"{folder}/{files[0].name} does not set CONFIG_AWS_IOT_MQTT_HOST", stage="validate")


def read_dump(path: Path, endpoint: str) -> Dump:
    """Return what is to be known of a flash dump.

    Raises:
        KitError: it has not the size of a flash.
    """
    size = path.stat().st_size
    if size not in FLASH_SIZES:
        raise KitError(
            f"{path.name} has {size} bytes, not those of a whole flash (1, 2, 4, 8 or 16 MB)", stage="validate"
        )
    content = path.read_bytes()
    return Dump(path, hashlib.sha256(content).hexdigest(), carries_host(content, endpoint))


def private_keys_in(projects: Iterable[Path], folder: Path) -> tuple[str, ...]:
    """Return a remark on each file with a private key, which should not have been handed in."""
    files = [path for project in projects for path in sorted(project.rglob("*")) if path.is_file()]
    holders = [path for path in files if path.stat().st_size <= LARGEST_TEXT and _PRIVATE_KEY.search(path.read_bytes())]
    names = [path.relative_to(folder).as_posix() for path in holders[:_MOST_KEYS]]
    return tuple(f"{name} holds a private key: revoke its certificate, never hand a key in" for name in names)
