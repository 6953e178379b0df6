"""Names of C++'s library that a source does not find: GCC's library may have them, or bring them by other headers."""

import re
from functools import cache
from typing import Final

from kitbench.virtual_kit.toolchain import zig

_MISSING: Final = re.compile(r"no (?:member|type|template) named '(?P<name>\w+)' in namespace 'std(?:::\w+)*'")
#: What a header says that was left out as a whole: there is not even the namespace.
_NO_NAMESPACE: Final = "undeclared identifier 'std'"
_QUALIFIED: Final = re.compile(r"\bstd::(\w+)")
#: What the library was built without: threads and files.
_LEFT_OUT: Final = frozenset(
    (
        *("thread", "jthread", "this_thread", "stop_token", "call_once", "latch", "barrier", "filesystem"),
        *("mutex", "recursive_mutex", "timed_mutex", "shared_mutex", "counting_semaphore", "binary_semaphore"),
        *("lock_guard", "unique_lock", "scoped_lock", "shared_lock", "condition_variable", "condition_variable_any"),
        *("future", "promise", "async", "packaged_task"),
    )
)
_WORD: Final = re.compile(r"[A-Za-z]\w+")


def standard_name(text: str, code: str = "") -> str:
    """Return the name of the standard library that is missed; "" where it is about none, or is nobody's name.

    Args:
        text: the compiler's message.
        code: the line of the source.
    """
    if found := _MISSING.search(text):
        return found["name"] if found["name"] in _known() else ""
    used = _QUALIFIED.findall(code) if _NO_NAMESPACE in text else []
    return next((name for name in used if name in _LEFT_OUT), "")


@cache
def _known() -> frozenset[str]:
    """Every word of the library's own headers: those of what was left out of it, threads, are among them."""
    folder = zig.library_folder() / "libcxx" / "include"
    files = (path for path in folder.rglob("*") if path.is_file())
    return frozenset(word for path in files for word in _WORD.findall(path.read_text("utf-8", "replace")))
