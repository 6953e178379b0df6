"""A core dump in words."""

from kitbench.firmware.elf_symbols import SymbolTable
from kitbench.flash_format.core_dump import CoreDump, CoreTask
from kitbench.kit.core_dump_text import describe

SYMBOLS = SymbolTable((0x400D1000, 0x400D2000), (0x100, 0x100), ("read_sensor", "app_main"))
CORE = CoreDump(
    version="1.2",
    crashed=CoreTask("main", (0x400D1010, 0x400D2020)),
    others=(CoreTask("IDLE0", (0x40085908,)), CoreTask("broken", ())),
    cause="LoadProhibited",
    address=0,
    app_elf_sha256="47e46de0f",
)
SHA256 = "47e46de0f8bc017e".ljust(64, "0")


def test_crashed_task_comes_first_with_names() -> None:
    assert describe(CORE, SHA256, SYMBOLS).splitlines() == [
        "crashed task 'main': LoadProhibited, address 0x00000000",
        "  0x400d1010 read_sensor",
        "  0x400d2020 app_main",
        "task 'IDLE0': 0x40085908 ?",
        "task 'broken': its stack is broken",
    ]


def test_other_tasks_are_told_by_the_first_frame_that_says_something() -> None:
    symbols = SymbolTable(
        (0x40081000, 0x400D1000, 0x400D2000), (0x100, 0x100, 0x100), ("vPortYield", "xQueueReceive", "reader")
    )
    waits = CoreTask("reader", (0x4000BFF0, 0x40081010, 0x400D1010, 0x400D2020))
    core = CoreDump(
        "1.2", CoreTask("main", ()), (waits, CoreTask("rom", (0x4000BFF0, 0x40081010))), cause="", address=0
    )

    assert describe(core, SHA256, symbols).splitlines()[-2:] == [
        "task 'reader': 0x400d1010 xQueueReceive",
        "task 'rom': 0x4000bff0 ROM",
    ]


def test_file_and_line_are_shown_where_the_toolchain_knows_them() -> None:
    text = describe(CORE, SHA256, SYMBOLS, lambda addresses: dict.fromkeys(addresses, "read_sensor at main.c:7"))

    assert "  0x400d1010 read_sensor at main.c:7" in text


def test_dump_of_another_app_gets_no_names() -> None:
    text = describe(CORE, "f" * 64, SYMBOLS)

    assert text.startswith("of another app, whose ELF has the SHA-256 47e46de0f…")
    assert "read_sensor" not in text


def test_what_the_panic_handler_said_beats_the_exception_that_it_ends_in() -> None:
    core = CoreDump("1.2", CoreTask("main", ()), (), cause="StoreProhibited", address=0, details="abort() was called")

    assert describe(core, SHA256, SYMBOLS).splitlines() == [
        "crashed task 'main': abort() was called",
        "  its stack is broken",
    ]
