"""The options of an on-kit run, from the command line and from `bench.toml`."""

import argparse
from pathlib import Path
from typing import Final

import pytest

from kitbench.bench.builds.firmware_build import FirmwareSource
from kitbench.bench.builds.identity_place import NAMED as IDENTITY_PLACES
from kitbench.bench.builds.identity_place import IdentityPlace, check_identity
from kitbench.bench.builds.variant import NAMED, Variant
from kitbench.bench.kits.bench_file import CLOUDS, USUAL_FILE, read_bench_file
from kitbench.bench.kits.run_options import RunOptions
from kitbench.bench.lab_address import parse_lab_address
from kitbench.board.board_file import read_board
from kitbench.cloud.billing.meter import DEFAULT_BUDGET
from kitbench.errors import UsageError
from kitbench.esp_idf_versions import checked_version
from kitbench.firmware.project_folder import find_project, projects_in
from kitbench.installation import named_rubric
from kitbench.kit_list import stages
from kitbench.traffic_rules import read_traffic_rules

#: The ini-file's setting for repositories with several projects.
PROJECT_INI: Final = "kitbench_project"


def add_options(parser: pytest.Parser) -> None:
    """Declare the options that `pytest --help` lists under "kitbench"."""
    group = parser.getgroup("kitbench", "kitbench: ESP32 kits on AWS IoT Core")
    group.addoption(
        "--kit",
        metavar="KIT",
        action="append",
        help="auto (default: the one ESP32 attached), virtual, qemu, all, or ports and names, as red,blue; of a list, "
        "as virtual,/dev/ttyUSB0 or repeated, the first that has all that the project uses",
    )
    group.addoption("--kit-stage", type=int, help=argparse.SUPPRESS)
    group.addoption("--cloud", choices=CLOUDS, help="local or aws; no default, as aws may cost money (or: bench.toml)")
    group.addoption("--bench", metavar="FILE", default=USUAL_FILE, help=f"bench description (default: {USUAL_FILE})")
    group.addoption(
        "--board", metavar="NAME|FILE", help="what is wired to the kit's pins (default: course; or: bench.toml)"
    )
    group.addoption("--project", metavar="DIR", help="ESP-IDF project to build (default: the one in this folder)")
    parser.addini(PROJECT_INI, "ESP-IDF project that on-kit tests build, relative to pytest's root", default="")
    group.addoption("--build", metavar="DIR", help="finished build of idf.py to test as it is, in place of a project")
    group.addoption(
        "--identity",
        choices=IDENTITY_PLACES,
        help="with --build: keep (default, observe only), registered (--device-certificate), nvs, esp_secure_cert",
    )
    group.addoption("--device-certificate", metavar="FILE", help="certificate (PEM) of the device that --build is for")
    group.addoption("--esp-aws-iot", metavar="DIR", help="recursive checkout of esp-aws-iot, for projects that use it")
    group.addoption(
        "--idf", metavar="VERSION", help="ESP-IDF 4.4 or 5.1 on the virtual kit (default: what the project says)"
    )
    group.addoption("--variant", action="append", choices=[v.value for v in NAMED], help="run this variant only")
    group.addoption("--budget", type=int, metavar="N", help=f"messages the run may cost (default: {DEFAULT_BUDGET})")
    group.addoption(
        "--clock-factor", type=float, default=1.0, metavar="F", help="a virtual kit's delays run F times faster"
    )
    group.addoption(
        "--relay",
        metavar="ADDRESS[:PORT]",
        help="this machine's address on the network of attached kits: they reach their cloud by it",
    )
    group.addoption(
        "--rubric",
        metavar="FILE|NAME",
        help="rubric whose table [traffic] says what is asked of messages, or course_2024",
    )
    group.addoption("--rule", metavar="FILE", help="a student's rule: what `aws iot get-topic-rule` printed")
    group.addoption("--table", metavar="FILE", help="its table: what `aws dynamodb describe-table` printed")
    group.addoption("--run-report", metavar="FILE", help="write the run report (JSON) here")
    group.addoption("--evidence", metavar="DIR", help="keep serial log, cloud messages, flash map and verdict here")


