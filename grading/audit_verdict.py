"""The verdict that `kitbench audit --json` prints about one flash dump, read with suspicion."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from grading.judgement import one_line
from kitbench.errors import BenchError


class AuditOutcome(StrEnum):
    """What the audit says of a dump as a whole."""

    FOUND = "found"
    ABSENT = "absent"
    CANNOT_JUDGE = "cannot_judge"


@dataclass(frozen=True, slots=True)
class KeyFinding:
    """One private key in a dump; `offset` in bytes from the start of the flash, fingerprints in lower-case hex."""

    kind: str
    form: str
    offset: int
    owner: str
    partition: str = ""
    partition_offset: int | None = None
    address: int | None = None
    symbol: str = ""
    public_key_sha256: str = ""
    certificate_sha256: str = ""

    @property
    def place(self) -> str:
        """Where it lies, in words."""
        within = ""
        if self.partition and self.partition_offset is not None:
            within = f" ({self.partition} + {self.partition_offset:#x})"
        return f"{self.offset:#x}{within}"


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """Whether a dump holds a private key; `absent` only ever counts with `canary_found`."""

    outcome: AuditOutcome
    reason: str
    findings: tuple[KeyFinding, ...]
    canary_found: bool
    fault: str = ""
    targets: tuple[str, ...] = ()


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
            canary_found=_canary_found(table.get("canary") or {}),
            fault=str(table.get("fault") or ""),
            targets=tuple(str(target) for target in (table.get("scan") or {}).get("targets") or ()),
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
        public_key_sha256=str(row.get("public_key_sha256") or "").lower(),
        certificate_sha256=str(row.get("certificate_sha256") or "").lower(),
    )


def _integer(value: Any) -> int | None:
    return None if value is None else int(value)


def _canary_found(canary: Mapping[str, Any]) -> bool:
    return canary.get("ok") is True
