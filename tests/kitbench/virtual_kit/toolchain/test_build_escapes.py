"""Ways out of the build's sandbox, each tried: none may bring a byte from outside into the app or into a message.

Building a student's project runs a compiler on what the student wrote. The secret outside is written such that it
compiles wherever C would include it.
"""

import subprocess
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from kitbench.errors import Fault, KitbenchError
from kitbench.virtual_kit.toolchain import BuildLimits, build_project, zig
from kitbench.virtual_kit.toolchain.compilation.c_library import CLibrary
from kitbench.virtual_kit.toolchain.compilation.compiler import Compiler, Unit
from kitbench.virtual_kit.toolchain.confinement import Confinement
from tests.kitbench.virtual_kit.toolchain.project_maker import COMPONENT, PROJECT, SOURCE, make_project
from tests.optional_part import LANDLOCK

SECRET: Final = "kitbench-secret-5f1e"
#: Where the secret is is put in for these two.
ABSOLUTE: Final = "@ABSOLUTE@"
RELATIVE: Final = "@RELATIVE@"

APP: Final = "void app_main(void) {}\n"

#: What C can say to read a file, or to learn whether it exists.
C_SOURCES: Final = {
    "include": f'#include "{ABSOLUTE}"\n',
    "include with angle brackets": f"#include <{ABSOLUTE}>\n",
    "include of a relative path": f'#include "{RELATIVE}"\n',
    "include by macro": f'#define FILE_NAME "{ABSOLUTE}"\n#include FILE_NAME\n',
    "include_next": f'#include_next "{ABSOLUTE}"\n',
    "import": f'#import "{ABSOLUTE}"\n',
    "include with a spliced line": f'#inc\\\nlude "{ABSOLUTE}"\n',
    "include with digraphs": f'%:include "{ABSOLUTE}"\n',
    "include through dots": f'#include "./../main/{RELATIVE}"\n',
    "include of a device": '#include "/dev/stdin"\n',
    "include of the environment": '#include "/proc/self/environ"\n',
    "include of an endless device": '#include "/dev/zero"\n',
    "embed": f'const char stolen[] = {{\n#embed "{ABSOLUTE}"\n}};\n',
    "embed of a relative path": f'const char stolen[] = {{\n#embed "{RELATIVE}"\n}};\n',
    "embed with parameters": f'const char stolen[] = {{\n#embed "{ABSOLUTE}" limit(20) prefix(65,) suffix(,0)\n}};\n',
    "embed by macro": f"#define FILE_NAME <{ABSOLUTE}>\nconst char stolen[] = {{\n#embed FILE_NAME\n}};\n",
    "incbin at file scope": f'__asm__(".section .rodata.x,\\"\\",@\\n.incbin \\"{ABSOLUTE}\\"");\n',
    "incbin in a function": f'void steal(void) {{ asm volatile(".incbin \\"{ABSOLUTE}\\""); }}\n',
    "incbin in pieces": f'__asm(".inc" "bin \\"{ABSOLUTE}\\"");\n',
    "incbin by macro": f'#define DO(x) __asm__ (x)\nDO(".incbin \\"{ABSOLUTE}\\"");\n',
    "incbin by assembler macro": (
        f'__asm__(".macro steal a b\\n.\\\\a\\\\b \\"{ABSOLUTE}\\"\\n.endm\\nsteal inc bin");\n'
    ),
    "assembler include": f'__asm__(".include \\"{ABSOLUTE}\\"");\n',
    "assembly behind a forged line marker": (
        f'# 1 "/usr/include/stdio.h" 1 3\n#line 1 "sys.h"\n__asm__(".incbin \\"{ABSOLUTE}\\"");\n'
    ),
    "assembly in a system header pragma": f'#pragma GCC system_header\n__asm__(".incbin \\"{ABSOLUTE}\\"");\n',
    "assembly of Microsoft's kind": f'void steal(void) {{ __asm {{ .incbin "{ABSOLUTE}" }} }}\n',
    "clang module": "#pragma clang module import secret\n",
    "module map": (
        f'#pragma clang module build x\nmodule x {{ textual header "{ABSOLUTE}" }}\n#pragma clang module endbuild\n'
    ),
    "dependency pragma": f'#pragma GCC dependency "{ABSOLUTE}"\n#include "{ABSOLUTE}"\n',
    "plugin pragma": f'#pragma clang plugin load "{ABSOLUTE}"\n#include "{ABSOLUTE}"\n',
    "linker pragma": f'#pragma comment(lib, "{ABSOLUTE}")\n#pragma comment(linker, "--export-all")\n',
    "file name in an attribute": f'__attribute__((annotate("{ABSOLUTE}"))) int x;\n#include __FILE__ "/{RELATIVE}"\n',
}

