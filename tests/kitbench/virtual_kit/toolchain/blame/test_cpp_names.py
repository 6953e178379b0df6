"""Names of C++'s library: those that it has, or was built without, are nobody's fault."""

import pytest

from kitbench.virtual_kit.toolchain.blame.cpp_names import standard_name


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("no member named 'thread' in namespace 'std'", "", "thread"),
        ("no member named 'sleep_for' in namespace 'std::this_thread'", "", "sleep_for"),
        ("no template named 'lock_guard' in namespace 'std'", "", "lock_guard"),
        ("no member named 'strnig' in namespace 'std'", "", ""),
        ("no member named 'thread' in 'my::std'", "", ""),
        ("use of undeclared identifier 'std'", "std::mutex guard;", "mutex"),
        ("use of undeclared identifier 'std'", "std::string text;", ""),
    ],
)
def test_name_of_the_library(text: str, code: str, name: str) -> None:
    assert standard_name(text, code) == name
