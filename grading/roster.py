"""The roster: who is graded, and the endpoint and certificate that the course gave to each of them.

A CSV with the columns `id,endpoint,certificate_sha256` and, where chips are registered,
`certificate_sha256_atecc608a`. The columns `name`, `email`, `canvas`, `moodle` and `blackboard` say who a student is to
people and to learning platforms; further columns are left alone. Digests are the SHA-256 of a certificate's DER, in
hex, as `openssl x509 -fingerprint -sha256` prints it, colons or not.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import UsageError
from kitbench.host_name import without_trimmings

from .judgement import one_line

COLUMNS: Final = ("id", "endpoint", "certificate_sha256")
#: May be missing, as may any of its cells.
ATECC608A_COLUMN: Final = "certificate_sha256_atecc608a"
#: What a platform knows a student by, where that is neither the id nor the e-mail address.
PLATFORM_COLUMNS: Final = ("canvas", "moodle", "blackboard")
_PERSON_COLUMNS: Final = ("name", "email", *PLATFORM_COLUMNS)
LARGEST_ROSTER: Final = 4 << 20
# An id names folders and pages, so it must be a plain file name everywhere; the first character also keeps
# it from being read as a formula or an option.
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
_HOST: Final = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Person:
    """Who a student is to people and platforms; "" for what the roster does not say.

    Attributes:
        platforms: the cells of `PLATFORM_COLUMNS` that are filled in.
    """

    name: str = ""
    email: str = ""
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One student: digests are lower-case hex, `endpoint` is a lower-case host name.

    Attributes:
        certificate_sha256_atecc608a: of the certificate that belongs to the student's chip; "" when none is registered.
        person: does not count for what is measured.
    """

    id: str
    endpoint: str
    certificate_sha256: str
    certificate_sha256_atecc608a: str = ""
    person: Person = Person()

    @property
    def words(self) -> str:
        """Who it is, for people: the name where there is one, and always the id."""
        return f"{self.person.name} ({self.id})" if self.person.name else self.id

    @property
    def endpoint_origin(self) -> str:
        """Whose endpoint it is, in words."""
        return "the roster's"

    @property
    def certificate_origin(self) -> str:
        """Whose certificate it is, in words."""
        return "the roster's"

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id) or self.id.endswith("."):
            raise ValueError(f"id {self.id[:70]!r} is not a plain name (letters, digits, . _ @ + -)")
        if not _HOST.fullmatch(self.endpoint):
            raise ValueError(f"endpoint {self.endpoint[:70]!r} is not a host name")
        if not _SHA256.fullmatch(self.certificate_sha256):
            raise ValueError(f"certificate_sha256 {self.certificate_sha256[:70]!r} is not 64 hex digits")
        if self.certificate_sha256_atecc608a and not _SHA256.fullmatch(self.certificate_sha256_atecc608a):
            wrong = self.certificate_sha256_atecc608a[:70]
            raise ValueError(f"{ATECC608A_COLUMN} {wrong!r} is not 64 hex digits")

    @property
    def aliases(self) -> tuple[str, ...]:
        """All that a platform may know the student by, the most particular first."""
        return tuple(one for one in (*self.person.platforms, self.id, self.person.email) if one)


def aliases_of(roster: Iterable[RosterEntry]) -> dict[str, str]:
    """Return by alias, in lower case, whose it is; what two students share is nobody's."""
    owners: dict[str, set[str]] = {}
    for entry in roster:
        for alias in entry.aliases:
            owners.setdefault(alias.casefold(), set()).add(entry.id)
    return {alias: ids.pop() for alias, ids in owners.items() if len(ids) == 1}


def read_roster(path: Path) -> tuple[RosterEntry, ...]:
    """Return the roster's entries in file order.

    Raises:
        UsageError: the file is missing, too large, malformed, empty, or names somebody twice.
    """
    try:
        if path.stat().st_size > LARGEST_ROSTER:
            raise UsageError(f"{path.name} is larger than {LARGEST_ROSTER >> 20} MB", stage="roster")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {_first_line(error)}", stage="roster") from error
    return parse_roster(text, name=path.name)


def parse_roster(text: str, *, name: str = "roster.csv") -> tuple[RosterEntry, ...]:
    """Return the entries of a roster's text; `name` is for the error messages.

    Raises:
        UsageError: a column is missing, a row is malformed, or an id comes twice.
    """
    entries: dict[str, RosterEntry] = {}
    reader = csv.DictReader(text.splitlines(), strict=True)
    try:
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise UsageError(f"{name}: column {missing[0]!r} is missing, expected {','.join(COLUMNS)}", stage="roster")
        for row in reader:
            entry = _entry(row)
            # File systems may not tell cases apart.
            if entry.id.casefold() in entries:
                raise UsageError(f"{name}:{reader.line_num}: {entry.id!r} comes twice", stage="roster")
            entries[entry.id.casefold()] = entry
    except (ValueError, csv.Error) as error:
        raise UsageError(f"{name}:{reader.line_num}: {_first_line(error)}", stage="roster") from error
    if not entries:
        raise UsageError(f"{name} names nobody", stage="roster")
    return tuple(entries.values())


def _entry(row: dict[str, str | None]) -> RosterEntry:
    """Return the entry of one row, tidied as people write it."""
    cells = {column: (row[column] or "").strip() for column in COLUMNS}
    return RosterEntry(
        id=cells["id"],
        endpoint=without_trimmings(cells["endpoint"]),
        certificate_sha256=_digest(cells["certificate_sha256"]),
        certificate_sha256_atecc608a=_digest(row.get(ATECC608A_COLUMN) or ""),
        person=_person(row),
    )


def _person(row: Mapping[str, str | None]) -> Person:
    name, email, *platforms = (one_line((row.get(column) or "").strip()) for column in _PERSON_COLUMNS)
    return Person(name, email, tuple(one for one in platforms if one))


def _digest(cell: str) -> str:
    """Return a digest as it is compared, whether or not it was copied with colons."""
    return cell.replace(":", "").replace(" ", "").strip().lower()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