#: Questions whether a file exists; the answer must be the same for one that does and one that does not.
C_ORACLES: Final = {
    "has_include": '#if __has_include("@FILE@")\n#error yes\n#endif\n',
    "has_include by macro": '#define ASK __has_include\n#define NAME "@FILE@"\n#if ASK(NAME)\n#error yes\n#endif\n',
    "has_include_next": '#if __has_include_next("@FILE@")\n#error yes\n#endif\n',
    "has_embed": '#if __has_embed("@FILE@")\n#error yes\n#endif\n',
    "dependency pragma": '#pragma GCC dependency "@FILE@"\n',
    "dependency by _Pragma": '_Pragma("GCC dependency \\"@FILE@\\"")\n',
}


def cmake(text: str) -> Mapping[str, str]:
    return {"main/CMakeLists.txt": COMPONENT + text}


def register(arguments: str) -> Mapping[str, str]:
    return {"main/CMakeLists.txt": COMPONENT.replace(")", f" {arguments})")}


#: What project files can say.
PROJECT_FILES: Final[Mapping[str, Mapping[str, str]]] = {
    "execute_process": cmake(f"execute_process(COMMAND cat {ABSOLUTE} OUTPUT_VARIABLE x)"),
    "file(READ)": cmake(f"file(READ {ABSOLUTE} x)"),
    "file(GLOB)": cmake("file(GLOB x /etc/*)"),
    "file(COPY)": cmake(f"file(COPY {ABSOLUTE} DESTINATION .)"),
    "configure_file": cmake(f"configure_file({ABSOLUTE} main/x.h)"),
    "add_custom_command": cmake(f"add_custom_command(OUTPUT x COMMAND cat {ABSOLUTE})"),
    "add_custom_target": cmake("add_custom_target(x ALL COMMAND id)"),
    "include": cmake(f"include({ABSOLUTE})"),
    "include at the top": {"CMakeLists.txt": PROJECT + f"include({ABSOLUTE})\n"},
    "add_subdirectory": cmake("add_subdirectory(../../..)"),
    "string and eval": cmake('cmake_language(EVAL CODE "execute_process(COMMAND id)")'),
    "environment variable": cmake('target_compile_definitions(x PRIVATE "K=$ENV{AWS_SECRET_ACCESS_KEY}")'),
    "generator expression": cmake('target_compile_options(x PRIVATE "$<$<BOOL:1>:-include/etc/passwd>")'),
    "absolute source": register(f'SRCS "{ABSOLUTE}"'),
    "relative source": register(f'SRCS "{RELATIVE}"'),
    "source folder outside": register('SRC_DIRS "../.."'),
    "absolute embedded file": register(f'EMBED_FILES "{ABSOLUTE}"'),
    "relative embedded file": register(f'EMBED_TXTFILES "{RELATIVE}"'),
    "embedded file by variable": {
        "main/CMakeLists.txt": f'set(up "../..")\n{COMPONENT.replace(")", " EMBED_FILES ${up}/secret.h)")}'
    },
    "binary data outside": cmake(f'target_add_binary_data(x "{ABSOLUTE}" TEXT)'),
    "include folder outside": {**register("PRIV_INCLUDE_DIRS ../.."), "main/small.c": '#include "secret.h"\n' + SOURCE},
    "absolute include folder": register('INCLUDE_DIRS "/"'),
    "target include folder": cmake('target_include_directories(x PRIVATE "/")'),
    "option -include": cmake(f'target_compile_options(x PRIVATE "-include" "{ABSOLUTE}")'),
    "option -I": cmake('target_compile_options(x PRIVATE "-I/")'),
    "option with a response file": cmake(f'target_compile_options(x PRIVATE "@{ABSOLUTE}")'),
    "option for the preprocessor": cmake(f'target_compile_options(x PRIVATE "-Wp,-include,{ABSOLUTE}")'),
    "option for the linker": cmake(f'target_compile_options(x PRIVATE "-Wl,--script={ABSOLUTE}")'),
    "option for the assembler": cmake('target_compile_options(x PRIVATE "-Wa,-I/")'),
    "option for the front end": cmake('target_compile_options(x PRIVATE "-Xclang" "-load")'),
    "option plugin": cmake('target_compile_options(x PRIVATE "-fplugin=/tmp/x.so")'),
    "option that allows assembly": cmake('target_compile_options(x PRIVATE "-fgnu-inline-asm")'),
    "definition with an option in it": {
        **cmake(f'target_compile_definitions(x PRIVATE "A=1 -include {ABSOLUTE}")'),
        "main/small.c": SOURCE,
    },
    "definition with a new line": {
        **cmake(f'target_compile_definitions(x PRIVATE "A=1\n#include \\"{ABSOLUTE}\\"")'),
        "main/small.c": SOURCE + "int a = A;\n",
    },
    "linker input": cmake(f'target_link_libraries(x PRIVATE "{ABSOLUTE}")'),
    "linker option": cmake('target_link_libraries(x PRIVATE "-Wl,--whole-archive")'),
    "component outside": {"CMakeLists.txt": 'set(EXTRA_COMPONENT_DIRS "../..")\n' + PROJECT},
    "component at an absolute path": {"CMakeLists.txt": 'set(EXTRA_COMPONENT_DIRS "/")\n' + PROJECT},
    "defaults outside": {"CMakeLists.txt": f'set(SDKCONFIG_DEFAULTS "{ABSOLUTE}")\n' + PROJECT},
    "project name with a path": {"CMakeLists.txt": PROJECT.replace("small", "../../small")},
    "partition table outside": {
        "sdkconfig": f'CONFIG_PARTITION_TABLE_CUSTOM=y\nCONFIG_PARTITION_TABLE_CUSTOM_FILENAME="{ABSOLUTE}"\n'
    },
    "relative partition table": {
        "sdkconfig": 'CONFIG_PARTITION_TABLE_CUSTOM=y\nCONFIG_PARTITION_TABLE_CUSTOM_FILENAME="../secret.h"\n'
    },
    "Kconfig source": {"main/Kconfig.projbuild": f'source "{ABSOLUTE}"\n'},
    "Kconfig rsource": {"main/Kconfig": f'rsource "{RELATIVE}"\n'},
    "Kconfig osource with a wildcard": {"main/Kconfig": 'osource "/etc/*"\n'},
    "Kconfig orsource": {"main/Kconfig": 'orsource "../../*"\n'},
    "Kconfig source behind a form feed": {"main/Kconfig": f'\x0csource "{ABSOLUTE}"\n'},
    "Kconfig source behind a vertical tab": {"main/Kconfig": f'\x0bsource "{ABSOLUTE}"\n'},
    "Kconfig gsource": {"main/Kconfig": f'gsource "{ABSOLUTE}"\n'},
    "Kconfig grsource": {"main/Kconfig": f'grsource "../{RELATIVE}"\n'},
    "Kconfig source with a spliced line": {"main/Kconfig": f'sour\\\nce "{ABSOLUTE}"\n'},
    "Kconfig shell": {"main/Kconfig": f'config X\n    string "x"\n    default "$(shell,cat {ABSOLUTE})"\n'},
    "Kconfig macro": {"main/Kconfig": 'name := $(shell,id)\nconfig X\n    string "x"\n    default "$(name)"\n'},
    "Kconfig environment": {
        "main/Kconfig": 'config X\n    string\n    option env="AWS_SECRET_ACCESS_KEY"\n',
        "main/small.c": SOURCE + "#ifdef CONFIG_X\nconst char *app_x = CONFIG_X;\n#endif\n",
    },
    "sdkconfig with C in it": {
        "sdkconfig": f'CONFIG_X="\\"\n#include "{ABSOLUTE}"\n',
    },
    "sdkconfig with a directive as value": {
        "sdkconfig": f'CONFIG_X=1 __asm__(".incbin {ABSOLUTE}")\n',
        "main/small.c": SOURCE + "const char *app_x = CONFIG_X;\n",
    },
    "source named like an option": {
        "main/CMakeLists.txt": COMPONENT.replace("small.c", "-include.c"),
        "main/-include.c": f'#include "{ABSOLUTE}"\n' + SOURCE,
    },
}

