"""What is written comes back, with the versions that have it."""

from pathlib import Path

from kitbench.firmware.esp_idf_index import IDENTIFIERS, Index, Kind, esp_idf_index
from kitbench.firmware.esp_idf_index.names_file import Entry, write_names

OLD = [
    Entry(Kind.HEADER, "leds.h", "driver", "leds.h"),
    Entry(Kind.FUNCTION, "leds_on", "driver", "leds.h"),
    Entry(Kind.FIELD, "leds_t.uri", "driver", "leds.h"),
    Entry(Kind.COMPONENT, "driver", "driver", ""),
]
NEW = [
    Entry(Kind.HEADER, "leds.h", "leds", "leds.h"),
    Entry(Kind.FUNCTION, "leds_on", "leds", "leds.h"),
    Entry(Kind.FIELD, "leds_t.address.uri", "leds", "leds.h"),
    Entry(Kind.KCONFIG, "LEDS", "leds", ""),
]


def index(folder: Path) -> Index:
    write_names(folder / "names.xz", {"4.4": OLD, "5.1": NEW})
    return esp_idf_index(folder / "names.xz")


def test_name_has_header_component_and_versions(tmp_path: Path) -> None:
    (origin,) = index(tmp_path).find("leds_on", *IDENTIFIERS)

    assert (origin.header, origin.component, origin.versions) == ("leds.h", "leds", ("4.4", "5.1"))
    assert origin.is_of("4")
    assert origin.is_of("5")


def test_name_is_found_as_what_it_is_and_whole(tmp_path: Path) -> None:
    names = index(tmp_path)

    assert names.find("leds_on", Kind.TYPE) == names.find("leds_o", *IDENTIFIERS) == names.find("", *IDENTIFIERS) == ()
    assert names.find("LEDS", Kind.KCONFIG)[0].header == ""
    assert names.find("driver", Kind.COMPONENT)[0].versions == ("4.4",)


def test_fields_of_a_type(tmp_path: Path) -> None:
    assert [(field.name, field.versions) for field in index(tmp_path).fields("leds_t")] == [
        ("leds_t.uri", ("4.4",)),
        ("leds_t.address.uri", ("5.1",)),
    ]
