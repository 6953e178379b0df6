"""Names of files in a build, and what leaves it."""

from pathlib import Path

import pytest

from kitbench.virtual_kit.toolchain.cmake.source_tree import CHECKOUT_FOLDER, SourceTree, inside


@pytest.mark.parametrize(
    "text", ["/etc/passwd", "../../x", "a/../../../x", "/<IDF_PATH>/x", "c:/x", "..\\..\\x", "/<project>/../x", "$<x>"]
)
def test_path_that_leaves_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="path"):
        inside(tmp_path / "main", tmp_path, text)


@pytest.mark.parametrize("text", ["../shared/x.c", "/<project>/shared/x.c", "/<project>/main/../shared/./x.c"])
def test_path_to_a_sibling_is_inside(tmp_path: Path, text: str) -> None:
    assert inside(tmp_path / "main", tmp_path, text) == tmp_path / "shared/x.c"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("../..", ""),
        ("/home/student/esp/esp-aws-iot", ""),
        ("../esp-aws-iot", ""),
        ("/<project>/../../../libraries/coreMQTT", "libraries/coreMQTT"),
        ("/<IDF_PATH>/examples/esp-aws-iot/libraries/coreMQTT", "libraries/coreMQTT"),
        ("esp-aws-iot/libraries/coreMQTT", "libraries/coreMQTT"),
    ],
)
def test_path_into_esp_aws_iot_leads_to_the_checkout(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / CHECKOUT_FOLDER / "libraries/coreMQTT").mkdir(parents=True)

    assert SourceTree(tmp_path).find(text, tmp_path) == tmp_path / CHECKOUT_FOLDER / expected


def test_missing_file_of_the_project_is_not_taken_from_the_checkout(tmp_path: Path) -> None:
    (tmp_path / CHECKOUT_FOLDER / "port").mkdir(parents=True)

    assert SourceTree(tmp_path).find("port", tmp_path) == tmp_path / "port"


def test_what_the_project_vendors_wins_over_the_checkout(tmp_path: Path) -> None:
    for folder in ("esp-aws-iot/port", f"{CHECKOUT_FOLDER}/port"):
        (tmp_path / folder).mkdir(parents=True)

    assert SourceTree(tmp_path).find("esp-aws-iot/port", tmp_path) == tmp_path / "esp-aws-iot/port"
