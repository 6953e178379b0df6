"""The virtual kit judged by the unmodified esptool of the lock file: every command, with stub and without.

The quick RFC 2217 client stands in for pyserial's own, which takes 20 s a command; one slow test uses that as well.
"""

import random
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kitbench.flash_format import app_image
from kitbench.flash_format.app_image import Segment
from kitbench.virtual_kit.loaders.loader_protocol import Request
from tests.conformance.esp_tools import Bench, bench, wiretap
from tests.kitbench.virtual_kit.chip_rig import APP_OFFSET, make_flash

DATA_OFFSET = 0x20000
WITH_AND_WITHOUT_STUB = pytest.mark.parametrize("mode", [(), ("--no-stub",)], ids=["stub", "no-stub"])


@pytest.fixture(name="bench")
def _bench() -> Iterator[Bench]:
    """A kit whose flash boots."""
    with bench(make_flash()) as running:
        yield running


@pytest.fixture(name="data_file")
def _data_file(tmp_path: Path) -> Path:
    """20,000 bytes that compress badly, among them everything that SLIP and telnet escape."""
    path = tmp_path / "data.bin"
    path.write_bytes(random.Random(1).randbytes(12000) + b"\xff\xc0\xdb\xdc\xdd" * 1600)
    return path


def _starts(running: Bench) -> int:
    return len(running.cpu.apps)


@WITH_AND_WITHOUT_STUB
def test_flash_id_tells_maker_and_size(bench: Bench, mode: tuple[str, ...]) -> None:
    outcome = bench.esptool(*mode, "flash-id")

    assert outcome.status == 0
    assert outcome.says("Chip type: ESP32-D0WD-V3 (revision v3.1)", f"MAC: {bench.kit.mac}", "Crystal frequency: 40MHz")
    assert outcome.says("Manufacturer: c8", "Device: 4016", "Detected flash size: 4MB", "Hard resetting via RTS pin")
    assert outcome.says("Stub flasher running.") is (mode == ())
    assert _starts(bench) == 2  # at power-on, and after the hard reset


