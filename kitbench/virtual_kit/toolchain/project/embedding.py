"""Files embedded into the app, as ESP-IDF's `target_add_binary_data` does it: assembly with the symbols' names.

The bytes stand verbatim in one section, text with a NUL behind it, and four bytes of length after them, in which the
NUL does not count. The start has two labels: the file's name, and the one that objcopy would give.
Source: ESP-IDF, `tools/cmake/scripts/data_file_embed_asm.cmake`. `.incbin` is not used: the file would be read
a second time, after it was checked.
"""

from typing import Final

_BYTES_PER_LINE: Final = 32
#: More than fits into any app partition.
MAX_SIZE: Final = 2 << 20


def assembly(symbol: str, content: bytes, *, is_text: bool, is_kept: bool = True) -> str:
    """Return the assembly that defines `<symbol>`, `_binary_<symbol>_start`, `_end` and `<symbol>_length`.

    Args:
        symbol: the file's name with `_` for all that a name in C does not have; it may begin with a digit.
        content: the file.
        is_text: whether a NUL follows.
        is_kept: whether it is in the app also where nothing refers to it.
    """
    data = content + (b"\0" if is_text else b"")
    start, end = f"_binary_{symbol}_start", f"_binary_{symbol}_end"
    name = f"_{symbol}" if symbol[:1].isdigit() else symbol
    length = f"{name}_length"
    rows = [data[offset : offset + _BYTES_PER_LINE] for offset in range(0, len(data), _BYTES_PER_LINE)]
    return "\n".join(
        [
            f'\t.section .rodata.embedded.{symbol},"",@',
            *_label(name, len(data)),
            *_label(start, len(data)),
            # The key ships even when nothing refers to it, as in an app that forgot to take it out of the build.
            *([f"\t.no_dead_strip {start}"] if is_kept else []),
            f"{name}:",
            f"{start}:",
            *("\t.byte " + ",".join(str(byte) for byte in row) for row in rows),
            *_label(end, 4),
            f"{end}:",
            *_label(length, 4),
            f"{length}:",
            f"\t.int32 {len(content)}",
            "",
        ]
    )


def _label(name: str, size: int) -> list[str]:
    return [f"\t.globl {name}", f"\t.hidden {name}", f"\t.type {name},@object", f"\t.size {name}, {size}"]
