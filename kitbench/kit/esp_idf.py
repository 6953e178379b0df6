"""Builds with ESP-IDF's own `idf.py`, for kits that are real.

The project is copied, this run's identity and Kconfig values are laid over the copy, and the copy is built: the
student's tree is never changed.
"""

import logging
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError, KitError
from kitbench.firmware.overlay import Overlay
from kitbench.firmware.project import copy_project
from kitbench.kit.build_sandbox import Box, BuildSandbox, choose_box

BUILD_WITHIN_S: Final = 900.0
#: The compiler's and CMake's words for the first thing that went wrong.
ERROR_LINE: Final = re.compile(r"^.*(?:error:|CMake Error|undefined reference to|fatal:).*$", re.MULTILINE)
#: What of the environment the build needs: nothing that could hold a credential.
KEPT: Final = ("PATH", "IDF_PATH", "IDF_TOOLS_PATH", "IDF_PYTHON_ENV_PATH", "ESP_IDF_VERSION", "LANG")
#: Settings of this run, below `CONFIG_…` of project and variant.
RUN_DEFAULTS: Final = "sdkconfig.kitbench"
OWN_DEFAULTS: Final = "sdkconfig.student"

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

    def build(self, project: Path, folder: Path, configuration: str, overlay: Overlay) -> Path:
        """Build a copy of `project` into `folder`; return `folder`.

        Args:
            project: left as it is.
            folder: the build folder, made; the copy stands beside it as `project`.
            configuration: `sdkconfig.ci.<configuration>` is used where the project has it.
            overlay: identity and Kconfig values of this run.

        Raises:
            KitError: the project does not build; the line is the compiler's first.
            BenchError: ESP-IDF could not be run or did not end in time.
        """
        copy = folder.parent / "project"
        copy_project(project, copy)
        overlay.lay_over(copy)
        defaults = lay_settings(copy, configuration, overlay)
        log = self._run(self._command(copy, folder, defaults), folder.parent)
        if not (folder / "flasher_args.json").is_file():
            raise KitError(f"{project.name} does not build: {first_error(log)}", stage="build")
        return folder

    def _command(self, copy: Path, folder: Path, defaults: list[str]) -> list[str]:
        return [
            self.idf_py,
            *("-C", str(copy), "-B", str(folder)),
            f"-DSDKCONFIG={folder / 'sdkconfig'}",
            f"-DSDKCONFIG_DEFAULTS={';'.join(defaults)}",
            "build",
        ]

    def _run(self, arguments: list[str], work: Path) -> str:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ} | {"HOME": str(work)}
        if not self.sandbox.confines:
            _log.warning("neither bubblewrap nor a container engine is installed: the project's CMake runs unconfined")
        command = self.sandbox.command(arguments, work, environment)
        try:
            done = subprocess.run(
                command, env=environment, cwd=work, capture_output=True, timeout=BUILD_WITHIN_S, check=False
            )
        except OSError as error:
            raise BenchError(f"cannot run {command[0]}: {error.strerror}", stage="build") from error
        except subprocess.TimeoutExpired as error:
            raise KitError(f"the build did not end within {BUILD_WITHIN_S:g} s", stage="build") from error
        return (done.stdout + done.stderr).decode(errors="replace")


def find_esp_idf() -> EspIdf:
    """Return the ESP-IDF of this environment, or a container's.

    Raises:
        BenchError: there is neither.
    """
    box = choose_box()
    idf_py = shutil.which("idf.py")
    if idf_py is not None:
        tools = tuple(Path(os.environ[name]) for name in ("IDF_PATH", "IDF_TOOLS_PATH") if name in os.environ)
        espressif = Path.home() / ".espressif"
        tools += (espressif,) if espressif.is_dir() else ()
        return EspIdf(idf_py, BuildSandbox(Box.BUBBLEWRAP if box is Box.BUBBLEWRAP else Box.NONE, tools))
    if box in (Box.DOCKER, Box.PODMAN):
        return EspIdf("idf.py", BuildSandbox(box, idf_version=os.environ.get("ESP_IDF_VERSION", "v5.1.4")))
    raise BenchError(
        "ESP-IDF was not found",
        stage="build",
        mend="run `. $IDF_PATH/export.sh` first, install docker, or use --kit virtual",
    )


def lay_settings(copy: Path, configuration: str, overlay: Overlay) -> list[str]:
    """Write this run's settings into the copy; return the names for SDKCONFIG_DEFAULTS, the last one winning.

    A project's own `sdkconfig` would win over all defaults, so it becomes one of them, before the run's.
    """
    own = copy / "sdkconfig"
    if own.is_file():
        own.rename(copy / OWN_DEFAULTS)
    lines = [f"CONFIG_{symbol}={kconfig_value(value)}\n" for symbol, value in overlay.settings.items()]
    (copy / RUN_DEFAULTS).write_text("".join(lines), encoding="utf-8")
    names = ("sdkconfig.defaults", f"sdkconfig.ci.{configuration}", OWN_DEFAULTS, RUN_DEFAULTS)
    return [name for name in names if (copy / name).is_file()]


def kconfig_value(value: str) -> str:
    """Return a value as sdkconfig writes it: numbers, `y` and `n` bare, strings quoted."""
    if value in ("y", "n") or re.fullmatch(r"-?\d+|0x[0-9a-fA-F]+", value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def first_error(log: str) -> str:
    """Return the first line of a build log that says what went wrong."""
    match = ERROR_LINE.search(log)
    lines = log.strip().splitlines()
    return (match[0] if match else lines[-1] if lines else "it printed nothing").strip()[:300]
