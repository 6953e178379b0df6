"""Projects that reach for a shell, for files, for all memory or all time while they are read and built."""

from collections.abc import Mapping
from typing import Final

from grading.judgement import Outcome
from tests.corpus.desk import Edit

#: A file that nobody may make.
ESCAPED: Final = "kitbench-escaped"
_COMMAND: Final = f"touch /tmp/{ESCAPED}"
_PYTHON: Final = f"open('/tmp/{ESCAPED}', 'w').close()\n"
_MODULES: Final = ("conftest.py", "evil.py", "json.py", "sitecustomize.py", "usercustomize.py", "kitbench/__init__.py")
_MAIN: Final = "main/CMakeLists.txt"
_REGISTERS: Final = 'idf_component_register(SRCS "a.c")\n'
#: Folders of components whose names are somebody's language: the first ones call a macro, or a variable.
_CALLS: Final = (f"$(shell,touch {ESCAPED})", "$(HOME)", "${CMAKE_SOURCE_DIR}", "$ENV{HOME}")
_NAMES: Final = (
    *(f"`touch {ESCAPED}`", "-Wl,--help", 'a"; touch x; "', "a;b", "@file", "<script>", "a\nconfig X", "[[a]]"),
    *("%s", "a b", "#a", "'a", "\u202ea", "=1+1", "{0}", "a\\b"),
)


def _component(name: str) -> tuple[Edit, ...]:
    folder = f"components/{name}"
    files = {"Kconfig": 'config X\n    string "x"\n', "CMakeLists.txt": _REGISTERS, "a.c": "void app_nothing(void);\n"}
    return tuple(Edit(f"{folder}/{file}", "", text) for file, text in files.items())


def _cmake(text: str) -> tuple[Edit, ...]:
    return (Edit(_MAIN, "", f'idf_component_register(SRCS "subscribe_publish_sample.c")\n{text}\n'),)


_DOUBLES: Final = 'set(a "xxxxxxxxxxxxxxxx")\n' + 'string(APPEND a "${a}")\n' * 60
_LOOPS: Final = "foreach(a RANGE 1000)\n" * 5 + "endforeach()\n" * 5
_LAUGHS: Final = "a0: &a0 [x]\n" + "".join(
    f"a{number + 1}: &a{number + 1} [{', '.join([f'*a{number}'] * 9)}]\n" for number in range(12)
)

PROJECTS: Final[Mapping[str, tuple[Edit, ...]]] = {
    **{f"component called {name}": _component(name) for name in _CALLS},
    "components of odd names": tuple(edit for name in _NAMES for edit in _component(name)),
    "shell in Kconfig": (Edit("main/Kconfig", "", f'config X\n string\n default "$(shell,{_COMMAND})"\n'),),
    "file in Kconfig": (Edit("main/Kconfig", "", 'source "../../secret.txt"\n'),),
    "Kconfig that sources itself": (Edit("main/Kconfig", "", 'rsource "Kconfig"\n'),),
    "command of CMake": _cmake(f'execute_process(COMMAND sh -c "{_COMMAND}")'),
    "file of CMake": _cmake("file(READ ../../../secret.txt X)\nmessage(FATAL_ERROR ${X})"),
    "CMake that writes": _cmake(f'file(WRITE /tmp/{ESCAPED} "x")'),
    "CMake that doubles": _cmake(_DOUBLES),
    "CMake that loops": _cmake(_LOOPS),
    "include of a secret": (Edit("main/evil.c", "", '#include "../../../secret.txt"\n'), *_cmake("")),
    "embedded secret": (Edit(_MAIN, "", "idf_component_register(EMBED_FILES ../../../secret.txt)\n"),),
    "assembly that reads": (
        Edit("main/subscribe_publish_sample.c", "", '__asm__(".incbin \\"/etc/passwd\\"");\nvoid app_main(void) {}\n'),
    ),
    "YAML that doubles": (Edit("main/idf_component.yml", "", _LAUGHS),),
    "YAML with an object": (
        Edit("main/idf_component.yml", "", f"a: !!python/object/apply:os.system ['{_COMMAND}']\n"),
    ),
    "plug-ins and modules of Python": (
        *(Edit(f"{folder}{file}", "", _PYTHON) for folder in ("", "main/") for file in _MODULES),
        Edit("pytest.ini", "", "[pytest]\naddopts = -p evil\n"),
        Edit("evil.pth", "", f"import os; {_PYTHON}"),
    ),
}
#: What is no failure of a student's: the virtual kit lacks what ESP-IDF would do, or the project is as good as any.
OUTCOMES: Final[Mapping[str, Outcome]] = {
    **dict.fromkeys(
        ("shell in Kconfig", "command of CMake", "CMake that writes", "assembly that reads"), Outcome.NOT_GRADED
    ),
    **dict.fromkeys(("components of odd names", "YAML that doubles", "plug-ins and modules of Python"), Outcome.PASSED),
}
