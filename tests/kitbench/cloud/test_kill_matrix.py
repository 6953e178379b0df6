"""Killed at every point, provisioning leaves nothing of ours and takes nothing foreign."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kitbench.cloud.endpoint import Endpoint

_SCRIPT = Path(__file__).with_name("kill_matrix.py")


def _run_matrix(line: str, folder: Path, *arguments: str, timeout_s: float) -> tuple[int, int, str]:
    command = [sys.executable, str(_SCRIPT), line, str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    *failures, summary = done.stdout.splitlines()
    counts = json.loads(summary)
    return counts["good"], counts["points"], "\n".join(failures)


def _tell(request: pytest.FixtureRequest, what: str, good: int, points: int) -> None:
    request.config.get_terminal_writer().line(f"\nkill matrix, {what}: {good} of {points} points left nothing behind")


def test_every_point_with_keys_by_the_cloud(
    request: pytest.FixtureRequest, core_line: str, endpoint: Endpoint, tmp_path: Path
) -> None:
    good, points, failures = _run_matrix(core_line, tmp_path, "keys", "rotating", "1", "99", timeout_s=240)

    _tell(request, "keys by the cloud, recovery killed once each", good, points)
    assert good == points, failures
    # Six calls make and ten unmake, each with a before and an after; the last run is not killed.
    assert points == 2 * 16 + 1


def test_points_around_the_signing_of_a_csr(
    request: pytest.FixtureRequest, core_line: str, endpoint: Endpoint, tmp_path: Path
) -> None:
    good, points, failures = _run_matrix(core_line, tmp_path, "csr", "rotating", "3", "4", timeout_s=240)

    _tell(request, "certificate from a CSR, issuance", good, points)
    assert (good, points) == (4, 4), failures


def test_control_an_unnamed_certificate_is_left_behind(core_line: str, tmp_path: Path) -> None:
    """Nothing but the audit trail tells an orphan of ours from the loose certificate planted in the same second."""
    good, points, failures = _run_matrix(core_line, tmp_path, "unnamed", "rotating", "3", "3", timeout_s=240)

    assert (good, points) == (1, 2)
    assert "after call 3" in failures
    assert '"foreign gone": []' in failures


@pytest.mark.slow
@pytest.mark.parametrize("flow", ["keys", "csr"])
@pytest.mark.timeout(3600)
def test_every_point_and_every_point_of_its_recovery(
    request: pytest.FixtureRequest, core_line: str, endpoint: Endpoint, tmp_path: Path, flow: str
) -> None:
    good, points, failures = _run_matrix(core_line, tmp_path, flow, "full", "1", "99", timeout_s=3500)

    _tell(request, f"{flow}, recovery killed everywhere", good, points)
    assert good == points, failures
    assert points > 200
