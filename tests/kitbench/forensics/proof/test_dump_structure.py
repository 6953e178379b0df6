"""A dump is one of a kit, or it is told what it lacks; what it holds is where a build puts it, or does not count."""

from collections.abc import Callable

import pytest

from kitbench.forensics.canaries.storage_disguise import nvs_split_blob
from kitbench.forensics.keys.examination import examine
from kitbench.forensics.layout.flash_layout import read_layout
from kitbench.forensics.proof.dump_structure import DumpStructure, is_placed, read_structure
from tests.kitbench.forensics.flash_sample import APP_OFFSET, certificate_of, ec_key, flash, pem_of

ENDPOINT = "a1b2c3-ats.iot.eu-central-1.amazonaws.com"


def structure(dump: bytes) -> DumpStructure:
    return read_structure(dump, read_layout(dump), examine(dump, []).certificates, endpoint=ENDPOINT)


def edited(offset: int, data: bytes) -> Callable[[], bytes]:
    return lambda: flash(extra={offset: data})


def test_flash_of_a_build_has_no_problem() -> None:
    seen = structure(flash(ENDPOINT.encode() + b"\0" + pem_of(certificate_of(ec_key()))))

    assert seen.problems == ()
    assert [app["project"] for app in seen.apps] == ["subscribe_publish"]
    assert [place["is_placed"] for place in seen.endpoint or ()] == [True]
    assert [row["is_placed"] for row in seen.certificates] == [True]


@pytest.mark.parametrize(
    ("dump", "problem"),
    [
        (lambda: b"\xff" * 0x100000, "erased"),
        (edited(0x1000, b"\xff" * 0x2000), "no boot loader"),
        (edited(0x1040, b"\x00\x01\x02"), "boot loader fails"),
        (edited(0x8040, b"\x55"), "partition table"),
        (edited(APP_OFFSET + 0x400, b"\x99\x98"), "fails its checksum or SHA-256"),
        (lambda: flash()[:0x80000], "truncated"),
        (lambda: ENDPOINT.encode().ljust(0x100000, b"\0"), "no partition table"),
    ],
    ids=["blank", "no loader", "loader", "table", "app", "cut", "text"],
)
def test_what_is_no_flash_of_a_kit_is_told(dump: Callable[[], bytes], problem: str) -> None:
    assert any(problem in told for told in structure(dump()).problems)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(0x30000, False), (0x90000, False), (0x70100, True), (0x400, False)],
    ids=["erased, behind the app", "no partition", "raw data partition", "before the boot loader"],
)
def test_endpoint_counts_where_a_build_puts_it(offset: int, *, expected: bool) -> None:
    (place,) = structure(flash(extra={offset: ENDPOINT.upper().encode() + b"\0"})).endpoint or ()

    assert (place["offset"], place["is_placed"]) == (offset, expected)


def test_part_of_a_longer_name_is_another_name() -> None:
    assert structure(flash(b"x" + ENDPOINT.encode() + b"\0" + ENDPOINT.encode() + b".evil\0")).endpoint == ()


def test_stored_value_is_placed() -> None:
    blob = nvs_split_blob(pem_of(certificate_of(ec_key())))
    dump = flash(extra={0x9000: blob[:0x6000]})
    layout = read_layout(dump)
    begin = layout.values[0].pieces[0][0]

    assert is_placed(layout.place(begin), layout)
    assert not is_placed(layout.place(0x9000 + 0x5F00), layout)


def test_app_that_fails_its_check_places_nothing() -> None:
    dump = bytearray(flash(ENDPOINT.encode() + b"\0"))
    dump[APP_OFFSET + 0x400] ^= 1
    layout = read_layout(bytes(dump))

    assert not is_placed(layout.place(dump.index(ENDPOINT.encode())), layout)
