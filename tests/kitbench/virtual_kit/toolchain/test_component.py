"""What a component's CMakeLists.txt registers."""

from pathlib import Path

import pytest

from kitbench.errors import KitError
from kitbench.virtual_kit.toolchain.component import Component, inside, read_component


def read(tmp_path: Path, text: str, **config: str) -> Component:
    main = tmp_path / "main"
    for folder in (main / "include", main / "certs"):
        folder.mkdir(parents=True, exist_ok=True)
    for name in ("a.c", "b.c", "certs/private.pem.key", "certs/blob.bin"):
        (main / name).write_text("")
    (main / "CMakeLists.txt").write_text(text)
    return read_component(main, tmp_path, config)


def test_register_gives_sources_folders_and_files(tmp_path: Path) -> None:
    component = read(
        tmp_path,
        'idf_component_register(SRCS "a.c" b.c INCLUDE_DIRS "." PRIV_INCLUDE_DIRS include REQUIRES mqtt '
        "EMBED_FILES certs/blob.bin EMBED_TXTFILES certs/private.pem.key)",
    )

    assert [path.name for path in component.sources] == ["a.c", "b.c"]
    assert component.include_dirs == (tmp_path / "main",)
    assert component.private_include_dirs == (tmp_path / "main/include",)
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
    text = "idf_component_register()\ntarget_add_binary_data(x certs/blob.bin BINARY RENAME_TO other-name)"

    assert read(tmp_path, text).embedded[0].symbol == "other_name"


def test_harmless_options_are_kept_or_ignored(tmp_path: Path) -> None:
    text = (
        "idf_component_register()\ntarget_compile_options(${COMPONENT_LIB} PRIVATE -Wno-format -O2 -DLEVEL=3)\n"
        "target_compile_definitions(${COMPONENT_LIB} PUBLIC NAME=1)\n"
        "target_link_libraries(${COMPONENT_LIB} PRIVATE idf::mqtt m)\n"
    )

    assert read(tmp_path, text).definitions == ("LEVEL=3", "NAME=1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("set(a b)", "no idf_component_register"),
        ("idf_component_register(SRCS missing.c)", "main/CMakeLists.txt:1: source file 'missing.c' does not exist"),
        ("idf_component_register(SRCS a.cpp)", "only C is compiled"),
        ("idf_component_register(a.c)", "does not know 'a.c'"),
        ("idf_component_register(INCLUDE_DIRS nowhere)", "folder 'nowhere' does not exist"),
        ("target_add_binary_data(x y)", "expected target_add_binary_data"),
    ],
)
def test_what_cannot_be_followed_names_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(KitError, match=message):
        read(tmp_path, text)


def test_missing_file_is_the_students_fault(tmp_path: Path) -> None:
    (tmp_path / "main").mkdir()

    with pytest.raises(KitError, match="has no CMakeLists"):
        read_component(tmp_path / "main", tmp_path, {})


@pytest.mark.parametrize("text", ["/etc/passwd", "../../x", "a/../../../x", "<IDF_PATH>/x", "c:/x", "..\\..\\x"])
def test_path_that_leaves_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="path"):
        inside(tmp_path / "main", tmp_path, text)


def test_path_to_a_sibling_is_inside(tmp_path: Path) -> None:
    assert inside(tmp_path / "main", tmp_path, "../shared/x.c") == tmp_path / "shared/x.c"
