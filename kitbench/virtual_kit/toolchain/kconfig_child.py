"""Evaluates a project's Kconfig in a confined process of its own; reads a job from stdin, writes JSON to a file.

A student's Kconfig may only define symbols: files that it sources stay in the private copy (the parent has checked
their text, and this process opens no others), and the environment that `option env` could read is empty.
"""

import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

from esp_kconfiglib import core


def main() -> None:
    """Evaluate one job."""
    job: dict[str, Any] = json.load(sys.stdin)
    with open(job["result"], "w", encoding="utf-8") as result:  # noqa: PTH123 - before no other file can be opened
        _open_nothing_but(job["readable"])
        try:
            answer = evaluate(job)
        except (core.KconfigError, OSError) as error:
            answer = {"error": str(error)}
        except RecursionError:
            answer = {"error": "symbols depend on each other in too long a chain"}
        json.dump(answer, result)


def _open_nothing_but(readable: list[str]) -> None:
    """Refuse to open what lies outside of these files and folders, where the kernel has no Landlock to do it.

    Python tells an audit hook of every file that it opens; the evaluator runs no code of the project's.
    """
    # Modules that the evaluator imports late.
    libraries = (Path(os.__file__).parent, Path(core.__file__).parents[1])
    allowed = tuple(os.path.realpath(path) for path in (*readable, *map(str, libraries)))

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(arguments[0], str | bytes):
            return
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if not any(path == root or path.startswith(root + os.sep) for root in allowed):
            raise PermissionError(errno.EACCES, "not part of the project", path)

    sys.addaudithook(refuse)


def evaluate(job: dict[str, Any]) -> dict[str, Any]:
    """Return the type and value of each symbol that has one, and the settings that no Kconfig defines.

    Args:
        job: `kconfig` (root file), `configs` (sdkconfig files, later ones win), `settings` (symbol to value).
    """
    kconfig = core.Kconfig(job["kconfig"], warn=False)
    for number, config in enumerate(job["configs"]):
        kconfig.load_config(config, replace=number == 0)
    unknown = {name: value for name, value in job["settings"].items() if not _assign(kconfig, name, value)}
    defined = [symbol.name for symbol in kconfig.unique_defined_syms]
    return {"symbols": _symbols(kconfig), "defined": defined, "unknown": unknown}


def _assign(kconfig: "core.Kconfig", name: str, value: str) -> bool:
    """Set a defined symbol; False where the Kconfig does not define it."""
    symbol = kconfig.syms.get(name)
    if symbol is None or not symbol.nodes:
        return False
    symbol.set_value(value)
    return True


def _symbols(kconfig: "core.Kconfig") -> dict[str, list[str]]:
    return {
        symbol.name: [core.TYPE_TO_STR[symbol.orig_type], symbol.str_value]
        for symbol in kconfig.unique_defined_syms
        if symbol.config_string
    }


if __name__ == "__main__":
    main()
