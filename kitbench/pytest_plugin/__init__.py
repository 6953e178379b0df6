"""The pytest plugin: options, fixtures, markers and the run report of on-kit tests.

It is loaded in every session of an environment that has kitbench: what a run needs is imported when there is one.
"""

from typing import Any, Final

import pytest

from kitbench.pytest_plugin import selection, unasked, variants
from kitbench.pytest_plugin.options import add_options

#: Fixtures of this plugin; those that stand before pytest-embedded's are registered once both plugins are there.
pytest_plugins: Final = ["kitbench.pytest_plugin.fixtures"]
_EMBEDDED: Final = "kitbench.pytest_plugin.embedded"
#: A worker's report, and how many tests it left out, on their way to pytest-xdist's controller.
WORKER_LEFT_OUT: Final = "kitbench_left_out"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options under "kitbench"."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers of on-kit tests, and tell pytest-embedded of the kit."""
    config.addinivalue_line("markers", "hardware: drives a kit; tests that use a kit fixture have it by themselves")
    config.addinivalue_line("markers", "criterion(name): the criterion of the rubric that this check serves")
    config.addinivalue_line("markers", "variants(*names): the firmware variants that this check is for")
    config.addinivalue_line("markers", "asked(field): left out where the rubric's [traffic] says `field = false`")
    if config.pluginmanager.hasplugin("pytest_embedded"):
        config.pluginmanager.import_plugin(_EMBEDDED)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run a list of kits in turn, until one has all that the firmware uses."""
    if len(config.getoption("--kit") or ()) == 1 and "," not in config.getoption("--kit")[0]:
        return None
    from kitbench.pytest_plugin.pool import run_pool  # noqa: PLC0415 - most sessions have one kit, or none

    return run_pool(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run on-kit tests once per variant that the project has, or that was asked for."""
    variants.parametrize(metafunc)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark tests that use a kit, before anything is selected by markers."""
    selection.mark_on_kit(item)


@pytest.hookimpl(trylast=True)  # after pytest's own -m: what it left out needs no line of ours
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what nobody asked for, and tests of variants that are not asked for or that the kit lacks."""
    selection.leave_out_on_kit_tests(config, items)
    if any(selection.is_on_kit(item) for item in items):
        variants.deselect_unsuited(config, items)
        unasked.deselect_unasked(config, items)


@pytest.hookimpl(tryfirst=True)  # pytest's terminal reporter asks for `pytest_report_collectionfinish` in the same hook
def pytest_collection_finish(session: pytest.Session) -> None:
    """Find kit and cloud before anything runs: without them, exit 4 and one line that says what to type."""
    items = [item for item in session.items if selection.is_on_kit(item)]
    if items and selection.runs_tests(session.config):
        from kitbench.pytest_plugin.session import begin  # noqa: PLC0415 - only a run needs it

        begin(session.config, items)


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    """Say why tests of a variant are not run on this kit."""
    return [f"deselected: {why}, so its tests show nothing here" for why in config.stash.get(variants.LACKED_KEY, [])]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell pytest-xdist's controller what this worker left out."""
    output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[WORKER_LEFT_OUT] = session.config.stash.get(selection.LEFT_OUT_KEY, 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were left out for want of a kit, and how to run them."""
    if count := terminalreporter.config.stash.get(selection.LEFT_OUT_KEY, 0):
        terminalreporter.line(selection.left_out_line(count))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: list[Any]) -> None:
    """Find kits and cloud before any worker starts: without them, exit 4 and one line that says what to type."""
    if selection.runs_tests(config) and selection.selects_marker(config.option.markexpr or ""):
        from kitbench.pytest_plugin.controller import begin  # noqa: PLC0415 - only a run needs it

        begin(config, len(specs))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take what a worker that ended has to say; one that crashed says nothing, and its checks stay missing."""
    del error
    output: dict[str, Any] = getattr(node, "workeroutput", {})
    if WORKER_LEFT_OUT in output:
        node.config.stash[selection.LEFT_OUT_KEY] = output[WORKER_LEFT_OUT]
    if output.keys() - {WORKER_LEFT_OUT}:
        from kitbench.pytest_plugin.controller import take_report  # noqa: PLC0415 - only a run needs it

        take_report(node.config, output)
