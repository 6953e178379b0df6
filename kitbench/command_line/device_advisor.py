"""`kitbench device-advisor`: AWS IoT Device Advisor's tests on a kit, judged on this bench."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from kitbench.bench.builds.finished_build import finished_build
from kitbench.bench.builds.identity_place import NAMED as IDENTITY_PLACES
from kitbench.bench.builds.identity_place import check_identity
from kitbench.bench.builds.variant import NAMED, variants_of
from kitbench.bench.device_advisor.suite_choice import SUITES, choose_tests
from kitbench.bench.device_advisor.suite_report import FIX_MARK, status_of, write_report
from kitbench.bench.kits.bench_file import USUAL_FILE, read_bench_file
from kitbench.bench.kits.kit_choice import kits_meant
from kitbench.bench.lab_address import parse_lab_address
from kitbench.command_line.audit_files import read_bounded
from kitbench.confinement.python_process import environment, python
from kitbench.errors import BenchError, Fault, UsageError
from kitbench.esp_idf_versions import checked_version
from kitbench.exit_status import ExitStatus
from kitbench.extras import Extra, require
from kitbench.installation import advisor_suite_path
from kitbench.kit_list import VIRTUAL, stages
from kitbench.local_iot_core.device_advisor.report import summary
from kitbench.local_iot_core.jobs.job import parse_document
from kitbench.local_iot_core.jobs.job_error import JobError
from kitbench.quoting import rich_markup
from kitbench.quoting.terminal import printable_line

#: A virtual kit's delays run so many times faster: two rounds of back-off take minutes on a real one.
VIRTUAL_CLOCK_FACTOR: Final = 10.0
_COLOURS: Final = {"passed": "green", "passed with warnings": "yellow", "failed": "red", "not judged": "cyan"}
_PATH: Final = click.Path(path_type=Path)
#: Bytes of a job's document. Source: AWS General Reference, "AWS IoT Device Management endpoints and quotas".
_LARGEST_DOCUMENT: Final = 32 * 1024
#: Columns of an outcome.
_WIDTH: Final = 20


@click.command(name="device-advisor")
@click.option("--project", type=_PATH, help="ESP-IDF project to build and to test.")
@click.option("--build", type=_PATH, help="Finished build of idf.py to test as it is.")
@click.option("--suite", type=click.Choice(SUITES), default=SUITES[0], show_default=True, help="Which tests.")
@click.option("--test", "tests", multiple=True, metavar="ID", help="This test only, by AWS's id; may be repeated.")
@click.option(
    "--kit", help="virtual, qemu, auto, a port, or a name of bench.toml [default: bench.toml's, else virtual]."
)
@click.option("--bench", metavar="FILE", default=USUAL_FILE, show_default=True, help="Bench description.")
@click.option("--variant", type=click.Choice([one.value for one in NAMED]), help="Variant of the project.")
@click.option("--identity", type=click.Choice(IDENTITY_PLACES), help="With --build: where the device's identity is.")
@click.option("--device-certificate", type=_PATH, help="With --identity registered: the device's certificate, PEM.")
@click.option("--esp-aws-iot", type=_PATH, help="Recursive checkout of esp-aws-iot, for projects that use it.")
@click.option(
    "--idf", metavar="VERSION", help="ESP-IDF 4.4 or 5.1 on the virtual kit; by default what the project says."
)
@click.option(
    "--job-document",
    type=_PATH,
    help="JSON of the job of Job_Execution [one that asks for nothing].",
)
@click.option(
    "--clock-factor", type=click.FloatRange(0.01, 100), help="A virtual kit's delays run so much faster [10]."
)
@click.option("--relay", metavar="ADDRESS", help="This machine's address in the lab's network, for attached kits.")
@click.option("--json", "json_file", type=_PATH, help="Write the report here.")
@click.option("--html", type=_PATH, help="Write the report as a page here.")
def command(*, json_file: Path | None, html: Path | None, **options: Any) -> int:
    """Run the tests of AWS IoT Device Advisor on a kit, and say why each ended as it did.

    The local core judges the wire; serial line, crashes and build are added. It is not AWS's qualification.

    \b
    Examples:
      kitbench device-advisor --project firmware/subscribe_publish
      kitbench device-advisor --build build --identity nvs --suite all --html report.html

    \b
    Exit status: 0 all passed, 1 any failed, 2 any not judged, 3 usage.
    """  # noqa: D301 - click wants the very character
    require(Extra.LOCAL)
    arguments = suite_arguments(**options)
    with tempfile.TemporaryDirectory(prefix="kitbench-advisor-") as folder:
        report_file, run_report = Path(folder, "advisor.json"), Path(folder, "run.json")
        files = ("--advisor-report", str(report_file), "--run-report", str(run_report))
        console = Console(emoji=False, highlight=False, soft_wrap=True)
        tail = _run([*arguments, *files], console)
        if not report_file.exists():
            return _say_why(run_report, tail)
        report: dict[str, Any] = json.loads(report_file.read_text(encoding="utf-8"))
        if not report["complete"]:
            report["facts"].append(f"The run did not come to its end: {_reason(run_report, tail)[1]}")
    write_report(report, json_file=json_file, html=html)
    said = " ".join([f"{summary(report['tests'])}.", *report["facts"], report["nature"]])
    console.print(rich_markup.text(said))
    return status_of(report)


def suite_arguments(  # noqa: PLR0913 - one argument per option
    *,
    project: Path | None,
    build: Path | None,
    suite: str,
    tests: tuple[str, ...],
    kit: str | None,
    bench: str,
    variant: str | None,
    identity: str | None,
    device_certificate: Path | None,
    esp_aws_iot: Path | None,
    idf: str | None,
    job_document: Path | None,
    clock_factor: float | None,
    relay: str | None,
) -> list[str]:
    """Return what pytest is called with.

    Raises:
        UsageError: neither a project nor a build is named, or both are; the build is none; there is no such test; a
            job's document is none; or options do not go together, or name no address.
    """
    if (project is None) == (build is None):
        raise UsageError("name what to test", stage="options", fix="--project DIR or --build DIR")
    for folder in (project, build):
        if folder is not None and not folder.is_dir():
            raise UsageError(f"{folder} is no folder", stage="options", fix="name a project or a build")
    choose_tests(suite, tests)
    check_identity(identity, has_build=build is not None, has_certificate=device_certificate is not None)
    if build is not None:
        finished_build(build)
    if relay is not None:
        parse_lab_address(relay)
    if job_document is not None:
        _check_job_document(job_document)
    description = read_bench_file(Path(bench), is_named=bench != USUAL_FILE)
    kit = kit or description.kit or VIRTUAL
    factor = clock_factor or (VIRTUAL_CLOCK_FACTOR if kit == VIRTUAL else 1.0)
    if kit != VIRTUAL and factor != 1.0:
        raise UsageError("--clock-factor is for the virtual kit: others have a clock of their own", stage="options")
    for part in stages(kit):
        kits_meant(part, description.kits)
    variant = variant or (next((one.value for one in variants_of(project)), None) if project else None)
    named = {
        "--project": project,
        "--build": build,
        "--variant": variant,
        "--identity": identity,
        "--device-certificate": device_certificate,
        "--esp-aws-iot": esp_aws_iot,
        "--advisor-job-document": job_document,
        "--relay": relay,
        "--idf": checked_version(idf) if idf else None,
    }
    given = [part for name, value in named.items() if value is not None for part in (name, str(value))]
    only = [part for name in tests for part in ("--advisor-test", name)]
    usual = [
        "--kit",
        kit,
        "--cloud",
        "local",
        "--bench",
        bench,
        "--clock-factor",
        str(factor),
        "--advisor-suite",
        suite,
    ]
    return [*usual, *given, *only]


def _check_job_document(path: Path) -> None:
    text = read_bounded(path, _LARGEST_DOCUMENT, what="job document", stage="options").decode(errors="replace")
    try:
        parse_document(text)
    except (JobError, NotImplementedError) as error:
        raise UsageError(f"--job-document {path}: {error}", stage="options", fix='JSON: {"operation": …}') from error


def _run(arguments: list[str], console: Console) -> list[str]:
    """Run the suite; print a line for each test, and return the last lines of what else was said."""
    suite = str(advisor_suite_path())
    quiet = ("-q", "--no-header", "-p", "no:cacheprovider", "-m", "hardware", "--tb=line", "--show-capture=no")
    child = subprocess.Popen(
        python("-m", "pytest", suite, *quiet, "--rootdir", suite, "-c", "/dev/null", *arguments),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    console.print("building, flashing and starting the kit …")
    tail: list[str] = []
    assert child.stdout is not None
    with child.stdout as output:
        for line in output:
            outcome = line[:_WIDTH].strip()
            if outcome in _COLOURS:
                console.print(f"[{_COLOURS[outcome]}]{outcome:>{_WIDTH}}[/]{rich_markup.text(line[_WIDTH:].rstrip())}")
            elif line.startswith(FIX_MARK):
                console.print(f"{'':{_WIDTH}}  → {rich_markup.text(line.removeprefix(FIX_MARK).strip())}")
            elif line.strip():
                tail = [*tail[-20:], line.strip()]
    child.wait()
    return tail


def _reason(run_report: Path, tail: list[str]) -> tuple[str, str]:
    """Return whose fault it is that there is no report, and why."""
    try:
        checks = json.loads(run_report.read_text(encoding="utf-8"))["checks"]
        check = next(one for one in checks if one["reason"])
        return str(check["fault"]), printable_line(str(check["reason"]))
    except (OSError, ValueError, KeyError, StopIteration):
        return Fault.BENCH.value, said_last(tail)


def said_last(tail: list[str]) -> str:
    """Return the last line of pytest's that tells of an error, else its last line."""
    errors = [line for line in tail if "error" in line.lower()]
    return printable_line((errors or tail or ["pytest said nothing"])[-1].removeprefix("ERROR: "))


def _say_why(run_report: Path, tail: list[str]) -> int:
    """Print why there is no report; a project that cannot be built is its author's fault."""
    fault, reason = _reason(run_report, tail)
    if fault == Fault.STUDENT.value:
        click.echo(f"kitbench: {reason} [student fault]", err=True)
        return ExitStatus.FOUND_OR_FAILED
    raise BenchError(f"no test was run: {reason}", stage="device advisor")
