"""A list of kits is run in turn: on to the next one where a kit lacked something while the firmware ran."""

from pathlib import Path

import pytest

from tests.kitbench.pytest_plugin.test_budget_stop import CONFTEST
from tests.kitbench.pytest_plugin.test_session import HARDWARE, run_pytest

KITS = ["--kit", "virtual", "--kit=rfc2217://127.0.0.1:9", "--cloud", "local"]
#: The virtual kit lacks something; the other one, which is a stand-in for nothing, does not.
LACKING = CONFTEST.replace("def bench_kit():", "def bench_kit(on_kit_run):").replace(
    'lambda: "",', 'lambda: "UDP sockets" if on_kit_run.options.kit == "virtual" else "",'
)
FAILS_ON_THE_VIRTUAL_KIT = (
    f"{HARDWARE}def test_it(running_kit, on_kit_run):\n    assert on_kit_run.options.kit != 'virtual'\n"
)


def test_next_kit_judges_what_the_first_one_lacked(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(LACKING, encoding="utf-8")

    done, report = run_pytest(tmp_path, FAILS_ON_THE_VIRTUAL_KIT, *KITS)

    assert done.returncode == pytest.ExitCode.OK, done.stdout
    assert "kitbench: virtual lacks UDP sockets; on to rfc2217://127.0.0.1:9" in done.stdout
    assert [check["outcome"] for check in report["checks"]] == ["passed"]


def test_control_kit_that_lacks_nothing_judges_itself(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")

    done, report = run_pytest(tmp_path, FAILS_ON_THE_VIRTUAL_KIT, *KITS)

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "on to" not in done.stdout
    assert [check["fault"] for check in report["checks"]] == ["student"]


def test_tests_without_a_kit_are_run_once(tmp_path: Path) -> None:
    text = "[bench]\nkit = 'virtual,red'\n[kits.red]\nport = '/dev/red'\n"
    (tmp_path / "bench.toml").write_text(text, encoding="utf-8")

    done, _ = run_pytest(tmp_path, "def test_it():\n    open('ran', 'a').write('x')\n")

    assert done.returncode == pytest.ExitCode.OK
    assert (tmp_path / "ran").read_text(encoding="utf-8") == "x"
