"""`kitbench build`: an ESP-IDF project built for the virtual kit, without ESP-IDF."""

import json
import tempfile
from pathlib import Path
from typing import Any, Final

import click

from kitbench.bench.builds.firmware_build import build_in
from kitbench.bench.builds.variant import check_asked
from kitbench.bench.project_run.build_warnings import build_warnings
from kitbench.command_line.build_progress import build_progress
from kitbench.errors import UsageError
from kitbench.extras import Extra, require
from kitbench.firmware.overlay import Overlay, overlay_of_folder
from kitbench.quoting import shell
from kitbench.virtual_kit.toolchain import Build, BuildLimits, build_confined, warm_up
from kitbench.virtual_kit.toolchain.compilation.compiler import Progress

#: What CMake leaves in a build folder.
_CMAKE_CACHE: Final = "CMakeCache.txt"


@click.command()
@click.argument("project", type=click.Path(path_type=Path), required=False)
@click.option(
    "-o",
    "--output",
    "build_dir",
    type=click.Path(path_type=Path),
    help="The build folder to make; by default PROJECT/build, as idf.py has it.",
)
@click.option("--variant", help="Take sdkconfig.ci.VARIANT in addition (embedded_key, atecc608a).")
@click.option("--overlay", type=click.Path(path_type=Path), help="A folder of files laid over a copy of the project.")
@click.option("--set", "settings", multiple=True, metavar="CONFIG_X=VALUE", help="A Kconfig value; repeatable.")
@click.option("--esp-aws-iot", type=click.Path(path_type=Path), help="A recursive checkout of esp-aws-iot.")
@click.option("--idf", default="", metavar="VERSION", help="ESP-IDF 4.4 or 5.1; by default what the project says.")
@click.option("--timeout", "seconds", type=click.FloatRange(min=1), default=120.0, help="Seconds for the whole build.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line about the build.")
@click.option("--warm", is_flag=True, help="Only build the C library and the stand-in for ESP-IDF into the cache.")
def command(  # noqa: PLR0913, PLR0917 - click hands over one argument per option
    project: Path | None,
    build_dir: Path | None,
    variant: str | None,
    overlay: Path | None,
    settings: tuple[str, ...],
    esp_aws_iot: Path | None,
    idf: str,
    seconds: float,
    *,
    as_json: bool,
    warm: bool,
) -> int:
    """Build an ESP-IDF project for the virtual kit.

    The project is copied; its CMake and Kconfig files are read and never executed, and its C is compiled to
    WebAssembly inside a genuine ESP32 app image. The build folder is like that of idf.py.

    \b
    Examples:
      kitbench build my_project
      kitbench build firmware/subscribe_publish -o build --variant embedded_key --overlay my_identity
      kitbench build project -o build --set CONFIG_AWS_IOT_MQTT_HOST=localhost --json
      kitbench build --warm

    \b
    Exit status: 0 built, 1 ESP-IDF would refuse the project, too, 2 the virtual kit lacks something or the toolchain
    failed, 3 usage.
    """  # noqa: D301 - click needs the real backspace
    require(Extra.VIRTUAL)
    if warm and as_json:
        _say("", {"warm": True, "seconds": round(warm_up(_told_in_json()), 1)}, as_json=True)
        return 0
    with build_progress(quiet=as_json) as progress:
        if warm:
            click.echo(f"ready in {warm_up(progress):.1f} s")
            return 0
        if project is None:
            raise UsageError("PROJECT is needed", fix="see kitbench build --help")
        check_asked(project, variant)
        build = build_confined(
            project,
            build_dir or own_build_folder(project),
            overlay=read_overlay(overlay, settings),
            variant=variant,
            limits=BuildLimits(seconds=seconds),
            esp_aws_iot=esp_aws_iot,
            idf=idf,
            progress=progress,
        )
    warnings = build_warnings(build_in(build.build_dir))
    for line in warnings:
        click.echo(f"warning: {line}", err=True)
    said = f"built {build.app_bin} in {build.seconds:.1f} s\n{next_commands(build, project)}"
    _say(said, describe(build) | {"warnings": warnings}, as_json=as_json)
    return 0


def _told_in_json() -> Progress:
    """Return what prints a step as a line of JSON, each when it begins and at each quarter of it."""
    said: set[tuple[str, int]] = set()

    def tell(what: str, done: int, total: int) -> None:
        quarter = 4 * done // max(total, 1)
        if (what, quarter) not in said:
            said.add((what, quarter))
            click.echo(json.dumps({"stage": what, "share": round(done / max(total, 1), 2)}))

    return tell


def own_build_folder(project: Path) -> Path:
    """Return the project's folder `build`.

    Raises:
        UsageError: idf.py has a build there, which would be lost.
    """
    folder = project / "build"
    if (folder / _CMAKE_CACHE).exists():
        raise UsageError(f"{folder} holds a build of idf.py", stage="build", fix="choose another folder: -o BUILD_DIR")
    return folder


def next_commands(build: Build, project: Path) -> str:
    """Return what to do next, as idf.py says it at the end of a build."""
    folder = shell.word(str(build.build_dir))
    return (
        "To run it beside a local AWS IoT core:\n"
        f"  kitbench run {shell.word(str(project))}\n"
        "or start a kit, and write to it with esptool:\n"
        "  kitbench virtual-kit --port 4000 &\n"
        f"  (cd {folder} && esptool --chip esp32 --port rfc2217://127.0.0.1:4000 -b 460800 write-flash @flash_args)"
    )


def read_overlay(folder: Path | None, settings: tuple[str, ...]) -> Overlay:
    """Return the overlay of a folder's files and `CONFIG_X=value` texts.

    Raises:
        UsageError: a text is no setting, or the folder is not there.
    """
    values: dict[str, str] = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals or not name.replace("_", "").isalnum():
            raise UsageError(f"--set expects CONFIG_X=value, not {text[:60]!r}")
        values[name] = value.strip('"')
    if folder is None:
        return Overlay(kconfig=values)
    with tempfile.TemporaryDirectory(prefix="kitbench-overlay-") as scratch:
        return overlay_of_folder(folder, Path(scratch) / "files").merged_with(Overlay(kconfig=values))


def describe(build: Build) -> dict[str, Any]:
    """Return what the JSON line says of a build."""
    return {
        "build_dir": str(build.build_dir),
        "app_bin": str(build.app_bin),
        "elf": str(build.elf),
        "flasher_args": str(build.flasher_args),
        "seconds": round(build.seconds, 3),
        "compiled": list(build.compiled),
    }


def _say(text: str, value: dict[str, Any], *, as_json: bool) -> None:
    click.echo(json.dumps(value) if as_json else text)
