"""The verdict that `kitbench audit --json` prints about one flash dump, read with suspicion."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from kitbench.errors import BenchError

from ..judgement import one_line


class AuditOutcome(StrEnum):
    """What the audit says of a dump as a whole."""

    FOUND = "found"
    ABSENT = "absent"
    CANNOT_JUDGE = "cannot_judge"


PRIVATE_KEY: Final = "private_key"
#: Kinds of findings that say they are a private key, of which nobody can tell which: under a password, or damaged.
ENCRYPTED_KEY: Final = "encrypted_private_key"
CLOSED_KEYS: Final = frozenset({ENCRYPTED_KEY, "unreadable_private_key"})
_MOST_PLACES: Final = 3
#: Owner of a key that stands in some library's tests.
PUBLISHED: Final = "test_key"


@dataclass(frozen=True, slots=True)
class ScanTarget:
    """A public key whose private key was searched for in every window: its type, such as "EC secp256r1", and source."""

    key_type: str
    source: str


@dataclass(frozen=True, slots=True)
class KeyFinding:
    """One leak in a dump; `offset` in bytes from the start of the flash, fingerprints in lower-case hex.

    `is_placed` says that it is where a build or its firmware puts things.
    """

    kind: str
    form: str
    offset: int
    owner: str
    partition: str = ""
    partition_offset: int | None = None
    address: int | None = None
    symbol: str = ""
    line: int | None = None
    public_key_sha256: str = ""
    certificate_sha256: str = ""
    is_placed: bool = False

    @property
    def place(self) -> str:
        """Where it is, in words."""
        within = ""
        if self.partition and self.partition_offset is not None:
            within = f" ({self.partition} + {self.partition_offset:#x})"
        return f"{self.offset:#x}{within}"


@dataclass(frozen=True, slots=True)
class DumpStructure:
    """What makes a dump one of a kit.

    Attributes:
        problems: what a kit's flash has and this dump has not, one line each.
        projects: names that the apps in it give themselves.
        endpoint_placed: whether the endpoint stands where a build puts it; None when nobody looked.
        certificates: SHA-256 of each certificate → whether it is where a build puts it.
    """

    problems: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    endpoint_placed: bool | None = None
    certificates: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProjectMatch:
    """How many string literals of its own a project has, how many the dump holds, and what follows from it."""

    distinctive: int
    found: int
    is_decided: bool
    is_another: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """Whether a dump holds a private key; `absent` only ever counts with `canary_found`.

    Attributes:
        proven_absent: the forms that an absence was proven for; empty for other outcomes.
        not_covered: what no scan excludes.
        structure: None when nobody looked, as `project` when none was named.
    """

    outcome: AuditOutcome
    reason: str
    findings: tuple[KeyFinding, ...]
    canary_found: bool
    targets: tuple[ScanTarget, ...] = ()
    proven_absent: tuple[str, ...] = ()
    not_covered: tuple[str, ...] = ()
    structure: DumpStructure | None = None
    project: ProjectMatch | None = None

    @property
    def private_keys(self) -> tuple[KeyFinding, ...]:
        """The private keys among what leaks, but for those that are published anyway."""
        return tuple(one for one in self.findings if one.kind == PRIVATE_KEY and one.owner != PUBLISHED)

    @property
    def closed_keys(self) -> tuple[KeyFinding, ...]:
        """What says that it is a private key, and cannot be read."""
        return tuple(one for one in self.findings if one.kind in CLOSED_KEYS)

    @property
    def words(self) -> str:
        """What the dump shows, in one sentence that says no more than was proven."""
        if self.outcome is AuditOutcome.FOUND and self.private_keys:
            places = ", ".join(one.place for one in self.private_keys[:_MOST_PLACES])
            more = len(self.private_keys) - _MOST_PLACES
            also = f" and {more} more" if more > 0 else ""
            return f"A private key is in this dump, marked at {places}{also}"
        if self.outcome is AuditOutcome.ABSENT and self.canary_found:
            return "No private key was found in the forms that were searched for, and none is marked"
        return "This dump proves nothing either way, and no key is marked"


def parse_audit_verdict(text: str | bytes) -> AuditVerdict:
    """Return the verdict that the audit printed as JSON.

    Raises:
        BenchError: it is not what the audit promises to print.
    """
    try:
        table = json.loads(text)
        return AuditVerdict(
            outcome=AuditOutcome(table["outcome"]),
            reason=one_line(str(table.get("reason") or "")),
            findings=tuple(_finding(row) for row in table["findings"]),
            canary_found=_canary_found(table["canary"]),
            structure=_structure(table.get("structure")),
            project=_project(table.get("project")),
            proven_absent=_texts(table.get("proven_absent")),
            not_covered=_texts(table.get("not_covered")),
            targets=tuple(
                ScanTarget(str(target["key_type"]), str(target["source"])) for target in table["scan"]["targets"]
            ),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BenchError(f"the audit's verdict is malformed: {one_line(repr(error))}", stage="audit") from error


def _finding(row: Mapping[str, Any]) -> KeyFinding:
    return KeyFinding(
        kind=str(row["kind"]),
        form=str(row.get("form") or ""),
        offset=int(row["offset"]),
        owner=str(row.get("owner") or "unknown"),
        partition=str(row.get("partition") or ""),
        partition_offset=_integer(row.get("partition_offset")),
        address=_integer(row.get("address")),
        symbol=str(row.get("symbol") or ""),
        is_placed=bool(row.get("is_placed")),
        line=_integer(row.get("line")),
        public_key_sha256=str(row.get("public_key_sha256") or "").lower(),
        certificate_sha256=str(row.get("certificate_sha256") or "").lower(),
    )


def _structure(table: Mapping[str, Any] | None) -> DumpStructure | None:
    if table is None:
        return None
    places = table["endpoint"]
    return DumpStructure(
        problems=_texts(table["problems"]),
        projects=_texts(app["project"] for app in table["apps"] if app["project"]),
        endpoint_placed=None if places is None else any(bool(place["is_placed"]) for place in places),
        certificates={str(row["sha256"]).lower(): bool(row["is_placed"]) for row in table["certificates"]},
    )


def _project(table: Mapping[str, Any] | None) -> ProjectMatch | None:
    if table is None:
        return None
    return ProjectMatch(
        distinctive=int(table["distinctive"]),
        found=int(table["found"]),
        is_decided=bool(table["is_decided"]),
        is_another=bool(table["is_another"]),
        missing=_texts(table["missing"]),
    )


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(one_line(str(value)) for value in values or ())


def _integer(value: Any) -> int | None:
    return None if value is None else int(value)


def _canary_found(canary: Mapping[str, Any]) -> bool:
    """Return whether throw-away keys were planted, and every one of them was found."""
    planted = int(canary["planted"])
    return planted > 0 and int(canary["found"]) == planted and list(canary["missed"]) == []