def read_options(config: pytest.Config) -> RunOptions:
    """Return the options, the command line winning over `bench.toml`.

    Relative paths mean the folder in which the user stands: pytest's root is wherever its arguments lead it.

    Raises:
        UsageError: `bench.toml` is not as it should be, or no message may be sent.
    """
    folder = config.invocation_params.dir
    bench = read_bench_file(folder / config.getoption("--bench"), is_named=config.getoption("--bench") != USUAL_FILE)
    budget = next((n for n in (config.getoption("--budget"), bench.budget) if n is not None), DEFAULT_BUDGET)
    if budget < 1:
        raise UsageError(f"--budget {budget}: a run needs one message at least", stage="options")
    names = config.getoption("--variant") or []
    _check_build_options(config)
    return RunOptions(
        kit=_kit_of_stage(config, ",".join(config.getoption("--kit") or ()) or bench.kit or "auto"),
        cloud=config.getoption("--cloud") or bench.cloud,
        source=FirmwareSource(
            project=project_folder(config),
            esp_aws_iot=_path_or_none(folder, config.getoption("--esp-aws-iot")),
            idf=checked_version(config.getoption("--idf") or ""),
        ),
        variants=tuple(Variant(name) for name in names),
        budget=budget,
        bench=bench,
        clock_factor=config.getoption("--clock-factor"),
        report=_path_or_none(folder, config.getoption("--run-report")),
        evidence=_path_or_none(folder, config.getoption("--evidence")),
        build=_path_or_none(folder, config.getoption("--build")),
        identity=identity_place(config),
        device_certificate=_path_or_none(folder, config.getoption("--device-certificate")),
        rule=_path_or_none(folder, config.getoption("--rule")),
        table=_path_or_none(folder, config.getoption("--table")),
        board=read_board(config.getoption("--board") or bench.board, folder),
        relay=parse_lab_address(named) if (named := config.getoption("--relay")) else bench.relay,
        traffic=read_traffic_rules(_rubric(folder, config.getoption("--rubric"))),
    )


def _rubric(folder: Path, named: str | None) -> Path | None:
    """Return the rubric's file: one of `folder` wins over one that comes along."""
    path = _path_or_none(folder, named)
    if named is None or path is None or path.exists():
        return path
    known = named_rubric(Path(named))
    return known if known.is_file() else path


def _kit_of_stage(config: pytest.Config, kits: str) -> str:
    """Return the part of a list of kits that this session runs on (`kitbench.pytest_plugin.pool`)."""
    parts, number = stages(kits), config.getoption("--kit-stage")
    return parts[min(number, len(parts) - 1)] if number is not None else kits


def identity_place(config: pytest.Config) -> IdentityPlace:
    """Return where the identity is: in the source where the bench builds, else as the build has it."""
    usual = IdentityPlace.KEEP if config.getoption("--build") else IdentityPlace.SOURCE
    return IdentityPlace(config.getoption("--identity") or usual)


def _check_build_options(config: pytest.Config) -> None:
    build = config.getoption("--build")
    if build and (config.getoption("--project") or config.getoption("--variant")):
        raise UsageError("--build takes no --project and no --variant: it is tested as it is", stage="options")
    has_certificate = bool(config.getoption("--device-certificate"))
    check_identity(config.getoption("--identity"), has_build=bool(build), has_certificate=has_certificate)


def project_folder(config: pytest.Config) -> Path:
    """Return the project's folder; the user's own folder where nobody named one and none is found."""
    if (named := config.getoption("--project")) is not None:
        return Path(config.invocation_params.dir, named).resolve()
    try:
        return search_project(config)
    except UsageError:  # told by whoever builds it
        return Path(config.invocation_params.dir)


def search_project(config: pytest.Config) -> Path:
    """Return the project that pytest's ini-file names, else the only one in the user's folder, else in pytest's root.

    Raises:
        UsageError: there is none, or there are several.
    """
    if named := str(config.getini(PROJECT_INI)):
        return (config.rootpath / named).resolve()
    folders = dict.fromkeys((config.invocation_params.dir.resolve(), config.rootpath))
    for folder in [folder for folder in folders if projects_in(folder)]:
        return find_project(folder)
    return find_project(config.invocation_params.dir)


def _path_or_none(folder: Path, text: str | None) -> Path | None:
    return (folder / text).resolve() if text else None