@pytest.mark.parametrize(
    "mode",
    [
        (),
        ("--no-stub",),
        pytest.param(("--baud", "921600"), marks=pytest.mark.slow),
        pytest.param(("--no-stub", "--baud", "460800"), marks=pytest.mark.slow),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize(
    "form", [(), pytest.param(("-u",), marks=pytest.mark.slow)], ids=["compressed", "uncompressed"]
)
def test_write_verify_and_read_agree(
    bench: Bench, data_file: Path, tmp_path: Path, mode: tuple[str, ...], form: tuple[str, ...]
) -> None:
    written = bench.esptool(*mode, "write-flash", *form, hex(DATA_OFFSET), str(data_file))
    read = bench.esptool(*mode, "read-flash", hex(DATA_OFFSET), "5000", str(tmp_path / "read.bin"))

    assert written.says("Hash of data verified.")
    assert written.says("Changed.") is ("--baud" in mode)
    assert (written.status, read.status) == (0, 0)
    assert bench.kit.flash.read(DATA_OFFSET, 20000) == data_file.read_bytes()
    assert (tmp_path / "read.bin").read_bytes() == data_file.read_bytes()[:5000]


@pytest.mark.slow
def test_erase_before_write(bench: Bench, data_file: Path) -> None:
    outcome = bench.esptool("write-flash", "-e", hex(DATA_OFFSET), str(data_file))

    assert outcome.status == 0
    assert outcome.says("Flash memory erased successfully", "Hash of data verified.")
    assert bench.kit.flash.read(APP_OFFSET, 16) == b"\xff" * 16


@pytest.mark.slow
@WITH_AND_WITHOUT_STUB
def test_verify_tells_good_from_bad(bench: Bench, data_file: Path, mode: tuple[str, ...]) -> None:
    bench.kit.flash.program(DATA_OFFSET, data_file.read_bytes())

    good = bench.esptool(*mode, "verify-flash", hex(DATA_OFFSET), str(data_file))
    bench.kit.flash.program(DATA_OFFSET + 19999, b"\0")
    bad = bench.esptool(*mode, "verify-flash", hex(DATA_OFFSET), str(data_file))

    assert good.status == 0
    assert good.says("Verification successful (digest matched).")
    assert bad.status == 2
    assert bad.says("Verification failed (digest mismatch).")


@pytest.mark.parametrize("size", [0x80000, pytest.param(0x400000, marks=pytest.mark.slow)], ids=["512KB", "4MB"])
def test_flash_goes_there_and_back_byte_identical(bench: Bench, tmp_path: Path, size: int) -> None:
    content = random.Random(2).randbytes(size - 0x1000) + b"\xff" * 0x1000
    (tmp_path / "all.bin").write_bytes(content)

    written = bench.esptool("--baud", "921600", "write-flash", "0x0", str(tmp_path / "all.bin"))
    read = bench.esptool("--baud", "921600", "read-flash", "0x0", hex(size), str(tmp_path / "read.bin"))

    assert written.says("Changed.", "Hash of data verified.")
    assert read.status == 0
    assert (tmp_path / "read.bin").read_bytes() == content


#: Arguments, exit status, what is said. Refusals are esptool's own or the device's, as on a real ESP32.
SIMPLE_COMMANDS = [
    (("read-mac",), 0, ("MAC: 24:0a:c4:",)),
    (("--no-stub", "read-mac"), 0, ("MAC: 24:0a:c4:",)),
    (("chip-id",), 0, ("ESP32 has no chip ID.",)),
    (("get-security-info",), 2, ("FF00: Command not implemented",)),
    (("--no-stub", "get-security-info"), 2, ("not supported in the current download mode",)),
    (("erase-flash",), 0, ("Flash memory erased successfully",)),
    (("--no-stub", "erase-flash"), 2, ("ESP32 ROM does not support function erase_flash.",)),
    (("erase-region", "0x10000", "0x1000"), 0, ("Flash memory region erased successfully",)),
    (("--no-stub", "erase-region", "0x10000", "0x1000"), 0, ("Flash memory region erased successfully",)),
    (("erase-region", "0x10100", "0x1000"), 2, ("Offset to erase from must be a multiple of 4096.",)),
    (("read-mem", "0x40001000"), 0, ("0x40001000 = 0x00f01d83",)),
    (("--no-stub", "read-mem", "0x40001000"), 0, ("0x40001000 = 0x00f01d83",)),
    (("write-mem", "0x3FFB0000", "0x1234"), 0, ("Wrote 0x00001234 with mask 0xffffffff to 0x3ffb0000.",)),
    (("--no-stub", "write-mem", "0x3FFB0000", "0x1234"), 0, ("Wrote 0x00001234 with mask 0xffffffff",)),
    (("read-flash-status", "--bytes", "3"), 0, ("Flash memory status: 0x200200",)),
    (
        ("write-flash-status", "--bytes", "2", "--non-volatile", "0"),
        0,
        ("Initial flash memory status: 0x0200", "After flash memory status: 0x0000"),
    ),
    (("read-flash-sfdp", "0", "4"), 0, ("SFDP[0..3]: 0x53 0x46 0x44 0x50",)),
    (("--no-stub", "read-flash-sfdp", "0", "4"), 0, ("SFDP[0..3]: 0x53 0x46 0x44 0x50",)),
    (("--before", "no-reset", "flash-id"), 2, ("Failed to connect to ESP32: No serial data received.",)),
    (("--before", "usb-reset", "flash-id"), 2, ("Wrong boot mode detected (0x13)!",)),
    (("--after", "soft-reset", "flash-id"), 2, ("Soft resetting is currently only supported on ESP8266",)),
    (("--after", "watchdog-reset", "flash-id"), 0, ("attempting classic hard reset instead",)),
    (("--chip", "esp32s3", "flash-id"), 2, ("This chip is ESP32, not ESP32-S3. Wrong chip argument?",)),
    (("--chip", "auto", "flash-id"), 0, ("Detecting chip type... ESP32",)),
]
QUICKLY_RUN = {"get-security-info"}


@pytest.mark.parametrize(
    ("arguments", "status", "texts"),
    [
        pytest.param(*case, id=" ".join(case[0]), marks=() if QUICKLY_RUN & set(case[0]) else pytest.mark.slow)
        for case in SIMPLE_COMMANDS
    ],
)
def test_command_ends_as_on_a_real_kit(
    bench: Bench, arguments: tuple[str, ...], status: int, texts: tuple[str, ...]
) -> None:
    outcome = bench.esptool(*arguments)

    assert outcome.status == status, outcome.output
    assert outcome.says(*texts), outcome.output


@pytest.mark.slow
def test_erase_commands_erase_what_they_say(bench: Bench) -> None:
    before = bench.kit.flash.read(0, 0x20000)

    bench.esptool("erase-region", "0x8000", "0x1000")
    after_region = bench.kit.flash.read(0, 0x20000)
    bench.esptool("erase-flash")

    assert after_region == before[:0x8000] + b"\xff" * 0x1000 + before[0x9000:]
    assert bench.kit.flash.read(0, 0x400000) == b"\xff" * 0x400000


@pytest.mark.slow
@WITH_AND_WITHOUT_STUB
def test_dump_mem(bench: Bench, tmp_path: Path, mode: tuple[str, ...]) -> None:
    outcome = bench.esptool(*mode, "dump-mem", "0x40001000", "8", str(tmp_path / "memory.bin"))

    assert outcome.status == 0
    assert (tmp_path / "memory.bin").read_bytes() == bytes.fromhex("831df00000000000")


@pytest.mark.slow
@WITH_AND_WITHOUT_STUB
def test_run_starts_the_app(bench: Bench, mode: tuple[str, ...]) -> None:
    outcome = bench.esptool(*mode, "run")

    assert outcome.status == 0
    assert _starts(bench) >= 2
    assert not bench.cpu.apps[-1].is_stopped


def test_resets_into_and_out_of_the_loaders(bench: Bench) -> None:
    """--after no-reset-stub, --before no-reset, --after no-reset, --before no-reset-no-sync, --after soft-reset."""
    stays = bench.esptool("--after", "no-reset-stub", "flash-id")
    found = bench.esptool("--before", "no-reset", "--after", "no-reset", "flash-id")
    left = bench.esptool("--before", "no-reset", "--after", "no-reset", "--no-stub", "flash-id")
    unsynced = bench.esptool("--before", "no-reset-no-sync", "--after", "no-reset", "--no-stub", "flash-id")
    assert _starts(bench) == 1
    booted = bench.esptool("--before", "no-reset", "--no-stub", "--after", "soft-reset", "flash-id")

    assert [stays.status, found.status, left.status, unsynced.status, booted.status] == [0] * 5
    assert stays.says("Staying in flasher stub.")
    assert found.says("Stub flasher is already running.", "Staying in bootloader.")
    assert not left.says("Stub flasher is already running.")
    assert _starts(bench) == 2


@pytest.mark.slow
def test_load_ram_of_foreign_code_is_silent_afterwards(bench: Bench, tmp_path: Path) -> None:
    """virtual-kit-serial: code that is no stub cannot run here."""
    image = app_image.serialize([Segment(0x40090000, b"code" * 16)], entry=0x40090000)
    (tmp_path / "ram.bin").write_bytes(image)

    outcome = bench.esptool("--no-stub", "load-ram", str(tmp_path / "ram.bin"))
    afterwards = bench.esptool("--before", "no-reset", "flash-id")

    assert outcome.status == 0
    assert afterwards.status == 2


@pytest.mark.slow
@pytest.mark.parametrize("version", ["1", "2"])
def test_both_stubs_serve_the_whole_cycle(bench: Bench, data_file: Path, tmp_path: Path, version: str) -> None:
    """Stub v2 is the default; v1 comes with ESPTOOL_STUB_VERSION=1."""
    environment = {"ESPTOOL_STUB_VERSION": version}
    commands = [
        ("--baud", "921600", "write-flash", hex(DATA_OFFSET), str(data_file)),
        ("write-flash", "-u", hex(DATA_OFFSET + 0x8000), str(data_file)),
        ("verify-flash", hex(DATA_OFFSET), str(data_file)),
        ("read-flash", hex(DATA_OFFSET), "20000", str(tmp_path / "read.bin")),
        ("erase-region", "0x8000", "0x1000"),
    ]

    outcomes = [bench.esptool(*command, environment=environment) for command in commands]

    assert [outcome.status for outcome in outcomes] == [0] * len(commands)
    assert outcomes[0].says("Using the deprecated legacy stub flasher.") is (version == "1")
    assert (tmp_path / "read.bin").read_bytes() == data_file.read_bytes()
    assert bench.kit.flash.read(DATA_OFFSET + 0x8000, 20000) == data_file.read_bytes()
    assert bench.kit.flash.read(0x8000, 0x1000) == b"\xff" * 0x1000


def test_second_client_finds_the_port_busy(bench: Bench) -> None:
    """virtual-kit-serial: "silence gives its clear "port is busy" after 3 s"."""
    code = f"import socket, time; s = socket.create_connection(('127.0.0.1', {bench.kit.tcp_port})); "
    code += "s.recv(1); print(1, flush=True); time.sleep(250)"
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    owner.stdout.readline()

    outcome = bench.esptool("flash-id")
    owner.kill()
    owner.communicate()

    assert outcome.status == 2
    assert outcome.says("the port is busy or doesn't exist")


@pytest.mark.slow
def test_chip_that_boots_its_app_is_found_in_download_mode_only(bench: Bench) -> None:
    """A control: without the reset there is nobody to talk to."""
    assert bench.esptool("--before", "no-reset", "--connect-attempts", "1", "read-mac").status == 2


@pytest.mark.slow
@pytest.mark.parametrize(("size", "name"), [(0x200000, "2MB"), (0x1000000, "16MB")])
def test_smaller_and_larger_flash(tmp_path: Path, size: int, name: str) -> None:
    (tmp_path / "flash.bin").write_bytes(b"\xff" * size)
    with bench(flash_file=tmp_path / "flash.bin") as running:
        assert running.esptool("flash-id").says(f"Detected flash size: {name}")


@pytest.mark.slow
def test_stock_pyserial_client_works_too(bench: Bench) -> None:
    """virtual-kit-serial: "The stock client must keep working"."""
    outcome = bench.esptool("flash-id", stock=True)

    assert outcome.status == 0
    assert outcome.says("Detected flash size: 4MB")


@pytest.mark.slow
def test_plaintext_is_refused_once_flash_encryption_is_permanent(bench: Bench, data_file: Path) -> None:
    """FLASH_CRYPT_CNT odd and DISABLE_DL_ENCRYPT burnt: esptool will not write plaintext, and none boots."""
    assert bench.espefuse("burn-efuse", "FLASH_CRYPT_CNT", "1", "DISABLE_DL_ENCRYPT", "1").status == 0
    starts = _starts(bench)

    outcome = bench.esptool("write-flash", hex(DATA_OFFSET), str(data_file))

    assert outcome.status == 2
    assert outcome.says("Flashing plaintext data may brick your device!")
    assert bench.kit.flash.read(DATA_OFFSET, 20000) == b"\xff" * 20000
    assert _starts(bench) == starts


def _opcodes(requests: list[Request]) -> list[int]:
    return [request.opcode for request in requests]


def test_esptool_sends_what_was_recorded(bench: Bench) -> None:
    """device-facts: "it sends GET_SECURITY_INFO twice"; `--after no-reset`: FLASH_BEGIN of 20 bytes, FLASH_END(0)."""
    with wiretap(bench.kit) as tap:
        outcome = bench.esptool("--after", "no-reset", "flash-id", url=tap.url)
    requests = tap.requests

    assert outcome.status == 0
    assert _opcodes(requests).count(0x14) == 2
    begin, end = requests[-2:]
    assert (begin.opcode, begin.data) == (0x02, struct.pack("<5I", 0, 0, 0x4000, 0, 0))
    assert (end.opcode, end.data) == (0x04, bytes(4))


@pytest.mark.slow
@pytest.mark.parametrize(("version", "size"), [("2", 6456), ("1", 3540)])
def test_esptool_uploads_stub_v2_unless_told_otherwise(bench: Bench, version: str, size: int) -> None:
    """device-facts: "esptool 5.6 uploads **stub v2** …; v1 only with `ESPTOOL_STUB_VERSION=1`"."""
    environment = {} if version == "2" else {"ESPTOOL_STUB_VERSION": version}
    with wiretap(bench.kit) as tap:
        bench.esptool("read-mac", url=tap.url, environment=environment)

    text = next(request for request in tap.requests if request.opcode == 0x05)

    assert text.words(1) == (size,)


@pytest.mark.slow
def test_paced_line_serves_esptool(data_file: Path) -> None:
    with bench(make_flash(), is_paced=True) as running:
        outcome = running.esptool("--baud", "460800", "write-flash", hex(DATA_OFFSET), str(data_file))

        assert outcome.status == 0
        assert running.kit.flash.read(DATA_OFFSET, 20000) == data_file.read_bytes()
