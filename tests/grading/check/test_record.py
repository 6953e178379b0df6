"""The record says of what it is, and that it is no evidence."""

import hashlib
import json
from pathlib import Path

import pytest

from grading.check.checked import Checked
from grading.check.own_entry import given_entry
from grading.check.record import FILE, claim_folder, digests, record, write_record
from grading.judgement import Problem
from grading.variant import Variant
from kitbench.errors import Fault, UsageError
from tests.grading.check.test_printout import STANDING
from tests.grading.synthetic import SHA256, submission


def test_record_has_hashes_and_says_that_it_is_no_evidence(tmp_path: Path) -> None:
    checked = Checked(STANDING, ("a note",), {"flash.bin": SHA256}, given_entry("a.example", None))

    write_record(tmp_path, record(checked, rubric_text="title", kit="virtual"))
    table = json.loads((tmp_path / FILE).read_text())

    assert "not evidence" in table["notice"]
    assert table["is_evidence"] is False
    assert table["sha256"] == {"rubric": hashlib.sha256(b"title").hexdigest(), "flash.bin": SHA256}
    assert [(one["id"], one["standing"]) for one in table["criteria"]] == [
        ("endpoint", "lost"),
        ("secure_element", "not shown yet"),
    ]
    assert table["criteria"][0]["facts"][1] == {
        "name": "b", "standing": "lost", "reason": "it is not", "to_do": "fix it",
    }  # fmt: skip


def test_hashes_follow_the_content(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text("one")
    cut = Problem(Fault.STUDENT, "validate", "is cut")
    handed_in = submission(projects={Variant.EMBEDDED_KEY: tmp_path}, dumps={Variant.EMBEDDED_KEY: cut})
    before = digests(handed_in)
    (tmp_path / "main.c").write_text("two")

    assert before.keys() == {"certificate", "project"}
    assert digests(handed_in)["project"] != before["project"]


def test_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    claim_folder(tmp_path / "new")
    claim_folder(tmp_path / "new")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "homework.c").touch()

    with pytest.raises(UsageError, match="holds other things"):
        claim_folder(tmp_path / "other")
