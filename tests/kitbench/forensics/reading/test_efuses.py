"""eFuse fields from registers and files, and what they mean."""

import json

import pytest

from kitbench.errors import UsageError
from kitbench.forensics.reading import efuses


def test_read_esp32_takes_the_bits_of_block_0() -> None:
    registers = {0x3FF5A000: 1 << 20 | 1 << 27, 0x3FF5A018: 1 << 6 | 1 << 4}

    fields = efuses.read_esp32(lambda address: registers.get(address, 0))

    assert {name for name, number in fields.items() if number} == {
        "FLASH_CRYPT_CNT",
        "UART_DOWNLOAD_DIS",
        "JTAG_DISABLE",
        "ABS_DONE_0",
    }


@pytest.mark.parametrize(
    "document",
    [
        {"FLASH_CRYPT_CNT": 3},
        {"FLASH_CRYPT_CNT": {"value": 3, "bit_len": 7}},
        {"FLASH_CRYPT_CNT": {"value": "0x3 (R/W)"}},
        {"schema": "kitbench-dump/1", "efuses": {"FLASH_CRYPT_CNT": 3}},
    ],
)
def test_parse_reads_our_files_and_espefuse_summaries(document: object) -> None:
    assert efuses.parse(json.dumps(document).encode()) == {"FLASH_CRYPT_CNT": 3}


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"nonsense", b'{"JTAG_DISABLE": null}', b'{"JTAG_DISABLE": " "}'])
def test_what_holds_no_efuses_is_the_callers_fault(text: bytes) -> None:
    with pytest.raises(UsageError, match="eFuses"):
        efuses.parse(text)


@pytest.mark.parametrize(("count", "is_on"), [(0, False), (1, True), (3, False), (7, True), (127, True)])
def test_flash_encryption_is_on_for_an_odd_number_of_bits(count: int, *, is_on: bool) -> None:
    assert efuses.is_flash_encrypted({"FLASH_CRYPT_CNT": count}) is is_on


def test_hardening_explains_each_state() -> None:
    rows = efuses.hardening({"FLASH_CRYPT_CNT": 0, "JTAG_DISABLE": 1})

    assert [(row["name"], row["state"]) for row in rows] == [
        ("flash encryption", "off"),
        ("secure boot", "off"),
        ("JTAG", "disabled"),
        ("download mode", "open"),
    ]
    assert all(row["istg"].startswith("ISTG-") and row["meaning"] for row in rows)


def test_fields_have_the_widths_of_the_table() -> None:
    fields = efuses.read_esp32(lambda _: 0xFFFFFFFF)

    widths = {"FLASH_CRYPT_CNT": 7, "FLASH_CRYPT_CONFIG": 4, "RD_DIS": 4, "WR_DIS": 16}
    assert fields == {name: (1 << widths.get(name, 1)) - 1 for name in fields}


@pytest.mark.parametrize(
    ("field", "row"),
    [
        ("FLASH_CRYPT_CNT", "flash encryption"),
        ("ABS_DONE_0", "secure boot"),
        ("ABS_DONE_1", "secure boot"),
        ("JTAG_DISABLE", "JTAG"),
        ("UART_DOWNLOAD_DIS", "download mode"),
    ],
)
def test_each_fuse_hardens_one_thing(field: str, row: str) -> None:
    open_rows, rows = efuses.hardening({field: 0}), efuses.hardening({field: 1})

    assert [new["name"] for old, new in zip(open_rows, rows, strict=True) if old != new] == [row]


def test_hardening_of_nothing_is_nothing() -> None:
    assert efuses.hardening({}) == ()
