"""What a bench cannot show is told by the very names that a rubric uses."""

from collections.abc import Callable

import pytest

from grading.marking.check_catalogue import known_checks
from kitbench.bench.lab_address import LabAddress
from kitbench.doctor.check import Line, State
from kitbench.doctor.not_shown import attempts, hostile_endpoints, relay
from kitbench.installation import suite_path


@pytest.mark.parametrize("look", [attempts, hostile_endpoints])
def test_check_is_named_as_the_rubric_names_it(look: Callable[[], Line]) -> None:
    line = look()

    assert line.state is State.WARN
    assert line.detail.partition(":")[0] in {check.name for check in known_checks(suite_path())}
    assert line.fix


@pytest.mark.parametrize(("host", "state"), [("127.0.0.1", State.OK), ("192.0.2.1", State.FAIL)])
def test_relay_is_looked_at_before_a_run(host: str, state: State) -> None:
    line = relay(LabAddress(host))

    assert line.state is state
    assert host in line.detail
