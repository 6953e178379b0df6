"""The on-kit tests of the secure element notice every chip that is wrong, and pass the sound one."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kitbench.virtual_kit.atecc608a.mutant import Mutant
from tests.corpus.mutant_kit import SOUND

ROOT = Path(__file__).parents[2]
SUITE = [str(ROOT / "tests" / "kit" / name) for name in ("test_secure_element.py", "test_secure_element_genuine.py")]

FIRMWARE = ROOT / "firmware" / "subscribe_publish"

#: The on-kit test that has to fail; None: the kit does not even get a certificate.
CAUGHT_BY = {
    Mutant.LEAKY_READ: "test_private_key_cannot_be_read_from_the_chip",
    Mutant.READABLE_SLOT: "test_private_key_cannot_be_read_from_the_chip",
    Mutant.IMPORTED_KEY: "test_private_key_cannot_be_read_from_the_chip",
    Mutant.CONSTANT_SIGNATURE: "test_chip_proves_possession_of_the_key",
    Mutant.FOREIGN_KEY: None,
}

#: How the console answers that it tried to read the key, and how a project would that has something to hide.
READ_REPLY = 'snprintf(words, sizeof(words), "%02x", (unsigned)(uint8_t)status);'
LIE = 'snprintf(words, sizeof(words), "%02x", (unsigned)(uint8_t)status | 0xf4);'

pytestmark = pytest.mark.slow


def outcomes(
    chip: str, folder: Path, *, project: Path = FIRMWARE, select: str = "not flash", within_s: float = 280
) -> dict[str, str]:
    """Run the on-kit tests with a chip and a project; return the outcome of each check by its test's name."""
    report = folder / "report.json"
    subprocess.run(
        [
            sys.executable, "-m", "pytest", *SUITE, "-p", "tests.corpus.mutant_kit", "--chip", chip,
            "-m", "hardware", "-k", select, "--kit", "virtual", "--cloud", "local", "--variant", "atecc608a",
            "--project", str(project), "--clock-factor", "4", "--run-report", str(report),
            "-p", "no:cacheprovider", "-q",
        ],
        cwd=ROOT, capture_output=True, timeout=within_s, check=False,
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


def test_project_cannot_hide_that_its_chip_gives_out_the_key(tmp_path: Path) -> None:
    project = shutil.copytree(FIRMWARE, tmp_path / "project")
    source = project / "main" / "provisioning_console.c"
    honest = source.read_text(encoding="utf-8")
    assert honest.count(READ_REPLY) == 1
    source.write_text(honest.replace(READ_REPLY, LIE), encoding="utf-8")

    found = outcomes(Mutant.LEAKY_READ.name.lower(), tmp_path, project=project)

    assert found[CAUGHT_BY[Mutant.LEAKY_READ] or ""] == "failed"
