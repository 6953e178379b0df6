"""Calls one function of this installation in a confined process, and says on standard output what came of it.

`python -m … MODULE FUNCTION`; the arguments, pickled by whoever started this process, on standard input. Lines of JSON:
any number of `{"progress": [what, done, total]}`, then `{"value": …}` or `{"error": …}`.
"""

import contextlib
import json
import pickle
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from kitbench.confinement.checked_json import to_json
from kitbench.errors import KitbenchError

#: Paths go as absolute ones.
ROOT = Path("/")


def main() -> None:
    """Call the function that the command line names."""
    module, name = sys.argv[1:]
    arguments, named, shows_progress = pickle.load(sys.stdin.buffer)  # noqa: S301 - see above
    output = sys.stdout
    # What a library prints must not be taken for a line of ours.
    with contextlib.redirect_stdout(sys.stderr):
        if shows_progress:
            named["progress"] = _Progress(output).tell
        _say(output, _outcome(module, name, arguments, named))


def _outcome(module: str, name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": to_json(getattr(import_module(module), name)(*arguments, **named), ROOT)}
    except KitbenchError as error:
        return {"error": {key: getattr(error, key) for key in ("message", "stage", "fix", "lacks")} | _kind(error)}


def _kind(error: KitbenchError) -> dict[str, str]:
    return {"kind": "GapError" if error.lacks else error.fault.value}


class _Progress:
    def __init__(self, output: TextIO) -> None:
        self._output = output

    def tell(self, what: str, done: int, total: int) -> None:
        _say(self._output, {"progress": [what, done, total]})


def _say(output: TextIO, what: dict[str, Any]) -> None:
    output.write(json.dumps(what) + "\n")
    output.flush()


if __name__ == "__main__":
    main()
