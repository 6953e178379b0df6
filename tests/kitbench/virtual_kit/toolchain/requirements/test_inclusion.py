"""The compiler's list of inclusions, and the lines that say `#include`."""

from pathlib import Path

from kitbench.virtual_kit.toolchain.requirements.inclusion import inclusions, lines_of_includes

LISTING = """. /i/a.h
.. /i/b.h
... /i/c.h
.. /i/d.h
. /i/b.h
main.c:3:1: warning: something else
"""


def test_each_entry_is_below_the_one_with_a_dot_less() -> None:
    found = [(one.name, other.name) for one, other in inclusions(LISTING, Path("/m.c"))]

    assert found == [("m.c", "a.h"), ("a.h", "b.h"), ("b.h", "c.h"), ("a.h", "d.h"), ("m.c", "b.h")]


def test_lines_are_counted_from_one() -> None:
    text = '#include <a.h>\n  #  include "b/c.h" // why\nint include;\n// #include <d.h>\n'

    assert list(lines_of_includes(text)) == [(1, "a.h"), (2, "b/c.h")]
