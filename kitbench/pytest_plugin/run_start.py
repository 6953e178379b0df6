"""How a run gets its kits and its cloud, or says what to type: before anything runs."""

import sys
from contextlib import ExitStack
from dataclasses import replace

import pytest

from kitbench.bench.kits.kit_choice import (
    AUTO,
    Worker,
    at_hand,
    choose_kits,
    require_alike,
    require_cloud,
    require_port,
    share_of,
)
from kitbench.bench.kits.run_options import RunOptions
from kitbench.cloud.things.names import new_run
from kitbench.errors import BenchError
from kitbench.kit.port_lock import owned
from kitbench.kit_desk import DeskLine, line_from
from kitbench.pytest_plugin.on_kit_run import OnKitRun
from kitbench.pytest_plugin.options import read_options


def start_run(config: pytest.Config) -> OnKitRun:
    """Return this process's run, its kits owned by it.

    Raises:
        UsageError: kit or cloud were not chosen, cannot be, or are not there.
        BenchError: another process owns the kit, or what is attached is none.
    """
    options = read_options(config)
    worker = worker_of(config)
    desk = line_from()
    if desk is not None:
        return _start_at_desk(options, worker, desk)
    kits = share_of(choose_kits(options), worker)
    require_port(kits)
    run = OnKitRun(options, kits, require_cloud(options), new_run(), worker)
    with ExitStack() as held:
        run.kits = tuple(held.enter_context(at_hand(kit, tell)) for kit in kits)
        for kit in run.kits:
            if kit.port:
                held.enter_context(owned(kit.port))
        run.held.enter_context(held.pop_all())
    if options.kit == AUTO:
        _require_answer(run)
    return run


def _start_at_desk(options: RunOptions, worker: Worker, desk: DeskLine) -> OnKitRun:
    """Return a run that is handed its kit when its firmware is built: until then it is for each of them.

    Raises:
        UsageError: one build does not do for all of them.
    """
    kind = desk.kind()
    kits = tuple(replace(kit, kind=kind) for kit in choose_kits(options))
    require_alike(kits)
    run = OnKitRun(options, kits, require_cloud(options), new_run(), worker, desk=desk)
    run.held.enter_context(desk)
    run.report.kit = {"kind": kits[0].kind}
    return run


def tell(line: str) -> None:
    """Print a line beside pytest's own output, which is captured by now: somebody waits."""
    print(line, file=sys.__stderr__, flush=True)


def _require_answer(run: OnKitRun) -> None:
    """Make sure that a kit which nobody named is one: many things have a USB bridge.

    Raises:
        BenchError: no ESP32 answers.
    """
    from kitbench.bench.kits.kit_health import first_healthy  # noqa: PLC0415 - esptool is slow to load

    try:
        first_healthy(run.kits)
    except BenchError:
        run.held.close()
        raise


def worker_of(config: pytest.Config) -> Worker:
    """Return which of pytest-xdist's workers this process is."""
    given = getattr(config, "workerinput", None)
    if given is None:
        return Worker()
    return Worker(int(given["workerid"].removeprefix("gw")), int(given["workercount"]), is_spread=True)
