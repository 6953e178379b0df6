"""Compiles the window kernel of the audit into the wheel, and into the checkout of an editable installation.

`KITBENCH_KERNEL` chooses: `cc`, this machine's compiler, taken where there is one; `zig`, the wheel `ziglang`, fetched
for the build where there is none, which makes wheels for every Linux since 2014; `none` makes a wheel for all machines,
whose audits take minutes. See docs/releasing.md.
"""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("kitbench", "forensics", "window_scan")
FLAGS = ("-O3", "-shared", "-fPIC", "-fvisibility=hidden")
#: The oldest glibc that a kernel made by zig runs with: that of manylinux2014.
OLDEST_GLIBC = (2, 17)
ZIG = "ziglang>=0.17.1"


def chosen_compiler() -> str:
    """Return `cc`, `zig` or `none`."""
    choice = os.environ.get("KITBENCH_KERNEL") or ("cc" if shutil.which("cc") else "zig")
    if choice not in {"cc", "zig", "none"}:
        raise ValueError(f"KITBENCH_KERNEL={choice}: choose cc, zig or none")
    return choice


def command(compiler: str) -> list[str]:
    """Return the compiler with its flags; zig aims at an old glibc, and at any CPU of this architecture."""
    if compiler == "cc":
        return ["cc", *FLAGS]
    target = ["-target", f"{platform.machine()}-linux-gnu.{'.'.join(map(str, OLDEST_GLIBC))}"] if is_glibc() else []
    return [sys.executable, "-m", "ziglang", "cc", *target, "-mcpu=baseline", "-s", *FLAGS]


def is_glibc() -> bool:
    """Say whether this is a Linux with glibc."""
    return platform.libc_ver()[0] == "glibc"


def platform_tag(compiler: str) -> str:
    """Return the wheel's tag of the machines on which the kernel runs."""
    from packaging.tags import platform_tags  # noqa: PLC0415 - hatchling brings it, and only a build needs it

    if compiler == "zig" and is_glibc():
        return f"manylinux_{OLDEST_GLIBC[0]}_{OLDEST_GLIBC[1]}_{platform.machine()}"
    return next(iter(platform_tags()))


def kernel_file(root: Path) -> ModuleType:
    """Return the module that names the library; kitbench itself cannot be imported before it is installed."""
    spec = importlib.util.spec_from_file_location("kernel_file", root / FOLDER / "kernel_file.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compile_kernel(root: Path, compiler: str) -> Path:
    """Compile the kernel beside its sources; return it, relative to the root.

    Raises:
        RuntimeError: the compiler is missing or fails; the message has its first error.
    """
    names = kernel_file(root)
    folder = root / FOLDER
    library: Path = folder / names.library_name(folder)
    part = library.with_name(f"part-{os.getpid()}{library.suffix}")
    try:
        arguments = [*command(compiler), "-o", str(part), str(folder / names.SOURCES[0])]
        subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=300)
        part.replace(library)  # at once: a process that audits meanwhile has the old one or the new one
    except (OSError, subprocess.SubprocessError) as error:
        said = [line for line in (getattr(error, "stderr", "") or "").splitlines() if "error" in line]
        raise RuntimeError(f"{compiler} cannot compile the window kernel: {(said or [str(error)])[0]}") from error
    finally:
        part.unlink(missing_ok=True)
    for old in set(folder.glob(f"window_kernel-*{library.suffix}")) - {library}:
        old.unlink(missing_ok=True)
    return FOLDER / library.name


class KernelHook(BuildHookInterface):  # type: ignore[misc] # hatchling is there in builds only
    """hatchling's hook for wheels."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what the build needs beyond hatchling."""
        return [ZIG] if chosen_compiler() == "zig" else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and say for which machines the wheel is; an editable installation does without a compiler."""
        compiler = chosen_compiler()
        if compiler == "none":
            return
        try:
            library = compile_kernel(Path(self.root), compiler)
        except RuntimeError as error:
            if version != "editable":
                raise
            self.app.display_warning(f"{error}: audits will take minutes")
            return
        build_data["artifacts"].append(f"/{library.as_posix()}")
        if version != "editable":
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform_tag(compiler)}"
