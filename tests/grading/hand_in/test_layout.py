"""Where things are in hand-ins as people pack them: what is guessed is said, what is nowhere is not there."""

from pathlib import PurePosixPath

import pytest

from grading.hand_in.layout import Layout, find_layout
from grading.variant import Variant

FLASH = 4 << 20
GOOD = ("answers.toml", "certificate.pem.crt", "flash.bin", "project/CMakeLists.txt", "project/main/CMakeLists.txt")
KEY, CHIP = Variant.EMBEDDED_KEY, Variant.ATECC608A


def layout_of(*names: str) -> Layout:
    """Return the layout of files; a CMakeLists.txt in a folder that is no component's is a project's."""
    sizes = {PurePosixPath(name): FLASH if name.lower().endswith(".bin") else 100 for name in names}
    return find_layout(sizes, lambda path: path.parent.name != "main" and "components" not in path.parts)


def test_what_lies_where_it_was_asked_for_is_no_guess() -> None:
    layout = layout_of(*GOOD, "flash_atecc608a.bin", "project_atecc608a/CMakeLists.txt", "photo.png")

    assert layout.answers == PurePosixPath("answers.toml")
    assert layout.certificates[0] == PurePosixPath("certificate.pem.crt")
    assert layout.projects == {KEY: PurePosixPath("project"), CHIP: PurePosixPath("project_atecc608a")}
    assert layout.dumps == {KEY: PurePosixPath("flash.bin"), CHIP: PurePosixPath("flash_atecc608a.bin")}
    assert layout.guesses == ()


@pytest.mark.parametrize("around", ["alice/", "Download all/alice/", "a/b/c/d/"])
def test_folders_around_everything_are_no_guess_either(around: str) -> None:
    layout = layout_of(*(around + name for name in GOOD))

    assert layout.answers == PurePosixPath(around) / "answers.toml"
    assert layout.projects == {KEY: PurePosixPath(around) / "project"}
    assert layout.dumps == {KEY: PurePosixPath(around) / "flash.bin"}
    assert layout.guesses == ()


@pytest.mark.parametrize(
    ("names", "project"),
    [
        (["project/subscribe_publish/CMakeLists.txt"], "project/subscribe_publish"),
        (["subscribe_publish/CMakeLists.txt"], "subscribe_publish"),
        (["my project/CMakeLists.txt", "my project/components/x/CMakeLists.txt"], "my project"),
        (["Project/CMakeLists.txt"], "Project"),
        (["project/src/main.c", "project/platformio.ini"], "project"),
    ],
)
def test_project_is_found(names: list[str], project: str) -> None:
    layout = layout_of("answers.toml", "certificate.pem.crt", "flash.bin", *names)

    assert layout.projects == {KEY: PurePosixPath(project)}
    assert any(project in guess for guess in layout.guesses) is (project != "project")


def test_whole_hand_in_may_lie_in_its_project() -> None:
    layout = layout_of("CMakeLists.txt", "main/CMakeLists.txt", "answers.toml", "flash.bin", "certificate.pem.crt")

    assert layout.projects == {KEY: PurePosixPath()}
    assert layout.answers == PurePosixPath("answers.toml")


def test_project_of_the_secure_element_is_told_by_its_name() -> None:
    layout = layout_of("answers.toml", "embedded/CMakeLists.txt", "with-ATECC608A/CMakeLists.txt")

    assert layout.projects == {KEY: PurePosixPath("embedded"), CHIP: PurePosixPath("with-ATECC608A")}


def test_of_several_that_are_meant_the_likeliest_is_taken_and_the_others_are_named() -> None:
    names = ("old/CMakeLists.txt", "kit/CMakeLists.txt", "kit_backup/CMakeLists.txt", "before.bin", "flash_2.bin")

    layout = layout_of("answers.toml", *names)

    assert [str(path) for path in layout.projects.values()] == ["kit"]
    assert [str(path) for path in layout.dumps.values()] == ["flash_2.bin"]
    assert [guess for guess in layout.guesses if "it might have been kit_backup, old, too" in guess]
    assert [guess for guess in layout.guesses if "it might have been before.bin, too" in guess]


@pytest.mark.parametrize(
    ("names", "dump"),
    [
        (["Flash.BIN"], "Flash.BIN"),
        (["dumps/flash.bin"], "dumps/flash.bin"),
        (["flash/flash_dump.bin"], "flash/flash_dump.bin"),
        (["esp32_4MB.bin", "atecc608.bin"], "esp32_4MB.bin"),
    ],
)
def test_dump_is_found(names: list[str], dump: str) -> None:
    layout = layout_of("answers.toml", "project/CMakeLists.txt", *names)

    assert layout.dumps[KEY] == PurePosixPath(dump)
    assert any(dump in guess for guess in layout.guesses)


@pytest.mark.parametrize(
    "name", ["Answers.toml", "answers.toml.txt", "answers (1).toml", "text/answers.toml", "a.toml"]
)
def test_answers_are_found(name: str) -> None:
    layout = layout_of("project/CMakeLists.txt", "flash.bin", name)

    assert layout.answers == PurePosixPath(name)
    assert f"taken for answers.toml: {name}" in layout.guesses


@pytest.mark.parametrize("name", ["answers.md", "readme.txt", "project/idf_component.toml"])
def test_control_what_holds_no_answers_is_not_taken(name: str) -> None:
    assert layout_of("project/CMakeLists.txt", "flash.bin", name).answers is None


def test_certificates_are_looked_for_where_they_were_asked_for_first() -> None:
    layout = layout_of(*GOOD, "0123456789-certificate.pem.crt", "project/main/certs/certificate.pem.crt", "root.pem")

    assert [path.as_posix() for path in layout.certificates] == [
        "certificate.pem.crt",
        "0123456789-certificate.pem.crt",
        "root.pem",
        "project/main/certs/certificate.pem.crt",
    ]


def test_nothing_is_found_in_nothing() -> None:
    assert layout_of() == Layout(None, (), {}, {})
