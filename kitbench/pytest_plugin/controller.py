"""pytest-xdist's controller: checks before the workers start, and one report from theirs.

Worker N takes the Nth kit of `--kit`; a kit is never shared.
"""

import re
import time
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from kitbench.bench.cost import cost_line
from kitbench.bench.gathered_report import gather
from kitbench.bench.kit_choice import Worker, choose_kits, require_cloud, require_port, share_of
from kitbench.bench.run_options import RunOptions
from kitbench.bench.run_report import RunReport
from kitbench.cloud.names import new_run
from kitbench.errors import KitbenchError, UsageError
from kitbench.kit.port_lock import current_owner
from kitbench.pytest_plugin.options import read_options
from kitbench.pytest_plugin.session import WORKER_OUTPUT, finish, summarize

#: `-m` asks for on-kit tests; whether there are any only the workers will know.
ASKS_FOR_KITS: Final = re.compile(r"(?<!not )\bhardware\b")
SPREAD_KEY: Final = pytest.StashKey["SpreadRun"]()


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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: list[Any]) -> None:
    """Find kits and cloud before any worker starts: without them, exit 4 and one line that says what to type."""
    if not ASKS_FOR_KITS.search(config.option.markexpr or "") or config.option.collectonly:
        return
    try:
        options = read_options(config)
        require_cloud(options)
        check_kits(options, len(specs))
    except KitbenchError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[SPREAD_KEY] = SpreadRun(options)
    config.stash[SPREAD_KEY].write()
    terminal: Any = config.pluginmanager.get_plugin("terminalreporter")
    if options.cloud == "aws" and terminal is not None:
        terminal.write_line(cost_line(options.budget))


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
            raise UsageError(f"{kit.port} is in use by process {owner}", stage="kit", mend="wait until it ends")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take the report of a worker that ended; one that crashed has none, and its checks stay missing."""
    del error
    part = getattr(node, "workeroutput", {}).get(WORKER_OUTPUT)
    if part is not None:
        stash = node.config.stash
        stash.setdefault(SPREAD_KEY, SpreadRun(read_options(node.config))).take(part)


@pytest.hookimpl(specname="pytest_sessionfinish")
def pytest_finish_spread_run(session: pytest.Session, exitstatus: int) -> None:
    """Fail closed, as for a run in one process."""
    run = session.config.stash.get(SPREAD_KEY, None)
    if run is not None:
        finish(session, run.report, exitstatus)
        run.write()


@pytest.hookimpl(specname="pytest_terminal_summary")
def pytest_summarize_spread_run(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which kits and clouds they were, what they cost, and what was not shown."""
    run = terminalreporter.config.stash.get(SPREAD_KEY, None)
    if run is not None:
        summarize(terminalreporter, run.report, run.options.report)
