import json
from dataclasses import replace
from typing import Any

import pytest

from grading.marking.audit_verdict import AuditOutcome, DumpStructure, KeyFinding, ProjectMatch, parse_audit_verdict
from kitbench.errors import BenchError

FINDING = {"kind": "private_key", "form": "pem", "offset": 0x2A120, "owner": "device", "certificate_sha256": "AB" * 32}

SCAN = {"targets": [{"key_type": "RSA-2048", "public_key_sha256": "00", "source": "given"}]}
CANARY: dict[str, Any] = {"planted": 3, "found": 3, "missed": []}


def verdict(**changes: Any) -> str:
    table = {"outcome": "found", "reason": "a key", "findings": [FINDING], "scan": SCAN, "canary": CANARY}
    return json.dumps(table | changes)


def test_verdict_is_read() -> None:
    read = parse_audit_verdict(verdict())

    assert read.outcome is AuditOutcome.FOUND
    assert read.findings[0].offset == 0x2A120
    assert read.findings[0].certificate_sha256 == "ab" * 32
    assert read.canary_found
    assert read.targets[0].key_type == "RSA-2048"


def test_finding_is_read_whole() -> None:
    place = {
        "partition": "factory",
        "partition_offset": 0x1A120,
        "address": 0x3F41A120,
        "symbol": "_binary_key",
        "line": 1,
    }

    (finding,) = parse_audit_verdict(verdict(findings=[FINDING | place | {"public_key_sha256": "CD" * 32}])).findings

    assert finding == KeyFinding(
        "private_key",
        "pem",
        0x2A120,
        "device",
        "factory",
        0x1A120,
        0x3F41A120,
        "_binary_key",
        1,
        "cd" * 32,
        "ab" * 32,
    )
    assert finding.place == "0x2a120 (factory + 0x1a120)"


def test_finding_outside_of_all_partitions_has_its_offset_alone() -> None:
    nowhere = {"kind": "private_key", "offset": 0x2A120, "form": None, "partition": None, "symbol": None, "owner": None}

    (finding,) = parse_audit_verdict(verdict(findings=[nowhere])).findings

    assert finding == KeyFinding("private_key", "", 0x2A120, "unknown")
    assert finding.place == "0x2a120"
    assert replace(finding, partition="factory").place == replace(finding, partition_offset=1).place == "0x2a120"


def test_private_keys_are_neither_other_leaks_nor_published_ones() -> None:
    password = FINDING | {"kind": "secret"}
    published = FINDING | {"owner": "test_key"}

    read = parse_audit_verdict(verdict(findings=[password, published, FINDING]))

    assert read.private_keys == read.findings[2:]


@pytest.mark.parametrize(
    "canary",
    [{"planted": 0, "found": 0, "missed": []}, CANARY | {"found": 2}, CANARY | {"missed": ["pem"]}],
)
def test_canary_counts_only_when_every_plant_was_found(canary: dict[str, Any]) -> None:
    assert not parse_audit_verdict(verdict(canary=canary)).canary_found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        verdict(outcome="clean"),
        verdict(findings=None),
        verdict(canary={}),
        verdict(canary=None),
        verdict(scan={}),
        verdict(findings=[{"kind": "x"}]),
        "[" * 100_000,
    ],
)
def test_text_that_is_no_verdict_is_the_benchs_fault(text: str) -> None:
    with pytest.raises(BenchError, match="malformed"):
        parse_audit_verdict(text)


def test_structure_and_project_are_read() -> None:
    place = {"offset": 1, "partition": "factory"}
    table = json.loads(verdict())
    table["structure"] = {
        "problems": ["no boot loader"],
        "apps": [{"project": "mine"}, {"project": None}],
        "endpoint": [{**place, "is_placed": False}, {**place, "is_placed": True}],
        "certificates": [{"sha256": "AB" * 32, "is_placed": True}],
    }
    table["project"] = {
        "distinctive": 12,
        "found": 5,
        "is_decided": True,
        "is_another": True,
        "missing": ["red\nalert"],
    }

    judged = parse_audit_verdict(json.dumps(table))

    assert judged.structure == DumpStructure(("no boot loader",), ("mine",), True, {"ab" * 32: True})
    assert judged.project == ProjectMatch(12, 5, True, True, ("red alert",))


def test_structure_that_nobody_looked_at_is_none() -> None:
    judged = parse_audit_verdict(verdict())

    assert (judged.structure, judged.project) == (None, None)
