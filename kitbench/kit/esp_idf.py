"""Builds with ESP-IDF's own `idf.py`, for kits that are real.

The project is copied, this run's identity and Kconfig values are laid over the copy, and the copy is built: the
student's tree is never changed.
"""

import logging
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError, KitError
from kitbench.firmware.esp_aws_iot import copy_checkout
from kitbench.firmware.overlay import Overlay
from kitbench.firmware.project import copy_project
from kitbench.firmware.reader import reader_of
from kitbench.firmware.sdkconfig import quote
from kitbench.kit.build_process import run_build
from kitbench.kit.build_sandbox import Box, BuildSandbox, choose_box
from kitbench.quoting import cmake

BUILD_WITHIN_S: Final = 900.0
#: What compiler, linker, idf.py and CMake say went wrong; CMake's reason is indented below its place. Not "fatal:": git
#: says it of every project that is no repository, and the build goes on.
ERROR_LINE: Final = re.compile(
    r"^(?:.*(?:error:|undefined reference to).*|ERROR: .*|CMake Error.*(?:\n(?:[ \t]*\n)*[ \t]+\S.*){0,2})$",
    re.MULTILINE,
)
#: What ESP-IDF says when the machine is at fault, not the project: no network for the component manager, no toolchain.
OURS: Final = re.compile(
    r"Cannot establish a connection to the component registry|"
    r"The CMAKE_C(?:XX)?_COMPILER:\s+\S+\s+is not a full path and was not found"
)
#: ESP-IDF has the compiler colour its messages (`-fdiagnostics-color=always`).
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
#: What of the environment the build needs: nothing that could hold a credential.
KEPT: Final = (
    "PATH",
    "IDF_PATH",
    "IDF_TOOLS_PATH",
    "IDF_PYTHON_ENV_PATH",
    "ESP_IDF_VERSION",
    "ESP_ROM_ELF_DIR",
    "LANG",
)
#: Where ESP-IDF is installed unless IDF_TOOLS_PATH says otherwise; `export.sh` does not set it.
DEFAULT_TOOLS: Final = ".espressif"
#: Where the copy of a project is that uses esp-aws-iot: its examples look for the component two folders up.
EXAMPLE: Final = Path("esp-aws-iot", "examples", "project")
#: Settings of this run, below `CONFIG_…` of project and variant.
RUN_DEFAULTS: Final = "sdkconfig.kitbench"
OWN_DEFAULTS: Final = "sdkconfig.project"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EspIdf:
    """An installation of ESP-IDF, its environment exported.

    Attributes:
        idf_py: the program; `idf.py` of `. $IDF_PATH/export.sh`, or that of the container's image.
        sandbox: where builds run.
    """

    idf_py: str
    sandbox: BuildSandbox

    def build(
        self, project: Path, folder: Path, configuration: str, overlay: Overlay, *, esp_aws_iot: Path | None = None
    ) -> Path:
        """Build a copy of `project` into `folder`; return `folder`.

        Args:
            project: left as it is.
            folder: the build folder, made; the copy stands beside it.
            configuration: `sdkconfig.ci.<configuration>` is used where the project has it.
            overlay: identity and Kconfig values of this run.
            esp_aws_iot: a recursive checkout, for projects that use it; copied too, and nothing is replaced in it.

        Raises:
            KitError: the project does not build, the line is the compiler's first; or not in time.
            BenchError: ESP-IDF could not be run.
            UsageError: the project is not there, or the checkout is none.
        """
        copy = folder.parent / ("project" if esp_aws_iot is None else EXAMPLE)
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        others = () if esp_aws_iot is None else (esp_aws_iot,)
        read = reader_of(project, *others, writes=(folder.parent,))
        places = (project.resolve(), copy.resolve(), esp_aws_iot and esp_aws_iot.resolve())
        defaults = list(read(lay_project, *places, configuration, overlay))
        status, log = self._run(self._command(copy, folder, defaults), folder.parent)
        if status == 0:
            return folder
        # idf.py looks at its own installation before it makes the folder. What is in the folder then proves nothing:
        # CMake writes flasher_args.json before anything is compiled.
        if (not folder.is_dir() and (copy / "CMakeLists.txt").is_file()) or OURS.search(log):
            fix = f"is ESP-IDF installed for this chip, and online? `{self.idf_py} --version`"
            raise BenchError(f"idf.py cannot build here: {first_error(log)}", stage="build", fix=fix)
        raise KitError(f"{project.name} does not build: {first_error(log)}", stage="build")

    def _command(self, copy: Path, folder: Path, defaults: list[str]) -> list[str]:
        return [
            *([self.idf_py] if self.sandbox.is_container else command_of(self.idf_py)),
            *("-C", str(copy), "-B", str(folder)),
            f"-DSDKCONFIG={folder / 'sdkconfig'}",
            f"-DSDKCONFIG_DEFAULTS={cmake.listed(defaults)}",
            "build",
        ]

    def _run(self, arguments: list[str], work: Path) -> tuple[int, str]:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ} | {"HOME": str(work)}
        tools = Path.home() / DEFAULT_TOOLS
        if tools.is_dir():
            # idf.py checks its Python packages against a file in there, and would look below the build's HOME for it.
            environment.setdefault("IDF_TOOLS_PATH", str(tools))
        if not self.sandbox.confines:
            _log.warning("neither bubblewrap nor a container engine is installed: the project's CMake runs unconfined")
        command = self.sandbox.command(self._bounded(arguments), work, environment)
        return run_build(command, environment=environment, work=work, within_s=BUILD_WITHIN_S)

    def _bounded(self, arguments: list[str]) -> list[str]:
        """Let a container end by itself: its engine's client can be killed from here, what it runs cannot."""
        return [*("timeout", f"{BUILD_WITHIN_S:g}"), *arguments] if self.sandbox.is_container else arguments


