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


@pytest.mark.parametrize(("files", "names"), [(("rule.json", "table.json"), ["rule", "it"]), (("rule.json",), ["it"])])
def test_rule_is_judged_where_rule_and_table_are_given(
    tmp_path: Path, files: tuple[str, ...], names: list[str]
) -> None:
    fixture = "import pytest\n@pytest.fixture\ndef rule_in_test(): return None\n"
    tests = f"{fixture}{HARDWARE}def test_rule(rule_in_test): pass\n{HARDWARE}def test_it(): pass\n"
    options = [word for file in files for word in (f"--{file.removesuffix('.json')}", file)]

    done, report = run_pytest(tmp_path, tests, *HERE, *options)

    assert done.returncode == pytest.ExitCode.OK
    assert [check["name"] for check in report["checks"]] == names
