"""addr2line's output, and a stand-in for the program on PATH."""

from pathlib import Path

import pytest

from kitbench.kit.addr2line import addr2line_of, addr2line_program, parse

OUTPUT = """\
0x400d1234: app_main at /project/main/main.c:12
0x400d1300: inner at /project/main/a.c:3
 (inlined by) outer at /project/main/a.c:9
0x40000000: ?? ??:0
"""


def test_known_addresses_have_file_and_line_and_inlined_calls() -> None:
    assert parse(OUTPUT) == {
        0x400D1234: "app_main at /project/main/main.c:12",
        0x400D1300: "inner at /project/main/a.c:3 (inlined by) outer at /project/main/a.c:9",
    }


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program of the toolchain's name on PATH, and nothing else of the toolchain."""
    program = folder / "xtensa-esp32-elf-addr2line"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_program_gets_elf_and_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, 'echo "$4: $2 $3"')

    resolve = addr2line_of(addr2line_program(), Path("app.elf"))

    assert resolve is not None
    assert resolve([0x400D1234]) == {0x400D1234: "-e app.elf"}


def test_program_that_fails_gives_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, "exit 1")

    resolve = addr2line_of(addr2line_program(), Path("app.elf"))

    assert resolve is not None
    assert resolve([0x400D1234]) == {}


def test_without_the_toolchain_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert addr2line_of(addr2line_program(), Path("app.elf")) is None
