"""The month's messages add up over runs, stay apart by account and month, and a bad file is no crash."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kitbench.cloud.billing.monthly_usage import add_usage, usage_of_month
from kitbench.errors import BenchError

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ACCOUNT = "aws:123456789012:eu-west-1"


def test_nothing_was_used_before_the_first_run(tmp_path: Path) -> None:
    assert usage_of_month(tmp_path / "usage", ACCOUNT, now=NOW) == 0


def test_runs_at_the_same_time_add_up(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda units: add_usage(tmp_path, ACCOUNT, units, now=NOW), range(200)))

    assert usage_of_month(tmp_path, ACCOUNT, now=NOW) == sum(range(200))


def test_other_months_and_other_accounts_do_not_count(tmp_path: Path) -> None:
    add_usage(tmp_path, ACCOUNT, 1, now=NOW)
    add_usage(tmp_path, ACCOUNT, 10, now=NOW.replace(month=10))
    add_usage(tmp_path, ACCOUNT, 100, now=NOW.replace(year=2025))
    add_usage(tmp_path, ACCOUNT.replace("eu", "us"), 1000, now=NOW)

    assert usage_of_month(tmp_path, ACCOUNT, now=NOW) == 1


def test_line_cut_off_by_a_full_disk_is_passed_over(tmp_path: Path) -> None:
    add_usage(tmp_path, ACCOUNT, 7, now=NOW)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes() + b"\xff\n2026-1\n2026-11 x\n2026-11 5\n")

    assert usage_of_month(tmp_path, ACCOUNT, now=NOW) == 12


def test_local_core_is_a_file_name_too(tmp_path: Path) -> None:
    where = "aws:000000000000:us-east-1@http://127.0.0.1:4566/../.."
    add_usage(tmp_path / "usage", where, 3, now=NOW)

    assert usage_of_month(tmp_path / "usage", where, now=NOW) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["usage"]


def test_folder_that_is_none_is_the_benchs_fault_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "usage").write_text("a file")

    with pytest.raises(BenchError, match=r"cannot note what the run cost in .*usage"):
        add_usage(tmp_path / "usage", ACCOUNT, 1)
    with pytest.raises(BenchError, match=r"cannot read .*usage"):
        usage_of_month(tmp_path / "usage", ACCOUNT)
