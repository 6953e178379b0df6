"""No kit is started once a run's budget of messages is spent: one that runs on would spend somebody's money."""

from pathlib import Path

import pytest

from tests.kitbench.pytest_plugin.test_session import HARDWARE, HERE, run_pytest

#: Everything but the meter and the running kit itself is a stand-in; each kit that is started leaves a line.
CONFTEST = """
from pathlib import Path
from types import SimpleNamespace
import pytest
from kitbench.bench.records.evidence import Evidence

HERE = Path(__file__).parent
@pytest.fixture
def dut(request):
    with (HERE / "started").open("a") as file:
        file.write(f"{request.node.name}\\n")
    (HERE / "dut.log").touch()
    return SimpleNamespace(logfile=str(HERE / "dut.log"))
@pytest.fixture(scope="session")
def bench_kit():
    control = SimpleNamespace(park=lambda: None, hold=lambda: None, check=lambda: None)
    control.lacks, control.forget_gaps = lambda: "", lambda: None
    return SimpleNamespace(control=lambda dut: control, secure_element="")
@pytest.fixture(scope="session")
def thing():
    return SimpleNamespace(has_flashed_kit=False, needs_enrolment=False, private_keys=())
@pytest.fixture(scope="session")
def firmware():
    return SimpleNamespace(elf=HERE / "dut.log")
@pytest.fixture(scope="session")
def observer():
    return None
@pytest.fixture(scope="session")
def evidence():
    return Evidence(HERE / "evidence")
"""
TESTS = (
    f"{HARDWARE}def test_flood(running_kit, meter):\n    meter.count('publish_in', times=100)\n"
    f"{HARDWARE}def test_next(running_kit): pass\n"
)


def started(folder: Path, budget: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Run both tests; return those whose kit was started, and outcome and reason of each."""
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    done, report = run_pytest(folder, TESTS, *HERE, "--budget", str(budget))
    assert "checks" in report, done.stdout + done.stderr
    kits = (folder / "started").read_text(encoding="utf-8").split()
    return kits, [(check["outcome"], check["reason"]) for check in report["checks"]]


@pytest.mark.slow
def test_spent_budget_starts_no_further_kit(tmp_path: Path) -> None:
    kits, checks = started(tmp_path, budget=50)

    assert kits == ["test_flood"]
    assert checks[1][0] == "failed"
    assert "stopped at 100 of 50 messages" in checks[1][1]


@pytest.mark.slow
def test_control_within_the_budget_each_test_has_its_kit(tmp_path: Path) -> None:
    kits, checks = started(tmp_path, budget=5000)

    assert kits == ["test_flood", "test_next"]
    assert [outcome for outcome, _ in checks] == ["passed", "passed"]