#: What would take all time or memory.
BOMBS: Final[Mapping[str, Mapping[str, str]]] = {
    "file that includes itself": {"main/small.c": '#include "small.c"\n'},
    "file that includes itself twice": {"main/small.c": '#include "small.c"\n#include "small.c"\n'},
    "array that fills the disk": {"main/small.c": "char app_x[2000000000] = {1};\n" + APP},
    "array larger than the memory": {"main/small.c": "char app_x[64000000];\nvoid app_main(void) { app_x[1] = 1; }\n"},
    "macro that doubles": {
        "main/small.c": "".join(
            f"#define M{number + 1} M{number} M{number} M{number} M{number}\n" for number in range(20)
        ).replace("M0 M0", "1+ 1+")
        + "int x = M20 1;\n"
        + APP
    },
    "parentheses without end": {"main/small.c": "int x = " + "(" * 200_000 + "1;\n"},
    "file name without end": {"main/CMakeLists.txt": COMPONENT.replace("small.c", "s" * 5000 + ".c")},
    "path without end": {"main/CMakeLists.txt": COMPONENT.replace("small.c", "a/" * 5000 + "a.c")},
    "Kconfig symbols in a chain": {
        "main/Kconfig": "".join(f'config A{i}\n bool "a"\n default y if A{i + 1}\n' for i in range(5000))
    },
    "errors without end": {"main/small.c": "?\n" * 100_000},
}

