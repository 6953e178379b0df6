"""A chip that is silenced or swapped after provisioning tells who needs it and who has a key elsewhere."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from kitbench.installation import reference_project
from tests.corpus.test_software_keys import project

_ROOT: Final = Path(__file__).parents[2]
_ON_KIT: Final = "tests/corpus/on_kit_without_its_chip.py"
_WITHIN_S: Final = 600
pytestmark = [pytest.mark.slow, pytest.mark.timeout(_WITHIN_S + 30)]


def outcomes(folder: Path, source: Path) -> dict[str, dict[str, Any]]:
    """Return the record of the check for each thing that was done to the chip: `silenced`, `swapped`."""
    report = folder / "report.json"
    subprocess.run(
        [
            sys.executable, "-m", "pytest", _ON_KIT, "-p", "tests.corpus.chip_in_hand", "-m", "hardware",
            "--cloud", "local", "--variant", "atecc608a", "--project", str(source), "--clock-factor", "4",
            "--run-report", str(report), "-p", "no:cacheprovider", "-q",
        ],
        cwd=_ROOT, capture_output=True, timeout=_WITHIN_S, check=False,
    )  # fmt: skip
    checks: list[dict[str, Any]] = json.loads(report.read_text())["checks"]
    return {check["nodeid"].rpartition("-")[2].rstrip("]"): check for check in checks}


def test_kit_that_uses_its_chip_does_not_connect_without_it(tmp_path: Path) -> None:
    found = outcomes(tmp_path, reference_project())

    assert {deed: check["outcome"] for deed, check in found.items()} == {"silenced": "passed", "swapped": "passed"}


@pytest.mark.parametrize("source", ["derived at boot from the MAC", "derived at boot from eFuse"])
def test_key_in_software_connects_with_any_chip(source: str, tmp_path: Path) -> None:
    """It has its digests made by the chip, so that it needs one, and any one will do."""
    found = outcomes(tmp_path, project(tmp_path, source))

    assert found["swapped"]["outcome"] == "failed"
    assert "the kit connected although another chip" in found["swapped"]["reason"]


def test_key_in_software_that_asks_no_chip_connects_without_one(tmp_path: Path) -> None:
    found = outcomes(tmp_path, project(tmp_path, "digested in software from the MAC"))

    assert {deed: check["outcome"] for deed, check in found.items()} == {"silenced": "failed", "swapped": "failed"}
