"""Options of the compiler as projects give them: those that could read a file of this machine are refused.

Source: GCC's manual, "Option Summary"; what clang does not know of the warnings it passes over.
"""

import re
from typing import Final

from kitbench.virtual_kit.toolchain.project.component import CompileSettings

#: Options that change nothing but warnings, optimisation and debug information.
_HARMLESS: Final = re.compile(
    r"-W[A-Za-z0-9][A-Za-z0-9=+_-]*|-w|-O[0-3sg]?|-std=[a-z0-9+]+|-g[a-z0-9-]*|-pedantic(-errors)?|"
    r"-f(no-)?(strict-[a-z-]*|common|inline[a-z-]*|stack-protector[a-z-]*|(data|function)-sections|"
    r"exceptions|rtti|omit-frame-pointer|jump-tables|tree-switch-conversion|permissive|lto|math-errno|"
    r"signed-char|unsigned-char|short-enums|diagnostics-[a-z=-]*|macro-prefix-map=.*)|"
    r"-m(no-)?(longcalls|text-section-literals|fix-esp32-psram-cache-issue)"
)
_LINKER: Final = re.compile(r"-W[lap],.*")
_DEFINITION: Final = re.compile(r"-D\s*([A-Za-z_][A-Za-z0-9_]*(?:=.*)?)", re.DOTALL)
_FOR_LANGUAGE: Final = re.compile(r"\$<\$<COMPILE_LANGUAGE:(?P<languages>[A-Z,]+)>:(?P<options>[^<>]*)>")
_SHELL: Final = re.compile(r"SHELL:(.*)", re.DOTALL)


class OptionError(ValueError):
    """An option that the virtual kit does not let through."""


def settings_of_options(options: list[str]) -> CompileSettings:
    """Return the settings that compile options make.

    Raises:
        OptionError: an option could read files, or is not known.
    """
    settings = CompileSettings()
    for option in _flat(options):
        if match := _DEFINITION.fullmatch(option):
            settings.definitions.append(match[1])
        elif not _HARMLESS.fullmatch(option) or _LINKER.fullmatch(option):
            raise OptionError(f"the compile option {option[:80]!r}")
        elif option.startswith("-W") or option == "-w":
            settings.options.append(option)
    return settings


def definition(text: str) -> str:
    """Return a definition without `-D`.

    Raises:
        OptionError: it is none.
    """
    match = _DEFINITION.fullmatch(text if text.startswith("-D") else f"-D{text}")
    if match is None:
        raise OptionError(f"the definition {text[:80]!r}")
    return match[1]


def _flat(options: list[str]) -> list[str]:
    """Return the options that apply to C files, one for each element."""
    flat: list[str] = []
    for option in options:
        if match := _FOR_LANGUAGE.fullmatch(option):
            is_for_c = "C" in match["languages"].split(",")
            flat += [part for part in match["options"].split(";") if part] if is_for_c else []
        elif match := _SHELL.fullmatch(option):
            flat += match[1].split()
        elif option:
            flat.append(option)
    return flat
