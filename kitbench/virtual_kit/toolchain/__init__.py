"""Stands for ESP-IDF's build: reads a project's CMake and Kconfig files, compiles its C to WebAssembly, confined.

`build_confined` is for whoever must not read a stranger's files; `build_project` builds in the caller's process.
"""

from kitbench.virtual_kit.toolchain.compilation.warm_up import warm_up
from kitbench.virtual_kit.toolchain.confined_build import build_confined
from kitbench.virtual_kit.toolchain.limits import BuildLimits
from kitbench.virtual_kit.toolchain.project_build import Build, build_project

__all__ = ["Build", "BuildLimits", "build_confined", "build_project", "warm_up"]
