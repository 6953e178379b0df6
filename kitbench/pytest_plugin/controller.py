"""pytest-xdist's controller: checks before the workers start, and one report from theirs.

Worker N takes the Nth kit of `--kit`; a kit is never shared.
"""

import time
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from kitbench.bench.kits.kit_choice import Worker, choose_kits, require_cloud, require_port, share_of
from kitbench.bench.kits.run_options import RunOptions
from kitbench.bench.records.cost import cost_line
from kitbench.bench.records.gathered_report import gather
from kitbench.bench.records.run_report import RunReport
from kitbench.cloud.things.names import new_run
from kitbench.errors import KitbenchError, UsageError
from kitbench.kit.port_lock import current_owner
from kitbench.pytest_plugin.options import read_options
from kitbench.pytest_plugin.session import WORKER_OUTPUT, finish, summarize

SPREAD_KEY: Final = pytest.StashKey["SpreadRun"]()
SPREAD_PLUGIN: Final = "kitbench.spread_run"


@dataclass(slots=True)
class SpreadRun:
    """A run spread over workers, as the controller sees it."""

    options: RunOptions
    report: RunReport = field(default_factory=lambda: RunReport(new_run().run_id))
    began: float = field(default_factory=time.monotonic)
    parts: list[str] = field(default_factory=list)

    def take(self, part: str) -> None:
        """Take a worker's report (JSON)."""
        self.parts.append(part)
        gather(self.report, self.parts)
        self.write()

    def write(self) -> None:
        """Write the report as it stands, where the user asked for one."""
        self.report.seconds = round(time.monotonic() - self.began, 3)
        if self.options.report is not None:
            self.report.write(self.options.report)


def begin(config: pytest.Config, workers: int) -> None:
    """Start a run of so many workers.

    Raises:
        pytest.UsageError: kits or cloud are not there, in one line that says what to type.
    """
    try:
        options = read_options(config)
        require_cloud(options)
        check_kits(options, workers)
    except KitbenchError as error:
        raise pytest.UsageError(str(error)) from error
    run = spread_run(config)
    run.write()
    terminal: Any = config.pluginmanager.get_plugin("terminalreporter")
    if options.cloud == "aws" and terminal is not None:
        terminal.write_line(cost_line(options.budget))


def spread_run(config: pytest.Config) -> SpreadRun:
    """Return the session's run; it begins with the first worker's report where `-m` did not announce it."""
    if SPREAD_KEY not in config.stash:
        config.stash[SPREAD_KEY] = SpreadRun(read_options(config))
        config.pluginmanager.register(SpreadHooks(config.stash[SPREAD_KEY]), SPREAD_PLUGIN)
    return config.stash[SPREAD_KEY]


def take_report(config: pytest.Config, output: dict[str, Any]) -> None:
    """Take a worker's report."""
    if WORKER_OUTPUT in output:
        spread_run(config).take(output[WORKER_OUTPUT])


def check_kits(options: RunOptions, workers: int) -> None:
    """Make sure that each worker will have a kit of its own.

    Raises:
        UsageError: there are too few, a worker's are not there, or another process owns one.
    """
    kits = choose_kits(options)
    for number in range(workers):
        require_port(share_of(kits, Worker(number, workers, is_spread=True)))
    for kit in kits:
        owner = current_owner(kit.port) if kit.port else None
        if owner is not None:
            raise UsageError(f"{kit.port} is in use by process {owner}", stage="kit", fix="wait until it ends")


class SpreadHooks:
    """pytest's hooks of a run that has begun, in the controller."""

    def __init__(self, run: SpreadRun) -> None:
        self._run = run

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Fail closed, as for a run in one process."""
        finish(session, self._run.report, exitstatus)
        self._run.write()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which kits and clouds they were, what they cost, and what was not shown."""
        summarize(terminalreporter, self._run.report, self._run.options.report)
