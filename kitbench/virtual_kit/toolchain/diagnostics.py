"""What the compiler and the linker say, turned into one line that names file and line and whose fault it is."""

import re
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError, KitError

_PLACE: Final = re.compile(
    r"^(?P<file>[^\n:]+):(?P<line>\d+):(?P<column>\d+): (?:fatal )?error: (?P<text>.*)$", re.MULTILINE
)
_MISSING_HEADER: Final = re.compile(r"'(?P<name>[^']+)' file not found")
_MISSING_FUNCTION: Final = re.compile(
    r"call to undeclared (?:library )?function '(?P<name>\w+)'|undeclared identifier '(?P<other>\w+)'"
)
_UNDEFINED: Final = re.compile(r"wasm-ld: error: (?P<object>[^\n:]+): undefined symbol: (?P<name>\S+)")
_DUPLICATE: Final = re.compile(r"wasm-ld: error: duplicate symbol: (?P<name>\S+)")
_MISMATCH: Final = re.compile(r"function signature mismatch: (?P<name>\S+)")
_ANY_ERROR: Final = re.compile(r"(?:error|ERROR): (?P<text>.*)")
_CONTROL: Final = re.compile(r"[^\x20-\x7e\u00a0-\uffff]")
#: Statuses of a program that ran into its limits: SIGXCPU, SIGKILL, SIGXFSZ, SIGABRT, SIGSEGV.
_LIMIT_SIGNALS: Final = {
    -24: "needs too much time",
    -9: "needs too much memory or time",
    -25: "makes too large a file",
    -6: "needs too much memory",
    -11: "makes the compiler crash",
}
_MAX_TEXT: Final = 240
#: How messages name the shims' sources.
SHIM_PREFIX: Final = "esp_idf/"
FIDELITY: Final = "docs/fidelity.md says what the virtual kit has"


def compile_error(output: str, status: int, source: str, roots: tuple[Path, ...]) -> KitError:
    """Return the student's error for a source file that did not compile.

    Args:
        output: what the compiler said.
        status: its exit status, negative for a signal.
        source: the file, relative to the project.
        roots: folders that are cut from the paths in messages.
    """
    if match := _PLACE.search(output):
        place = f"{_shown(match['file'], roots)}:{match['line']}"
        return _error(f"{place}: {_explain(match['text'])}")
    if status in _LIMIT_SIGNALS:
        return _error(f"{source}: {_LIMIT_SIGNALS[status]}")
    if "out of memory" in output.lower() or "bad_alloc" in output:
        return _error(f"{source}: needs too much memory")
    text = match["text"] if (match := _ANY_ERROR.search(output)) else f"the compiler ended with status {status}"
    return _error(f"{source}: {_clean(text)}")


def _explain(text: str) -> str:
    if match := _MISSING_HEADER.search(text):
        return f"header {match['name']!r} is neither in the project nor in the virtual kit's ESP-IDF ({FIDELITY})"
    if match := _MISSING_FUNCTION.search(text):
        name = match["name"] or match["other"]
        return f"{name!r} is declared neither by the project nor by the virtual kit's ESP-IDF ({FIDELITY})"
    return _clean(text)


def link_error(output: str, objects: dict[str, str]) -> KitError | BenchError:
    """Return the error for an app that did not link: the student's, unless one of our shims lacks something.

    Args:
        output: what the linker said.
        objects: object file name → source file as messages show it.
    """
    if match := _UNDEFINED.search(output):
        source = objects.get(Path(match["object"]).name, "the app")
        if match["name"] == "app_main":
            return _error("the project has no function app_main()")
        if source.startswith(SHIM_PREFIX):
            return BenchError(f"{source} needs {match['name']!r}, which nothing defines", stage="build")
        return _error(f"{source}: function {match['name']!r} is not in the virtual kit's ESP-IDF ({FIDELITY})")
    if match := _DUPLICATE.search(output):
        return _error(f"{_clean(match['name'])!r} is defined twice, in the project or there and in ESP-IDF")
    if match := _MISMATCH.search(output):
        return _error(f"function {_clean(match['name'])!r} is declared one way and defined another")
    text = match["text"] if (match := _ANY_ERROR.search(output)) else "the linker failed"
    return _error(_clean(text))


def _shown(file: str, roots: tuple[Path, ...]) -> str:
    for root in roots:
        if file.startswith(f"{root}/"):
            return _clean(file[len(str(root)) + 1 :])
    return _clean(file.removeprefix("./"))


def _clean(text: str) -> str:
    """One printable line of bounded length: the text comes from somebody else's file."""
    return _CONTROL.sub("?", text.strip())[:_MAX_TEXT]


def _error(message: str) -> KitError:
    return KitError(message, stage="build")
