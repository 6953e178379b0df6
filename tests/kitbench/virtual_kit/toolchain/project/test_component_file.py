"""What a component's CMakeLists.txt registers, and what it adds."""

from pathlib import Path

import pytest

from kitbench.errors import GapError, KitError
from kitbench.virtual_kit.toolchain.cmake.source_tree import SourceTree
from kitbench.virtual_kit.toolchain.project.component import Component
from kitbench.virtual_kit.toolchain.project.component_file import read_component


def read(tmp_path: Path, text: str, **config: str) -> Component:
    main = tmp_path / "main"
    for folder in (main / "include", main / "certs"):
        folder.mkdir(parents=True, exist_ok=True)
    for name in ("a.c", "b.c", "certs/private.pem.key", "certs/blob.bin"):
        (main / name).write_text("")
    (main / "CMakeLists.txt").write_text(text)
    return read_component(main, SourceTree(tmp_path), {"IDF_TARGET": "esp32", **config})


def test_register_gives_sources_folders_and_files(tmp_path: Path) -> None:
    component = read(
        tmp_path,
        'idf_component_register(SRCS "a.c" b.c INCLUDE_DIRS "." PRIV_INCLUDE_DIRS include REQUIRES mqtt '
        "EMBED_FILES certs/blob.bin EMBED_TXTFILES certs/private.pem.key)",
    )

    assert [path.name for path in component.sources] == ["a.c", "b.c"]
    assert component.include_dirs == (tmp_path / "main",)
    assert component.private.include_dirs == [tmp_path / "main/include"]
    assert [(file.symbol, file.is_text) for file in component.embedded] == [
        ("blob_bin", False),
        ("private_pem_key", True),
    ]


def test_register_with_folders_takes_every_c_file_but_the_excluded(tmp_path: Path) -> None:
    component = read(tmp_path, 'idf_component_register(SRC_DIRS "." EXCLUDE_SRCS "b.c")')

    assert [path.name for path in component.sources] == ["a.c"]


def test_register_component_of_esp_idf_3_reads_variables(tmp_path: Path) -> None:
    component = read(
        tmp_path, 'set(COMPONENT_SRCS "a.c" "b.c")\nset(COMPONENT_ADD_INCLUDEDIRS "include  . ")\nregister_component()'
    )

    assert len(component.sources) == 2
    assert component.include_dirs == (tmp_path / "main/include", tmp_path / "main")


@pytest.mark.parametrize(("config", "count"), [({"CONFIG_EMBED": "y"}, 1), ({}, 0)])
def test_binary_data_follows_the_configuration(tmp_path: Path, config: dict[str, str], count: int) -> None:
    text = (
        "idf_component_register(SRCS a.c)\nif(CONFIG_EMBED)\n"
        'target_add_binary_data(${COMPONENT_TARGET} "certs/private.pem.key" TEXT)\nendif()'
    )

    assert len(read(tmp_path, text, **config).embedded) == count


def test_renamed_data_has_its_new_symbol(tmp_path: Path) -> None:
    text = (
        "idf_component_register()\ntarget_add_binary_data(${COMPONENT_LIB} certs/blob.bin BINARY RENAME_TO other-name)"
    )

    assert read(tmp_path, text).embedded[0].symbol == "other_name"


def test_harmless_options_are_kept_or_ignored(tmp_path: Path) -> None:
    text = (
        "idf_component_register()\ntarget_compile_options(${COMPONENT_LIB} PRIVATE -Wno-format -O2 -DLEVEL=3)\n"
        "target_compile_definitions(${COMPONENT_LIB} PUBLIC NAME=1)\n"
        "target_link_libraries(${COMPONENT_LIB} PRIVATE idf::mqtt m)\n"
    )

    component = read(tmp_path, text)

    assert component.private.definitions == ["LEVEL=3"]
    assert component.private.options == ["-Wno-format"]
    assert component.public.definitions == ["NAME=1"]


def test_old_sample_with_a_custom_command_builds_while_nobody_needs_what_it_makes(tmp_path: Path) -> None:
    text = (
        "idf_component_register(SRCS a.c)\n"
        "add_custom_command(OUTPUT made.txt COMMAND echo x VERBATIM)\nadd_custom_target(help COMMAND echo x)\n"
    )

    assert read(tmp_path, text).is_registered
    with pytest.raises(
        GapError, match=r"lacks 'main/build/made.txt', which add_custom_command.* main/CMakeLists.txt:2 makes"
    ):
        read(tmp_path, text + "target_add_binary_data(${COMPONENT_LIB} ${CMAKE_CURRENT_BINARY_DIR}/made.txt TEXT)")


def test_lists_in_quotes_headers_and_absolute_paths_are_sources(tmp_path: Path) -> None:
    (tmp_path / "main").mkdir()
    (tmp_path / "main/x.h").write_text("")
    text = (
        'set(srcs "a.c" "${CMAKE_CURRENT_LIST_DIR}/b.c")\n'
        'idf_component_register(SRCS "${srcs}" "x.h" INCLUDE_DIRS "${COMPONENT_DIR}/include;.")'
    )

    component = read(tmp_path, text)

    assert [path.name for path in component.sources] == ["a.c", "b.c"]
    assert component.include_dirs == (tmp_path / "main/include", tmp_path / "main")


