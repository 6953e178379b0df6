"""What the outcome of a test means beside what kit and cloud were at that moment."""

from pathlib import Path

from kitbench.errors import NO_RELAY
from tests.kitbench.pytest_plugin.test_budget_stop import CONFTEST
from tests.kitbench.pytest_plugin.test_session import HARDWARE, HERE, run_pytest

LACKING = CONFTEST.replace('lambda: "",', 'lambda: "UDP sockets",')
TESTS = (
    f"{HARDWARE}def test_fails(running_kit):\n    assert False, 'it is silent'\n"
    f"{HARDWARE}def test_passes(running_kit): pass\n"
)


def test_failure_behind_a_gap_is_the_benchs_and_a_pass_stays_one(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(LACKING, encoding="utf-8")

    done, report = run_pytest(tmp_path, TESTS, *HERE)

    failed, passed = report["checks"]
    assert (failed["outcome"], failed["fault"], failed["lacks"]) == ("not_graded", "bench", "UDP sockets")
    assert "not graded: the virtual kit lacks UDP sockets (while it ran)" in failed["reason"]
    assert "a real kit grades it" in failed["reason"]
    assert "seen: it is silent" in failed["reason"]
    assert passed["outcome"] == "passed"
    assert done.returncode == 1


def test_control_same_failure_without_a_gap_is_the_kits(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")

    _, report = run_pytest(tmp_path, TESTS, *HERE)

    assert [check["fault"] for check in report["checks"]] == ["student", None]


def test_words_of_the_firmware_are_never_the_benchs_own(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(LACKING.replace("UDP sockets", NO_RELAY), encoding="utf-8")
    own = "from kitbench.bench.traffic.wire import no_relay\n"
    tests = f"{own}{TESTS}{HARDWARE}def test_bench(running_kit):\n    raise no_relay('it goes its own way')\n"

    _, report = run_pytest(tmp_path, tests, *HERE)

    assert [check["lacks"] for check in report["checks"]] == [NO_RELAY, "", NO_RELAY]
    assert [check["no_relay"] for check in report["checks"]] == [False, False, True]


def test_no_gap_excuses_what_the_kit_did(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(LACKING, encoding="utf-8")
    errors = ("KitDeedError('it took a forged root')", "KitError('it is silent')", "KitError('no app', stage='build')")
    tests = [f"{HARDWARE}def test_{n}(running_kit): raise {error}\n" for n, error in enumerate(errors)]

    _, report = run_pytest(tmp_path, "from kitbench import KitDeedError, KitError\n" + "".join(tests), *HERE)

    assert [check["fault"] for check in report["checks"]] == ["student", "bench", "student"]
    assert report["checks"][0]["reason"].endswith("it took a forged root")
