"""The command `kitbench`: one module per sub-command, loaded only when it is called.

Exit status of every command: 0 good, 1 found or failed, 2 cannot judge, 3 usage.
"""

import importlib
import os
import sys
import traceback
from typing import Final

import click

from kitbench.errors import BenchError, CloudError, KitbenchError, KitError, UsageError
from kitbench.exit_status import ExitStatus
from kitbench.installation import grading_package
from kitbench.quoting.terminal import printable_line

#: Sub-command → the module that defines `command`, and the line of help.
COMMANDS: Final = {
    "autograder": (f"{grading_package()}.gradescope.autograder_command", "Write an autograder for Gradescope."),
    "audit": ("kitbench.command_line.audit", "Find a private key in a flash dump, or prove its absence."),
    "board": ("kitbench.command_line.board", "Set and read the parts on a virtual kit's table."),
    "build": ("kitbench.command_line.build", "Build an ESP-IDF project for the virtual kit."),
    "checks": (f"{grading_package()}.checks_command", "List what a rubric can ask for, or does ask for."),
    "check": (f"{grading_package()}.check.check_command", "Check your own work as the grader will."),
    "bench-key": ("kitbench.command_line.bench_key", "Make, rotate and revoke the keys of bench and grader."),
    "collect": ("kitbench.command_line.collect", "Witness a student's kit at the bench."),
    "verify": ("kitbench.command_line.verify", "Show what a bundle witnesses, once its signature was checked."),
    "device-advisor": ("kitbench.command_line.device_advisor", "Run AWS IoT Device Advisor's tests on a kit."),
    "doctor": ("kitbench.command_line.doctor", "Say whether this bench is fit to grade."),
    "dump": ("kitbench.command_line.dump", "Read a kit's flash into a file, fast and verified."),
    "grade": (f"{grading_package()}.command_line", "Grade a class folder."),
    "kits": ("kitbench.command_line.kits", "Find and describe the kits of this bench."),
    "lab": ("kitbench.command_line.lab", "Share kits through a lab, and see who has them."),
    "local-iot-core": ("kitbench.command_line.local_iot_core", "Run a local stand-in of AWS IoT Core."),
    "rubric": (f"{grading_package()}.check.rubric_command", "Print a rubric, or the copy of it for students."),
    "rescore": (f"{grading_package()}.rescore_command", "Score results by another rubric, without a kit."),
    "run": ("kitbench.command_line.run_project", "Build and run a project on a kit, and show its serial line."),
    "sweep": ("kitbench.command_line.sweep", "Delete what interrupted runs left in the cloud."),
    "virtual-kit": ("kitbench.command_line.virtual_kit", "Run virtual ESP32 kits on RFC 2217 ports."),
}
#: What starts groups of processes and locks files; `audit` and `dump` are what students run, on any system.
_POSIX_ALONE: Final = frozenset(COMMANDS) - {"audit", "dump", "rescore", "verify"}
#: Set in the environment: an error that nobody foresaw is shown with its traceback.
TRACEBACK: Final = "KITBENCH_TRACEBACK"
_LONGEST_FAULT: Final = 300


class LazyGroup(click.Group):
    """Loads a sub-command's module when it is called, so that `--help` and kits start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names for `--help`."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import and return one sub-command, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        if cmd_name in _POSIX_ALONE and not hasattr(os, "killpg"):
            raise UsageError(f"{cmd_name} needs Linux or macOS", stage="start", fix="on Windows use WSL 2")
        command: click.Command = importlib.import_module(module).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the table of sub-commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in sorted(COMMANDS.items())])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kitbench")
def cli() -> None:
    """Test and grade ESP32 kits on AWS IoT Core, real or virtual."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with a status of `ExitStatus`."""
    sys.exit(run(cli, arguments))


def run(command: click.Command, arguments: list[str] | None = None) -> int:
    """Run a click command; return its exit status with click's own 2 for usage mapped to 3."""
    try:
        status = command.main(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return ExitStatus.USAGE
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        return ExitStatus.CANNOT_JUDGE
    except KitbenchError as error:
        click.echo(f"kitbench: {error} [{error.fault} fault]", err=True)
        return _status_of(error)
    except Exception as error:  # noqa: BLE001 - Python's own exit status, 1, would say that something was found
        click.echo(_own_fault(error), err=True)
        return ExitStatus.CANNOT_JUDGE
    return int(status) if isinstance(status, int) else ExitStatus.GOOD


def _own_fault(error: Exception) -> str:
    """Return what is said of an error that nobody foresaw: one line, or a traceback where one is asked for."""
    if os.environ.get(TRACEBACK):
        return "".join(traceback.format_exception(error))
    seen = printable_line(f"{type(error).__name__}: {error}")[:_LONGEST_FAULT]
    return f"kitbench: {seen} — this is a fault of kitbench: report what it prints with {TRACEBACK}=1 [bench fault]"


def _status_of(error: KitbenchError) -> ExitStatus:
    match error:
        case UsageError():
            return ExitStatus.USAGE
        case KitError():
            return ExitStatus.FOUND_OR_FAILED
        case BenchError() | CloudError():
            return ExitStatus.CANNOT_JUDGE
        case _:
            return ExitStatus.CANNOT_JUDGE
