"""Names of a lab's kits: places, tags, and what is neither."""

import pytest

from kitbench.errors import UsageError
from kitbench.lab.lab_name import LabName, is_lab_name, parse_lab_name


@pytest.mark.parametrize(
    ("kit", "name"),
    [
        ("labgrid:red", LabName("red")),
        ("labgrid:bench-a.kit_1", LabName("bench-a.kit_1")),
        ("labgrid:board=esp32", LabName(tags={"board": "esp32"})),
        ("labgrid:board=esp32+se=atecc608a", LabName(tags={"board": "esp32", "se": "atecc608a"})),
    ],
)
def test_name(kit: str, name: LabName) -> None:
    assert is_lab_name(kit)
    assert parse_lab_name(kit) == name
    assert str(name) == kit


@pytest.mark.parametrize("rest", ["", "-x", "a b", "=x", "a=", "a=1+a=2", "a+b", "--kick"])
def test_what_names_nothing_is_refused(rest: str) -> None:
    with pytest.raises(UsageError, match="names no place and no tags"):
        parse_lab_name(f"labgrid:{rest}")


@pytest.mark.parametrize("kit", ["virtual", "/dev/ttyUSB0", "rfc2217://lab:4000", "red"])
def test_other_kits_are_none(kit: str) -> None:
    assert not is_lab_name(kit)