def test_a_folders_options_are_the_components(tmp_path: Path) -> None:
    text = (
        "add_compile_definitions(ONE)\nadd_definitions(-DTWO=2)\nadd_compile_options(-Wno-format)\n"
        "idf_component_register()\nadd_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)"
    )

    private = read(tmp_path, text).private

    assert (private.definitions, private.options) == (["ONE", "TWO=2"], ["-Wno-format"])


def test_properties_of_one_source_are_its_own(tmp_path: Path) -> None:
    text = (
        "idf_component_register(SRCS a.c b.c)\n"
        'set_source_files_properties(b.c PROPERTIES COMPILE_FLAGS "-Wno-format -DX=1" LANGUAGE C)'
    )

    component = read(tmp_path, text)

    assert list(component.of_source) == [tmp_path / "main/b.c"]
    assert component.of_source[tmp_path / "main/b.c"].definitions == ["X=1"]


def test_properties_of_a_component_are_known_to_it(tmp_path: Path) -> None:
    text = (
        "idf_component_register(INCLUDE_DIRS include REQUIRES log)\n"
        "idf_component_get_property(lib main COMPONENT_LIB)\nidf_component_get_property(dir main COMPONENT_DIR)\n"
        "idf_build_get_property(top PROJECT_DIR)\n"
        'target_compile_definitions(${lib} PRIVATE "WHERE=\\"${dir}\\"" TOP=${top})'
    )

    assert read(tmp_path, text).private.definitions == ['WHERE="/<project>/main"', "TOP=/<project>"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("set(a b)", "main/CMakeLists.txt:1: no idf_component_register"),
        ("idf_component_register(SRCS a.c)\nidf_component_register(SRCS b.c)", "registered twice"),
        ("idf_component_register(REQUIRED_IDF_TARGETS esp32c3)", "is for esp32c3, not for the esp32"),
        ("idf_component_register(SRC_DIRS nowhere)", "folder 'main/nowhere' does not exist"),
        ("target_add_binary_data(${COMPONENT_NAME} certs/blob.bin TEXT)", "target 'main' is not built by this project"),
        ("target_add_binary_data(other.elf certs/blob.bin TEXT)", "target 'other.elf' is not built by this project"),
        ("add_custom_command(TARGET x POST_BUILD COMMAND id)", "nothing of a project is run"),
        ("add_custom_target(x ALL COMMAND id)", "nothing of a project is run"),
        ("add_compile_options(-include /etc/passwd)", "lacks the compile option"),
        ("add_compile_options(-Wp,-include,/etc/passwd)", "lacks the compile option"),
        ('add_compile_options("SHELL:-include /etc/passwd")', "lacks the compile option"),
        ("include_directories(/etc)", "not below the project"),
        (
            "idf_component_register(SRCS missing.c)",
            "main/CMakeLists.txt:1: source file 'main/missing.c' does not exist",
        ),
        ("idf_component_register(SRCS certs/blob.bin)", "lacks sources of the form"),
        ("idf_component_register(a.c)", "does not know 'a.c'"),
        ("idf_component_register(INCLUDE_DIRS nowhere)", "folder 'main/nowhere' does not exist"),
        ("target_add_binary_data(x y)", "expected target_add_binary_data"),
    ],
)
def test_what_cannot_be_followed_names_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises((KitError, GapError), match=message):
        read(tmp_path, text)


def test_missing_file_is_the_students_fault(tmp_path: Path) -> None:
    (tmp_path / "main").mkdir()

    with pytest.raises(KitError, match="has no CMakeLists"):
        read_component(tmp_path / "main", SourceTree(tmp_path), {})


@pytest.mark.parametrize(
    "text",
    [
        "target_compile_options(${COMPONENT_LIB} PRIVATE -ffast-math)",
        "target_compile_definitions(__idf_mbedtls PUBLIC X=1)",
        'file(GLOB s "src/*/*.c")',
        'target_sources(${COMPONENT_LIB} PRIVATE "$<1:a.c>")',
        'set_target_properties(${COMPONENT_LIB} PROPERTIES COMPILE_FLAGS "-DX")',
        "set_property(TARGET ${COMPONENT_LIB} APPEND PROPERTY INCLUDE_DIRECTORIES x)",
        "set_property(DIRECTORY PROPERTY COMPILE_DEFINITIONS X)",
        "idf_build_set_property(INCLUDE_DIRECTORIES x APPEND)",
        "if(TARGET ${COMPONENT_LIB})\nadd_compile_options(-ffast-math)\nendif()",
    ],
)
def test_what_is_not_followed_is_a_gap(tmp_path: Path, text: str) -> None:
    with pytest.raises(GapError):
        read(tmp_path, f"idf_component_register(SRCS a.c)\n{text}")


def test_what_changes_no_compile_is_passed_over(tmp_path: Path) -> None:
    text = "set_target_properties(${COMPONENT_LIB} PROPERTIES LINKER_LANGUAGE C)\nif(TARGET x)\nnonsense()\nendif()"

    assert read(tmp_path, f"idf_component_register(SRCS a.c)\n{text}").sources
