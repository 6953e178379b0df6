"""The core dump of a crashed kit, from its flash to the failing test's report."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kitbench.bench.builds.firmware_build import FirmwareBuild
from kitbench.bench.kits.kit_core_dump import core_dump_of, keep_core_dump
from kitbench.bench.records.evidence import Evidence
from kitbench.errors import BenchError
from kitbench.flash_format.partition_table import Partition, serialize
from tests.kitbench.flash_format.core_dump_sample import Sample, Task
from tests.kitbench.pytest_plugin.test_session import HARDWARE, HERE, run_pytest

COREDUMP = Partition("coredump", 1, 3, 0x110000, 0x10000, 0)
SAMPLE = Sample((Task(b"main", 0x3FFAFBA0, (0x400D1000, 0x800D2003)),), app=b"")


@dataclass
class ClosedKit:
    """A kit whose flash holds something."""

    flash: bytes
    calls: list[str] = field(default_factory=list)
    failure: Exception | None = None

    def close(self) -> None:
        self.calls.append("close")
        if self.failure is not None:
            raise self.failure

    def read_flash(self, known: bytes) -> Any:
        self.calls.append(f"read {len(known)}")
        return type("Dump", (), {"data": self.flash})


def kit_with(content: bytes, failure: Exception | None = None) -> Any:
    """Return a kit with `content` in its core dump partition."""
    return ClosedKit(b"\xff" * COREDUMP.offset + content.ljust(COREDUMP.size, b"\xff"), failure=failure)


@pytest.fixture
def firmware(tmp_path: Path) -> FirmwareBuild:
    """A build with a partition for core dumps, and an ELF that is none."""
    (tmp_path / "partition_table").mkdir()
    (tmp_path / "partition_table" / "partition-table.bin").write_bytes(serialize([COREDUMP]))
    (tmp_path / "flasher_args.json").write_text('{"flash_files": {}}', encoding="utf-8")
    (tmp_path / "app.elf").write_bytes(b"no ELF")
    return FirmwareBuild(tmp_path, tmp_path / "app.elf", tmp_path / "app.bin")


def test_core_dump_is_decoded_from_the_closed_kits_flash(firmware: FirmwareBuild) -> None:
    kit = kit_with(SAMPLE.partition())

    text = core_dump_of(kit, firmware)

    assert text.startswith("crashed task 'main': StoreProhibited")
    assert "0x400d1000 ?" in text
    assert kit.calls == ["close", f"read {4 << 20}"]


def test_kit_without_a_core_dump_says_nothing(firmware: FirmwareBuild) -> None:
    assert core_dump_of(kit_with(b""), firmware) == ""


def test_kit_without_a_partition_for_it_is_left_alone(firmware: FirmwareBuild) -> None:
    kit = kit_with(SAMPLE.partition())
    (firmware.folder / "partition_table" / "partition-table.bin").unlink()

    assert core_dump_of(kit, firmware) == ""
    assert kit.calls == []


@pytest.mark.parametrize("failure", [BenchError("gone", stage="dump"), OSError("gone")])
def test_kit_that_cannot_be_read_costs_the_core_dump_only(firmware: FirmwareBuild, failure: Exception) -> None:
    assert core_dump_of(kit_with(b"", failure), firmware).startswith("not read: ")


def test_damaged_core_dump_is_said_to_be_one(firmware: FirmwareBuild) -> None:
    damaged = bytearray(SAMPLE.partition())
    damaged[100] ^= 1

    assert "wrong checksum" in core_dump_of(kit_with(bytes(damaged)), firmware)


def test_core_dump_is_kept_as_evidence(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path)

    said = [keep_core_dump(text, evidence, "test_it") for text in ("", "crashed task 'main'")]

    assert said == ["", "crashed task 'main'"]
    assert (tmp_path / "core_dumps.txt").read_text(encoding="utf-8") == "=== test_it\ncrashed task 'main'\n"


def test_key_in_a_panic_message_is_shown_to_nobody(tmp_path: Path) -> None:
    key = "-----BEGIN EC PRIVATE KEY----- MHcCAQEEIIsecret -----END EC PRIVATE KEY-----"

    said = keep_core_dump(f"crashed task 'main': {key}", Evidence(tmp_path), "test_it")

    assert said.startswith("crashed task 'main': ")
    assert "secret" not in said
    assert "secret" not in (tmp_path / "core_dumps.txt").read_text(encoding="utf-8")


RUN = """
import pytest
from types import SimpleNamespace
from kitbench.bench.kits.kit_crash import KitCrash
from kitbench.pytest_plugin.on_kit_run import RUN_KEY
@pytest.fixture(autouse=True)
def crash(request):
    kit = SimpleNamespace(put_away=lambda: None, core_dump=lambda: "crashed task 'sensor'")
    kit.lacks, kit.forget_gaps = lambda: "", lambda: None
    kit.crash = lambda: KitCrash('the kit panicked', 'backtrace') if {crashes} else KitCrash()
    with request.config.stash[RUN_KEY].live.with_kit(kit):
        yield
"""


@pytest.mark.parametrize("crashes", [True, False])
def test_failing_test_shows_the_core_dump_of_a_kit_that_crashed(tmp_path: Path, *, crashes: bool) -> None:
    source = RUN.format(crashes=crashes) + HARDWARE + "def test_it():\n    assert False"

    done, _ = run_pytest(tmp_path, source, *HERE)

    assert ("core dump of the kit" in done.stdout and "crashed task 'sensor'" in done.stdout) == crashes
