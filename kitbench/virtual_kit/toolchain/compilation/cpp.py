"""C++ as ESP-IDF compiles it by default, without exceptions and run-time types, over the libc++ of the zig wheel.

Source of the defines: the command line of `zig c++` for the same target; ESP-IDF v5.1.4, `tools/cmake/build.cmake`.
"""

from typing import Final

from kitbench.virtual_kit.toolchain import zig

_INCLUDES: Final = ("libcxx/include", "libcxxabi/include")
#: How zig builds the libraries: the headers have to say the same.
_DEFINES: Final = (
    "_LIBCPP_ABI_VERSION=1",
    "_LIBCPP_ABI_NAMESPACE=__1",
    "_LIBCPP_HAS_THREADS=0",
    "_LIBCPP_HAS_MONOTONIC_CLOCK",
    "_LIBCPP_HAS_TERMINAL",
    "_LIBCPP_HAS_MUSL_LIBC=1",
    "_LIBCXXABI_DISABLE_VISIBILITY_ANNOTATIONS",
    "_LIBCPP_DISABLE_VISIBILITY_ANNOTATIONS",
    "_LIBCPP_HAS_VENDOR_AVAILABILITY_ANNOTATIONS=0",
    "_LIBCPP_HAS_FILESYSTEM=0",
    "_LIBCPP_HAS_RANDOM_DEVICE",
    "_LIBCPP_HAS_LOCALIZATION",
    "_LIBCPP_HAS_UNICODE",
    "_LIBCPP_HAS_WIDE_CHARACTERS",
    "_LIBCPP_HAS_NO_STD_MODULES",
    "_LIBCPP_PSTL_BACKEND_SERIAL",
    "_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_NONE",
    "_LIBCPP_ASSERTION_SEMANTIC_DEFAULT=_LIBCPP_ASSERTION_SEMANTIC_IGNORE",
)


def cpp_flags(standard: str) -> tuple[str, ...]:
    """Return the flags of every C++ file: those of C, another language, and its library before the C library.

    Args:
        standard: such as ``"gnu++2b"``.
    """
    flags = tuple(flag for flag in zig.compile_flags() if not flag.startswith("-std="))
    first = flags.index("-isystem")
    folders = (argument for name in _INCLUDES for argument in ("-isystem", str(zig.library_folder() / name)))
    language = (f"-std={standard}", "-fno-exceptions", "-fno-rtti", *(f"-D{name}" for name in _DEFINES))
    return (*flags[:first], *language, *folders, *flags[first:])
