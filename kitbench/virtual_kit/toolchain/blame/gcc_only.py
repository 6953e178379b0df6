"""What ESP-IDF's GCC takes and our clang refuses: never a student's mistake."""

import re
from typing import Final

#: What clang says → what is lacking.
_ONLY_GCC: Final = (
    (re.compile(r"function definition is not allowed here"), "nested functions (GNU C)"),
    (re.compile(r"inline assembly is disabled| in asm$|in asm\b|constraint '.*' in|inline asm"), "inline assembly"),
    (re.compile(r"'variable length array in structure'"), "arrays of variable length in structures (GNU C)"),
    (re.compile(r"use of unknown builtin '(\w+)'"), "the compiler's built-in {0}()"),
    (re.compile(r"'?(\w+)'? attribute (?:is not supported|only applies|is not valid)"), "the attribute {0}"),
    (re.compile(r"unknown argument:? '([^']*)'|unsupported option '([^']*)'"), "the compiler option {0}"),
    (re.compile(r"unsupported argument '[^']*' to option '([^']*)'"), "the compiler option {0}"),
    (re.compile(r"error in backend: (.*)|[Cc]annot select"), "what the compiler would have to make of it"),
    (re.compile(r"unknown register name|global register"), "registers by name"),
    (
        re.compile(r"mode '?\w+'? |vector size|thread-local storage|__(?:float|decimal)\d+"),
        "types of the compiler's own",
    ),
)
#: The condition alone: what stands behind it, and in strings, are the project's own words.
_ASSERTION: Final = re.compile(r"static assertion failed(?: due to requirement '(?P<condition>.*?)'(?:: |$))?")
_SIZES: Final = re.compile(r"\b(?:sizeof|offsetof|_Alignof|__alignof__|CHAR_MIN|WCHAR)")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
#: `#error` and its like: clang shows their line.
_DIRECTIVE: Final = re.compile(r"(?:\s|/\*.*?\*/)*(?:#|%:|\?\?=)")
#: Behind these stands what an attribute of the project says.
_QUOTED: Final = re.compile(r"(is unavailable|'error' attribute): .*")
#: GCC takes the value of another constant there, and no call.
_NOT_CONSTANT: Final = re.compile(r"initializer element is not a (?:compile-time )?constant")


def only_gcc_takes(text: str, code: str = "") -> str:
    """Return what clang lacks where GCC may take it, "" where GCC refuses it, too.

    Args:
        text: clang's message.
        code: the line of the source.
    """
    if _DIRECTIVE.match(code):
        return ""
    if found := _ASSERTION.match(text):
        condition = _STRING.sub('""', found["condition"] or "")
        return "the chip's sizes" if _SIZES.search(condition) else ""
    said = _QUOTED.sub(r"\1", text)
    for pattern, lacks in _ONLY_GCC:
        if found := pattern.search(said):
            return lacks.format(*(group for group in found.groups() if group))
    if _NOT_CONSTANT.search(text) and "(" not in code.partition("=")[2]:
        return "initialisers made of other constants (GNU C)"
    return ""
