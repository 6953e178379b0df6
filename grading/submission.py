"""One submission as it was handed in: every file read within limits, every defect a value that names the file."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kitbench.errors import Fault, KitError

from .judgement import Problem, one_line
from .variant import Variant

_T = TypeVar("_T")

ANSWERS_FILE: Final = "answers.toml"
CERTIFICATE_FILE: Final = "certificate.pem.crt"
LARGEST_TEXT: Final = 256 << 10
#: Of one line of answers.toml: tomllib's time grows with the square of the dots in a key, to hours.
_MOST_DOTS: Final = 300
#: Sizes of the flash chips that ESP32 modules carry, in bytes.
FLASH_SIZES: Final = tuple(megabytes << 20 for megabytes in (1, 2, 4, 8, 16))
_HOST_SYMBOL: Final = re.compile(r'[ \t]*CONFIG_AWS_IOT_MQTT_HOST[ \t]*=[ \t]*"([^"\n]*)"[ \t]*')
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


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in, read; `notes` are remarks for the page that cost nothing."""

    folder: Path
    answers: Answers | Problem
    certificate_sha256: str | Problem
    sdkconfig_endpoint: str | Problem
    projects: Mapping[Variant, Path]
    dumps: Mapping[Variant, Dump | Problem]
    notes: tuple[str, ...] = ()


def read_submission(folder: Path, *, endpoint: str) -> Submission:
    """Return what lies in an unpacked submission; `endpoint` is what the dumps are searched for."""
    projects = {
        variant: folder / variant.project_folder for variant in Variant if (folder / variant.project_folder).is_dir()
    }
    return Submission(
        folder=folder,
        answers=_or_problem(lambda: parse_answers(_read_text(folder / ANSWERS_FILE))),
        certificate_sha256=_or_problem(lambda: certificate_sha256(_read_text(folder / CERTIFICATE_FILE))),
        sdkconfig_endpoint=_or_problem(lambda: _sdkconfig_endpoint(folder)),
        projects=projects,
        dumps={
            variant: _or_problem(partial(_read_dump, folder / variant.dump_file, endpoint))
            for variant in Variant
            if variant is Variant.EMBEDDED_KEY or (folder / variant.dump_file).exists()
        },
        notes=_notes(folder),
    )


def parse_answers(text: str) -> Answers:
    """Return the answers in a text.

    Raises:
        KitError: it is not TOML, or a value has the wrong type.
    """
    # Only what ends a line for TOML: with U+2028 between, `splitlines` would see many short ones.
    if any(line.count(".") > _MOST_DOTS for line in text.split("\n")):
        raise KitError(f"{ANSWERS_FILE} has a line with more than {_MOST_DOTS} dots", stage="validate")
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also for a number of more digits than Python reads
        raise KitError(f"{ANSWERS_FILE} is not TOML: {one_line(str(error))}", stage="validate") from error
    endpoint = table.get("endpoint")
    if endpoint is not None and not isinstance(endpoint, str):
        raise KitError(f"{ANSWERS_FILE}: endpoint is not a text", stage="validate")
    key = table.get("key", {})
    written = {name: value[:20_000] for name, value in table.items() if isinstance(value, str) and name != "endpoint"}
    return Answers(
        endpoint=None if endpoint is None else endpoint.strip().lower().rstrip("."),
        key_offset=_offset(key.get("offset") if isinstance(key, dict) else None),
        written=written,
    )


def certificate_sha256(text: str) -> str:
    """Return the SHA-256 of the DER of a PEM file's first certificate, in lower-case hex.

    Raises:
        KitError: there is no readable certificate in it.
    """
    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
        return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    except Exception as error:  # the library has errors of its own, such as InvalidVersion, on no list
        # The library's own text quotes the file, which could be a private key under a wrong name.
        raise KitError(f"{CERTIFICATE_FILE} holds no readable certificate", stage="validate") from error


def carries_host(dump: bytes, host: str) -> bool:
    """Return whether the host name stands in the dump as a whole, not as a part of a longer one."""
    needle = host.encode()
    at = dump.find(needle)
    while at >= 0:
        before, after = dump[max(at - 1, 0) : at], dump[at + len(needle) : at + len(needle) + 1]
        # No neighbour at all (an end of the dump) is an end of the name, too.
        if not any(_HOST_BYTES.issuperset(neighbour) and neighbour for neighbour in (before, after)):
            return True
        at = dump.find(needle, at + 1)
    return False


def _or_problem(read: Callable[[], _T]) -> _T | Problem:
    """Return what `read` returns, or the student's problem that it raised."""
    try:
        return read()
    except KitError as error:
        return Problem.of(error)
    except OSError as error:
        return Problem(Fault.BENCH, "validate", one_line(f"cannot read the unpacked submission: {error.strerror}"))


def _read_text(path: Path) -> str:
    if not path.is_file():
        raise KitError(f"{path.name} is missing", stage="validate")
    if path.stat().st_size > LARGEST_TEXT:
        raise KitError(f"{path.name} is larger than {LARGEST_TEXT >> 10} KB", stage="validate")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise KitError(f"{path.name} is not UTF-8 text", stage="validate") from error


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


def _sdkconfig_endpoint(folder: Path) -> str:
    project = Variant.EMBEDDED_KEY.project_folder
    path = folder / project / "sdkconfig"
    if not path.is_file():
        raise KitError(f"{project}/sdkconfig is missing", stage="validate")
    # Line by line: a pattern that may skip line ends takes the square of a file of nothing else.
    lines = _read_text(path).split("\n")
    hosts = [match[1] for line in lines if (match := _HOST_SYMBOL.fullmatch(line.rstrip("\r")))]
    if not hosts:
        raise KitError(f"{project}/sdkconfig does not set CONFIG_AWS_IOT_MQTT_HOST", stage="validate")
    # As in Kconfig, the last assignment wins.
    return str(hosts[-1]).strip().lower().rstrip(".")


def _read_dump(path: Path, endpoint: str) -> Dump:
    if not path.is_file():
        raise KitError(f"{path.name} is missing", stage="validate")
    size = path.stat().st_size
    if size not in FLASH_SIZES:
        raise KitError(
            f"{path.name} has {size} bytes, not those of a whole flash (1, 2, 4, 8 or 16 MB)", stage="validate"
        )
    content = path.read_bytes()
    return Dump(path, hashlib.sha256(content).hexdigest(), carries_host(content, endpoint))


def _notes(folder: Path) -> tuple[str, ...]:
    """Return remarks on what should not have been handed in."""
    notes = []
    for variant in Variant:
        for path in sorted((folder / variant.project_folder).rglob("*")):
            if path.is_file() and path.stat().st_size <= LARGEST_TEXT and _PRIVATE_KEY.search(path.read_bytes()):
                name = path.relative_to(folder).as_posix()
                notes.append(f"{name} holds a private key: revoke its certificate, never hand a key in")
    return tuple(notes)
