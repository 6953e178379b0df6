"""Variables that a header defines for each file that includes it, as ESP-IDF 4.4's compiler takes them."""

from pathlib import Path

import pytest

from kitbench.errors import GapError, KitError
from kitbench.virtual_kit.toolchain import build_project
from tests.kitbench.virtual_kit.toolchain.project_maker import make_project

COMPONENT = 'idf_component_register(SRCS "small.c" "other.c" INCLUDE_DIRS ".")\n'
INCLUDE = '#include "shared.h"'
MAIN = '#include "shared.h"\nint *other(void);\nvoid app_main(void)\n{\n    x = *other();\n}\n'


def project(folder: Path, *, header: str, other: str = "") -> Path:
    files = {
        "main/CMakeLists.txt": COMPONENT,
        "main/shared.h": header,
        "main/small.c": MAIN,
        "main/other.c": f"{other or INCLUDE}\nint *other(void)\n{{\n    return (int *)&x;\n}}\n",
    }
    return make_project(folder / "project", files)


@pytest.mark.parametrize("other", ["", "int x;", "int x = 5;"])
def test_variable_without_a_value_in_two_files_is_one_for_esp_idf_4(other: str, tmp_path: Path) -> None:
    shared = project(tmp_path, header="int x;\n", other=other)

    assert build_project(shared, tmp_path / "build", idf="4.4").app_bin.is_file()
    with pytest.raises(KitError, match="'x' is defined twice in the project"):
        build_project(shared, tmp_path / "build", idf="5.1")


@pytest.mark.parametrize(
    ("header", "other", "name"), [("int x = 4;\n", "", "x"), ("int x;\nint f(void) { return 1; }\n", "", "f")]
)
def test_what_has_a_value_or_a_body_is_defined_twice_for_both(
    header: str, other: str, name: str, tmp_path: Path
) -> None:
    with pytest.raises(KitError, match=f"'{name}' is defined twice in the project"):
        build_project(project(tmp_path, header=header, other=other), tmp_path / "build", idf="4.4")


def test_variable_of_two_sizes_is_not_modelled(tmp_path: Path) -> None:
    with pytest.raises(GapError, match="definitions of x without a value that differ in size"):
        build_project(project(tmp_path, header="int x;\n", other="char x[100];"), tmp_path / "build", idf="4.4")


def test_variable_of_one_file_stays_its_own(tmp_path: Path) -> None:
    shared = project(tmp_path, header="static int x;\n")

    for idf in ("4.4", "5.1"):
        assert build_project(shared, tmp_path / "build", idf=idf).app_bin.is_file()
