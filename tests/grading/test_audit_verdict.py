import json
from typing import Any

import pytest

from grading.audit_verdict import AuditOutcome, parse_audit_verdict
from kitbench.errors import BenchError

FINDING = {"kind": "private_key", "form": "pem", "offset": 0x2A120, "owner": "device", "certificate_sha256": "AB" * 32}


def verdict(**changes: Any) -> str:
    table = {"outcome": "found", "reason": "a key", "findings": [FINDING], "scan": {}, "canary": {"ok": True}}
    return json.dumps(table | changes)


def test_verdict_is_read() -> None:
    read = parse_audit_verdict(verdict())

    assert read.outcome is AuditOutcome.FOUND
    assert read.findings[0].offset == 0x2A120
    assert read.findings[0].certificate_sha256 == "ab" * 32
    assert read.canary_found


@pytest.mark.parametrize("canary", [None, {}, {"ok": False}, {"ok": 1}, {"ok": "true"}])
def test_canary_counts_only_when_it_says_so(canary: Any) -> None:
    assert not parse_audit_verdict(verdict(canary=canary)).canary_found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        verdict(outcome="clean"),
        verdict(findings=None),
        verdict(findings=[{"kind": "x"}]),
        "[" * 100_000,
    ],
)
def test_text_that_is_no_verdict_is_the_benchs_fault(text: str) -> None:
    with pytest.raises(BenchError, match="malformed"):
        parse_audit_verdict(text)