ATTEMPTS: Final = len(C_SOURCES) + len(C_ORACLES) + len(PROJECT_FILES) + len(BOMBS) + 4


@pytest.fixture(name="compiler")
def _compiler(confinement: Confinement) -> Compiler:
    """A compiler as a build has it, for the project beside the secret."""
    root = confinement.scratch.parent / "project"
    (root / "main").mkdir()
    (root / "sdkconfig.h").write_text("")
    plant_secret(root.parent)
    return Compiler(root, confinement.scratch, confinement, None, frozenset(), time.monotonic() + 60)


def plant_secret(folder: Path) -> Path:
    secret = folder / "secret.h"
    secret.write_text(f'const char app_stolen[] = "{SECRET}";\n')
    return secret


def fill_in(text: str, folder: Path) -> str:
    return text.replace(ABSOLUTE, str(folder / "secret.h")).replace(RELATIVE, "../../secret.h")


def compile_source(compiler: Compiler, text: str) -> tuple[bytes, str]:
    """Return the object, if there is one, and the error, if there is one."""
    source = compiler.root / "main" / "small.c"
    source.write_text(text)
    try:
        made = compiler.compile(Unit(source, "main/small.c", (compiler.root,)), 1)
    except KitbenchError as error:
        return b"", str(error)
    return made.read_bytes(), ""


@pytest.mark.parametrize("way", C_SOURCES)
def test_source_brings_nothing_from_outside(compiler: Compiler, way: str) -> None:
    made, error = compile_source(compiler, fill_in(C_SOURCES[way], compiler.root.parent) + APP)

    assert SECRET.encode() not in made
    assert SECRET not in error
    assert "\n" not in error


@pytest.mark.parametrize("way", C_ORACLES)
def test_source_cannot_tell_whether_a_file_exists(compiler: Compiler, way: str) -> None:
    existing, missing = (
        compile_source(compiler, C_ORACLES[way].replace("@FILE@", f"{compiler.root.parent}/{name}") + APP)
        for name in ("secret.h", "no_such.h")
    )

    assert bool(existing[0]) == bool(missing[0])
    assert existing[1].replace("secret.h", "") == missing[1].replace("no_such.h", "")


