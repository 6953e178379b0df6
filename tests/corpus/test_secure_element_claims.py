"""The on-kit tests of the secure element notice every chip that is wrong, and pass the sound one."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kitbench.virtual_kit.atecc608a.mutant import Mutant
from tests.corpus.mutant_kit import SOUND

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "tests" / "kit" / "test_secure_element.py"

#: The on-kit test that has to fail; None: the kit does not even get a certificate.
CAUGHT_BY = {
    Mutant.LEAKY_READ: "test_private_key_cannot_be_read_from_the_chip",
    Mutant.READABLE_SLOT: "test_private_key_cannot_be_read_from_the_chip",
    Mutant.IMPORTED_KEY: "test_private_key_cannot_be_read_from_the_chip",
    Mutant.CONSTANT_SIGNATURE: "test_chip_proves_possession_of_the_key",
    Mutant.FOREIGN_KEY: None,
}

pytestmark = pytest.mark.slow


def outcomes(chip: str, folder: Path) -> dict[str, str]:
    """Run the on-kit tests with a chip; return the outcome of each check by its test's name."""
    report = folder / "report.json"
    subprocess.run(
        [
            sys.executable, "-m", "pytest", str(SUITE), "-p", "tests.corpus.mutant_kit", "--chip", chip,
            "-m", "hardware", "-k", "not flash", "--kit", "virtual", "--cloud", "local", "--variant", "atecc608a",
            "--clock-factor", "4", "--run-report", str(report), "-p", "no:cacheprovider", "-q",
        ],
        cwd=ROOT, capture_output=True, timeout=280, check=False,
    )  # fmt: skip
    checks: list[dict[str, Any]] = json.loads(report.read_text())["checks"]
    return {check["nodeid"].partition("::")[2].partition("[")[0]: check["outcome"] for check in checks}


def test_sound_chip_passes(tmp_path: Path) -> None:
    assert set(outcomes(SOUND, tmp_path).values()) == {"passed"}


@pytest.mark.parametrize("mutant", Mutant, ids=lambda mutant: mutant.name)
def test_mutant_is_noticed(mutant: Mutant, tmp_path: Path) -> None:
    found = outcomes(mutant.name.lower(), tmp_path)

    catcher = CAUGHT_BY[mutant]
    if catcher is None:
        assert set(found.values()) == {"failed"}
    else:
        assert found[catcher] == "failed"  # not merely "not_graded": a fault of the bench would be that, too