def command_of(idf_py: str) -> list[str]:
    """Return idf.py, run by the Python that ESP-IDF was installed for: kitbench's own may be first on PATH."""
    environment = os.environ.get("IDF_PYTHON_ENV_PATH", "")
    folders = os.pathsep.join(str(Path(environment, name)) for name in ("bin", "Scripts"))
    python = shutil.which("python", path=folders) if environment else None
    return [python, idf_py] if python else [idf_py]


def find_esp_idf() -> EspIdf:
    """Return the ESP-IDF of this environment, or a container's.

    Raises:
        BenchError: there is neither.
    """
    box = choose_box()
    idf_py = shutil.which("idf.py")
    if idf_py is not None:
        return EspIdf(idf_py, BuildSandbox(Box.BUBBLEWRAP if box is Box.BUBBLEWRAP else Box.NONE, installation()))
    if box in (Box.DOCKER, Box.PODMAN):
        return EspIdf("idf.py", BuildSandbox(box, idf_version=os.environ.get("ESP_IDF_VERSION", "v5.1.4")))
    raise BenchError(
        "ESP-IDF was not found",
        stage="build",
        fix="run `. $IDF_PATH/export.sh` first, install docker, or use --kit virtual",
    )


def installation() -> tuple[Path, ...]:
    """Return the folders that hold the ESP-IDF of this environment, its tools and its Python."""
    names = ("IDF_PATH", "IDF_TOOLS_PATH", "IDF_PYTHON_ENV_PATH")
    folders = [Path(os.environ[name]) for name in names if name in os.environ]
    espressif = Path.home() / DEFAULT_TOOLS
    folders += [espressif] if espressif.is_dir() else []
    if "IDF_PYTHON_ENV_PATH" in os.environ:
        # A virtual environment has no interpreter of its own, only a link to one: pyenv's, say, in the home folder.
        prefix = Path(os.environ["IDF_PYTHON_ENV_PATH"], "bin", "python").resolve().parents[1]
        folders += [] if Path.home().is_relative_to(prefix) else [prefix]
    return tuple(folders)


def lay_project(
    project: Path, copy: Path, esp_aws_iot: Path | None, configuration: str, overlay: Overlay
) -> tuple[str, ...]:
    """Copy a project, and the checkout two folders above it; lay identity and settings over it.

    Returns:
        the names for SDKCONFIG_DEFAULTS.
    """
    if esp_aws_iot is not None:
        copy_checkout(esp_aws_iot, copy.parents[1])
    copy_project(project, copy)
    overlay.lay_over(copy)
    return tuple(lay_settings(copy, configuration, overlay))


def lay_settings(copy: Path, configuration: str, overlay: Overlay) -> list[str]:
    """Write this run's settings into the copy; return the names for SDKCONFIG_DEFAULTS, the last one winning.

    A project's own `sdkconfig` would win over all defaults, so it becomes one of them, before the run's.
    """
    own = copy / "sdkconfig"
    if own.is_file():
        own.rename(copy / OWN_DEFAULTS)
    lines = [line for symbol, value in overlay.settings.items() for line in kconfig_lines(symbol, value)]
    (copy / RUN_DEFAULTS).write_text("".join(lines), encoding="utf-8")
    names = ("sdkconfig.defaults", f"sdkconfig.ci.{configuration}", OWN_DEFAULTS, RUN_DEFAULTS)
    return [name for name in names if (copy / name).is_file()]


def kconfig_lines(symbol: str, value: str) -> tuple[str, ...]:
    """Return what to write for a symbol whose type is not known: bare where the value may be, then as a string.

    Kconfig ignores the form that is not of the symbol's type: `12345678` for a Wi-Fi password, `"8883"` for a port
    (seen with esp-idf-kconfig 1.5 and 2.5).
    """
    quoted = f"CONFIG_{symbol}={quote(value)}\n"
    if value in ("y", "n") or re.fullmatch(r"-?\d+|0x[0-9a-fA-F]+", value):
        return (f"CONFIG_{symbol}={value}\n", quoted)
    return (quoted,)


def first_error(log: str) -> str:
    """Return in one line what a build log says first of what went wrong."""
    plain = _COLOUR.sub("", log)
    match = ERROR_LINE.search(plain)
    lines = plain.strip().splitlines()
    said = match[0] if match else lines[-1] if lines else "it printed nothing"
    return " ".join(said.split())[:300]
