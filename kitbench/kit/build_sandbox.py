"""Where a student's project is built with ESP-IDF: its CMake scripts run commands, so they run in a box of their own.

bubblewrap where it is installed, else a container with Espressif's image, else openly without: the caller says so.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

#: The image by Espressif whose tag is the version, https://hub.docker.com/r/espressif/idf.
IMAGE: Final = "espressif/idf"
PROBE_WITHIN_S: Final = 5.0


class Box(StrEnum):
    """What keeps the build from the rest of the machine."""

    BUBBLEWRAP = "bubblewrap"
    DOCKER = "docker"
    PODMAN = "podman"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class BuildSandbox:
    """Runs a build command with one writable folder.

    Attributes:
        box: what is used.
        tools: folders that ESP-IDF itself needs to read, such as `$IDF_PATH` and `~/.espressif`.
        idf_version: the tag of the container's image.
    """

    box: Box
    tools: tuple[Path, ...] = ()
    idf_version: str = "latest"

    @property
    def confines(self) -> bool:
        """Whether there is a box at all."""
        return self.box is not Box.NONE

    @property
    def is_container(self) -> bool:
        """Whether ESP-IDF is that of a container's image, not of this machine."""
        return self.box in (Box.DOCKER, Box.PODMAN)

    def command(self, arguments: list[str], work: Path, environment: Mapping[str, str]) -> list[str]:
        """Return the command line that runs `arguments` in `work` and lets it write nowhere else."""
        if self.box is Box.BUBBLEWRAP:
            return self._bubblewrap(work, environment) + arguments
        if self.is_container:
            return self._container(work, environment) + arguments
        return arguments

    def _bubblewrap(self, work: Path, environment: Mapping[str, str]) -> list[str]:
        # The component manager fetches pinned components, hence the network; nothing secret is in the box to send.
        box = ["bwrap", "--unshare-all", "--share-net", "--die-with-parent", "--new-session", "--clearenv"]
        for folder in ("/usr", "/bin", "/lib", "/lib64", "/etc/ssl", "/etc/resolv.conf", "/etc/alternatives"):
            box += ["--ro-bind-try", folder, folder]
        box += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - the box's own
        for tool in self.tools:
            box += ["--ro-bind", str(tool), str(tool)]
        box += ["--bind", str(work), str(work), "--chdir", str(work)]
        for name, value in environment.items():
            box += ["--setenv", name, value]
        return box

    def _container(self, work: Path, environment: Mapping[str, str]) -> list[str]:
        user = f"{os.getuid()}:{os.getgid()}"
        box = [
            self.box.value,
            "run",
            "--rm",
            "--init",
            "--user",
            user,
            "--cap-drop",
            "ALL",
            "--security-opt",
            "no-new-privileges",
        ]
        box += ["--volume", f"{work}:{work}", "--workdir", str(work), "--env", "HOME=/tmp"]
        for name, value in environment.items():
            if name not in ("PATH", "HOME", "IDF_PATH", "IDF_TOOLS_PATH", "IDF_PYTHON_ENV_PATH"):
                box += ["--env", f"{name}={value}"]
        return [*box, f"{IMAGE}:{self.idf_version}"]


def choose_box(is_usable: Callable[[str], bool] | None = None) -> Box:
    """Return the first box whose program is there and works."""
    usable = is_usable or _is_usable
    programs = {"bwrap": Box.BUBBLEWRAP, "docker": Box.DOCKER, "podman": Box.PODMAN}
    return next((box for program, box in programs.items() if usable(program)), Box.NONE)


def _is_usable(program: str) -> bool:
    """Say whether the program is there and can make a box: a docker client without its engine cannot."""
    if shutil.which(program) is None:
        return False
    probe = [program, "--version"] if program == "bwrap" else [program, "info"]
    try:
        return subprocess.run(probe, capture_output=True, timeout=PROBE_WITHIN_S, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
