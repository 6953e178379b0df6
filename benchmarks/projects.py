"""How many of the projects in some folders build for the virtual kit, and what the others lack.

Usage: `python benchmarks/projects.py [--run] [--seconds 5] [--esp-aws-iot CHECKOUT] FOLDER…`. A folder is a project or
has some below it. The table has a line for each: the generation of ESP-IDF that it says it is for, whether it builds,
whether it runs (boots, starts `app_main` and neither panics nor restarts within the seconds; it reaches no network),
whose fault a refusal is, and the first thing missing; below it what gaps name, by how many projects need it. Keys and
certificates that a project embeds, and its repository leaves out, are made as `kitbench run` makes them.
"""

import argparse
import collections
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import serial

from kitbench.bench.project_run.stand_in_device import missing_parts, stand_in_overlay
from kitbench.errors import GapError, KitbenchError
from kitbench.virtual_kit.kit import KitOptions, VirtualKit
from kitbench.virtual_kit.toolchain import build_project
from kitbench.virtual_kit.toolchain.esp_idf_generation import generation_of
from kitbench.virtual_kit.toolchain.project_facts import ProjectFacts

#: Folders that are parts of a project, or what a build has made.
NOT_BELOW = frozenset({"components", "managed_components", "build", "main", "test_apps", ".git"})
DEPTH = 4
PANICS = (b"Guru Meditation", b"abort() was called", b"Backtrace:")
STARTED = b"Calling app_main()"
BOOT_S = 30.0


@dataclass(frozen=True)
class Row:
    """One project of the table."""

    name: str
    generation: str
    builds: bool
    runs: str
    verdict: str
    missing: str
    lacks: str


def projects_below(folder: Path, depth: int = DEPTH) -> Iterator[Path]:
    """Yield the projects in a folder: itself, or those below it that are no part of another."""
    file = folder / "CMakeLists.txt"
    if (file.is_file() and "project.cmake" in file.read_text("utf-8", "replace")) or (
        folder / "platformio.ini"
    ).is_file():
        yield folder
        return
    for child in sorted(folder.iterdir()) if depth else ():
        if child.is_dir() and not child.is_symlink() and child.name not in NOT_BELOW:
            yield from projects_below(child, depth - 1)


def measure(project: Path, checkout: Path | None, seconds: float | None) -> Row:
    """Build one project, and run it where seconds are given."""
    try:
        generation = generation_of(project).version.removeprefix("v")[:3]
    except GapError:
        generation = ProjectFacts(project).generation or "3"
    name = "/".join(project.parts[-2:])
    with tempfile.TemporaryDirectory(prefix="kitbench-projects-") as folder:
        try:
            missing = missing_parts(project)
            overlay = stand_in_overlay(project, missing, None) if missing else None
            build = build_project(project, Path(folder), overlay=overlay, esp_aws_iot=checkout)
        except KitbenchError as error:
            lacks = error.lacks if isinstance(error, GapError) else ""
            return Row(name, generation, False, "-", "gap" if lacks else error.fault.value, error.message, lacks)
        runs = run(build.flasher_args, seconds) if seconds else "-"
    return Row(name, generation, True, runs, "ok" if runs in {"yes", "-"} else "student", "", "")


def run(flasher_args: Path, seconds: float) -> str:
    """Boot a virtual kit with the build; say `yes`, or what it did instead of running."""
    with tempfile.TemporaryDirectory(prefix="kitbench-projects-") as folder:
        flash = Path(folder) / "flash.bin"
        flash.write_bytes(flash_of(flasher_args))
        with (
            VirtualKit(KitOptions(flash_file=flash)) as kit,
            serial.serial_for_url(kit.url, 115200, timeout=0.2) as port,
        ):
            printed = b""
            start = time.monotonic()
            # A busy machine may take its time to boot a kit; the seconds count from the app's start.
            while STARTED not in printed and time.monotonic() - start < BOOT_S:
                printed += port.read(4096)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                printed += port.read(4096)
    if any(panic in printed for panic in PANICS):
        return "panics"
    return {0: "does not start", 1: "yes"}.get(printed.count(STARTED), "restarts")


def flash_of(flasher_args: Path) -> bytes:
    """Return the flash with the build's images, erased elsewhere."""
    layout = json.loads(flasher_args.read_text())
    flash = bytearray(b"\xff" * (int(layout["flash_settings"]["flash_size"].removesuffix("MB")) << 20))
    for offset, file in layout["flash_files"].items():
        data = (flasher_args.parent / file).read_bytes()
        flash[int(offset, 0) : int(offset, 0) + len(data)] = data
    return bytes(flash)


HEAD = f"{'project':48}{'IDF':>5} {'builds':7}{'runs':15}{'verdict':9}first thing missing"


def line_of(row: Row) -> str:
    """Return a project's line of the table."""
    builds = "yes" if row.builds else "no"
    return f"{row.name[-47:]:48}{row.generation:>5} {builds:7}{row.runs:15}{row.verdict:9}{row.missing[:160]}"


def summary(rows: Sequence[Row]) -> str:
    """Return what stands below the table: how many build, and what the others lack."""
    lines = [f"{sum(row.builds for row in rows)} of {len(rows)} build"]
    wanted = collections.Counter(row.lacks for row in rows if row.lacks)
    return "\n".join([*lines, *(f"{count:3} lack {lacks}" for lacks, count in wanted.most_common())])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the status is 1 when there was no project, and 0 otherwise: nothing has to build."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--run", action="store_true", help="boot a virtual kit with each that builds")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each runs")
    parser.add_argument("--esp-aws-iot", type=Path, help="a recursive checkout, for projects that use it")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    print(HEAD)
    for folder in options.folders:
        for project in projects_below(folder.resolve()):
            rows.append(measure(project, options.esp_aws_iot, options.seconds if options.run else None))
            print(line_of(rows[-1]), flush=True)
    print(summary(rows))
    return int(not rows)


if __name__ == "__main__":
    sys.exit(main())
