"""Which warnings end a build: those of GCC's `-Wall`, as ESP-IDF has it with `-Werror=all`, that clang knows, too.

Source: ESP-IDF v5.1.4, `tools/cmake/build.cmake`; GCC 12's manual, "Warning Options". What GCC finds by following
values (`maybe-uninitialized`, `format-overflow`, `stringop-…`) no other compiler finds in the same places: it is not
looked for.
"""

import re
from collections.abc import Sequence
from typing import Final

_ERRORS: Final = (
    "implicit-function-declaration",
    "implicit-int",
    "return-type",
    "return-mismatch",
    "pointer-sign",
    "parentheses",
    "switch",
    "uninitialized",
    "misleading-indentation",
    "comment",
    "unknown-pragmas",
    "sizeof-pointer-memaccess",
    "unsequenced",
    "char-subscripts",
    "unused-value",
    "unused-label",
    "main",
)
#: Of the same families, and only clang's; or about what the compiler itself is.
_CLANG_ONLY: Final = (
    "parentheses-equality",
    "sometimes-uninitialized",
    "uninitialized-const-pointer",
    "uninitialized-const-reference",
    "static-self-init",
    "format-security",
    "unknown-warning-option",
    "unused-command-line-argument",
)
#: Warnings that `-Wall` has and ESP-IDF leaves warnings; a project's own `-Werror` makes them errors.
_WARNINGS: Final = ("unused-function", "unused-variable", "unused-but-set-variable", "deprecated-declarations")
#: What ESP-IDF's GCC lets pass with a warning, and clang would not.
_TOLERATED: Final = ("int-conversion", "incompatible-pointer-types", "incompatible-function-pointer-types")
_TAKEN: Final = re.compile(r"-Wno-(?:error=)?[a-z0-9-]+|-Wno-error|-w")
_FORMAT: Final = re.compile(r"^(?P<place>[^\n:]+:\d+:\d+: )warning: (?P<text>[^\n]*\[-Wformat[a-z-]*\])", re.MULTILINE)
#: The type of `sizeof` and of lengths is unsigned int on the chip, and long here.
_SIZE: Final = re.compile(r"'(?:_?_?s?size_t|_?_?ptrdiff_t|u?intptr_t)'")
_NO_FORMAT: Final = frozenset({"-w", "-Wno-format", "-Wno-error=format", "-Wno-error", "-Wno-error=all", "-Wno-all"})


def warning_flags(options: Sequence[str], *, are_errors: bool) -> tuple[str, ...]:
    """Return the compiler's flags.

    Args:
        options: the project's own, in order; they come last, as in ESP-IDF.
        are_errors: whether the configuration leaves warnings errors.
    """
    own = tuple(option for option in options if _TAKEN.fullmatch(option))
    more = _WARNINGS if "-Werror" in options else ()
    as_errors = tuple(f"-Werror={name}" for name in (*_ERRORS, *more)) if are_errors else ()
    quiet = tuple(f"-Wno-{name}" for name in _CLANG_ONLY)
    return (*as_errors, *(f"-Wno-error={name}" for name in _TOLERATED), "-Wformat", *quiet, *own)


def format_errors(output: str, options: Sequence[str], *, are_errors: bool) -> str:
    """Return the format warnings of a compiler's output that ESP-IDF's compiler has, too, as errors; "" for none."""
    if not are_errors or _NO_FORMAT.intersection(options):
        return ""
    found = (match for match in _FORMAT.finditer(output) if not _SIZE.search(match["text"]))
    return "\n".join(f"{match['place']}error: {match['text']}" for match in found)
