"""Names say whose a resource is and when its time is over."""

import re
import time

import pytest

from kitbench.cloud.things.names import Run, new_run, parse_name
from kitbench.errors import UsageError


def test_name_parses_back() -> None:
    run = Run("0123456789", 0x6B033746)

    own = parse_name(run.name("kit"))

    assert own is not None
    assert (own.run, own.role) == (run, "kit")


@pytest.mark.parametrize(
    "foreign",
    [
        "kitbench-notes",
        "kitbench-6b033746-0123456789",
        "kitbench-6b033746-0123456789-",
        "kitbench-6B033746-0123456789-kit",
        "kitbench-6b033746-0123456789-kit\n",
        "xkitbench-6b033746-0123456789-kit",
        "kitbench-6b033746-0123456789-kit-2",
        "kitbench-lease-0123456789abcdef",
    ],
)
def test_foreign_name_is_not_ours(foreign: str) -> None:
    assert parse_name(foreign) is None


def test_new_runs_differ_and_end_later() -> None:
    runs = [new_run(lifetime_s=60) for _ in range(100)]

    assert len({run.run_id for run in runs}) == 100
    assert all(run.expires > time.time() for run in runs)
    assert len({run.topic() for run in runs}) == 100


@pytest.mark.parametrize(("run_id", "expires"), [("short", 1), ("0123456789", -1), ("0123456789", 1 << 32)])
def test_malformed_run_is_refused(run_id: str, expires: int) -> None:
    with pytest.raises(UsageError):
        Run(run_id, expires)


def test_malformed_role_is_refused() -> None:
    with pytest.raises(UsageError, match="role is"):
        new_run().name("Kit 1")


def test_client_id_is_a_runs_and_a_roles_own_and_says_nothing_of_the_bench() -> None:
    run, other = new_run(), new_run()

    ids = {run.client_id("kit"), run.client_id("chip"), other.client_id("kit")}

    assert len(ids) == 3
    assert run.client_id("kit") == run.client_id("kit")
    assert all(re.fullmatch(r"MyIoTThing-[0-9a-f]{12}", one) for one in ids)
    assert not any("kitbench" in one or run.run_id in one for one in ids)
