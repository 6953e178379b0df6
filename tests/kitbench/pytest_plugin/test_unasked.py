"""A check that the class does not ask for is left out, and not passed."""

from pathlib import Path

import pytest

from tests.kitbench.pytest_plugin.test_session import HARDWARE, HERE, run_pytest

TESTS = f"{HARDWARE}@pytest.mark.asked('nonce')\ndef test_nonce(): pass\n{HARDWARE}def test_it(): pass\n"


@pytest.mark.parametrize(("table", "names"), [("", ["nonce", "it"]), ("[traffic]\nnonce = false\n", ["it"])])
def test_rubric_says_what_is_asked(tmp_path: Path, table: str, names: list[str]) -> None:
    (tmp_path / "rubric.toml").write_text(table, encoding="utf-8")

    done, report = run_pytest(tmp_path, TESTS, *HERE, "--rubric", "rubric.toml")

    assert done.returncode == pytest.ExitCode.OK
    assert [check["name"] for check in report["checks"]] == names
