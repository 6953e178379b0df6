"""Evaluates a project's Kconfig in a confined process of its own; reads a job from stdin, prints JSON.

A student's Kconfig may only define symbols: files that it sources stay in the private copy (the parent has checked
their text, and this process can open no others), no macro is called, and the environment that `option env` could read
is empty.
"""

import json
import sys
from typing import Any, Never

from esp_kconfiglib import core


class _WithoutMacros(core.Kconfig):  # type: ignore[misc]  # the evaluator is untyped
    """The evaluator, but for `$(…)`: one of its macros is a shell, and a name of a folder is enough to call it."""

    def _expand_macro(self, *_arguments: object) -> Never:
        raise core.KconfigError(f"{self.filename}:{self.linenr}: macros are not expanded in this build")


def main() -> None:
    """Read a job from standard input, evaluate its Kconfig files, print the result."""
    job: dict[str, Any] = json.load(sys.stdin)
    try:
        answer = evaluate(job)
    except (core.KconfigError, OSError) as error:
        answer = {"error": str(error)}
    except RecursionError:
        answer = {"error": "symbols depend on each other in too long a chain"}
    json.dump(answer, sys.stdout)


def evaluate(job: dict[str, Any]) -> dict[str, Any]:
    """Return the type and value of each symbol that has one, and the settings that no Kconfig defines.

    Args:
        job: `kconfig` (root file), `configs` (sdkconfig files, later ones win), `settings` (symbol to value).
    """
    kconfig = _WithoutMacros(job["kconfig"], warn=False)
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