@pytest.mark.parametrize("way", PROJECT_FILES)
def test_project_file_brings_nothing_from_outside(
    tmp_path: Path, library: CLibrary, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    assert library.start.is_file()
    plant_secret(tmp_path)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("CPATH", str(tmp_path))
    files = {name: fill_in(text, tmp_path) for name, text in PROJECT_FILES[way].items()}
    project = make_project(tmp_path / "project", files)

    said = ""
    try:
        build_project(project, tmp_path / "build")
    except KitbenchError as error:
        said = str(error)

    assert SECRET not in said
    assert "\n" not in said
    written = [path for path in (tmp_path / "build").rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in path.read_bytes() for path in written)
    assert {path.name for path in tmp_path.iterdir()} <= {"project", "build", "secret.h"}


@pytest.mark.parametrize("way", BOMBS)
def test_bomb_ends_with_one_line(tmp_path: Path, library: CLibrary, way: str) -> None:
    assert library.start.is_file()
    project = make_project(tmp_path / "project", BOMBS[way])
    limits = replace(BuildLimits(), seconds=20, cpu_seconds=2, memory=1 << 30)

    with pytest.raises(KitbenchError) as caught:
        build_project(project, tmp_path / "build", limits=limits)

    assert caught.value.fault is Fault.STUDENT
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


def test_environment_leads_the_compiler_nowhere(compiler: Compiler, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = str(compiler.root.parent)
    for name in ("CPATH", "C_INCLUDE_PATH", "CCC_OVERRIDE_OPTIONS"):
        monkeypatch.setenv(name, outside if name != "CCC_OVERRIDE_OPTIONS" else f"+-I{outside}")

    made, error = compile_source(compiler, "#include <secret.h>\n" + APP)

    assert SECRET.encode() not in made
    assert "header 'secret.h' is neither" in error


def test_dependency_list_alone_refuses_a_file_outside(compiler: Compiler, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the compiler's and the kernel's confinement taken away, the last check still holds."""
    outside = (compiler.root.parent,)
    monkeypatch.setattr("kitbench.virtual_kit.toolchain.compilation.compiler.overlay_text", lambda _: permissive_view())
    compiler.confinement = replace(compiler.confinement, readable=(*compiler.confinement.readable, *outside))

    for source in (C_SOURCES["include"], C_SOURCES["embed"]):
        made, error = compile_source(compiler, fill_in(source, outside[0]) + APP)

        assert not made
        assert "reads 'secret.h', which is not part of the project" in error


def permissive_view() -> str:
    return '{"version": 0, "redirecting-with": "fallthrough", "roots": []}'


@LANDLOCK.needed
def test_kernel_alone_refuses_a_file_outside(compiler: Compiler, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the compiler's own view taken away, the kernel still refuses, where it has Landlock."""
    monkeypatch.setattr("kitbench.virtual_kit.toolchain.compilation.compiler.overlay_text", lambda _: permissive_view())

    made, error = compile_source(compiler, fill_in(C_SOURCES["include"], compiler.root.parent) + APP)

    assert SECRET.encode() not in made
    assert error


def test_kconfig_evaluator_alone_opens_no_file_outside(
    tmp_path: Path, library: CLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the check of its text taken away, the evaluator's own process still refuses, with and without Landlock."""
    assert library.start.is_file()
    secret = plant_secret(tmp_path)
    monkeypatch.setattr("kitbench.virtual_kit.toolchain.kconfig._check_sources", lambda *_: None)
    project = make_project(tmp_path / "project", {"main/Kconfig": f'source "{secret}"\n'})

    with pytest.raises(KitbenchError) as caught:
        build_project(project, tmp_path / "build")

    assert SECRET not in str(caught.value)
    assert "EACCES" in str(caught.value)  # the line is cut to its limit, and temporary paths may be long


@pytest.mark.parametrize("way", ["include", "embed", "incbin at file scope"])
def test_control_without_confinement_the_secret_does_get_in(tmp_path: Path, way: str) -> None:
    """The control: the very same sources steal the secret from a compiler that nobody confines."""
    plant_secret(tmp_path)
    source = tmp_path / "a.c"
    source.write_text(fill_in(C_SOURCES[way], tmp_path))

    command = [zig.program(), "clang", *zig.compile_flags(), "-w", "-c", str(source), "-o", str(tmp_path / "a.o")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)

    assert SECRET.encode() in (tmp_path / "a.o").read_bytes()


def test_count_of_attempts_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{ATTEMPTS} ways out of the build tried: none leads out")  # noqa: T201 - the count is to be seen

    assert ATTEMPTS > 90
