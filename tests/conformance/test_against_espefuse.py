"""The kit's eFuses judged by the unmodified espefuse of the lock file."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.esp_tools import Bench, bench
from tests.kitbench.virtual_kit.chip_rig import make_flash


@pytest.fixture(name="bench")
def _bench() -> Iterator[Bench]:
    with bench(make_flash()) as running:
        yield running


@pytest.fixture(name="key_file")
def _key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key.bin"
    path.write_bytes(bytes(range(1, 33)))
    return path


def _summary(running: Bench) -> dict[str, dict[str, object]]:
    outcome = running.espefuse("summary", "--format", "json")
    assert outcome.status == 0, outcome.output
    fields: dict[str, dict[str, object]] = json.loads(outcome.output[outcome.output.index("{\n") :])
    return fields


def test_summary_shows_a_chip_from_the_factory(bench: Bench) -> None:
    fields = _summary(bench)

    assert fields["MAC"]["value"] == f"{bench.kit.mac} (CRC {bench.kit.efuses.read(8) >> 16:#04x} OK)"
    assert fields["WAFER_VERSION_MAJOR"]["value"] == 3
    assert fields["CODING_SCHEME"]["value"] == "NONE (BLK1-3 len=256 bits)"
    assert fields["FLASH_CRYPT_CNT"]["value"] == 0
    assert fields["BLOCK1"]["readable"]
    assert fields["BLOCK1"]["writeable"]


def test_burnt_key_is_protected_and_cannot_be_burnt_again(bench: Bench, key_file: Path) -> None:
    burnt = bench.espefuse("burn-key", "flash_encryption", str(key_file))
    fields = _summary(bench)
    again = bench.espefuse("burn-key", "flash_encryption", str(key_file))

    assert burnt.status == 0
    assert not fields["BLOCK1"]["readable"]
    assert not fields["BLOCK1"]["writeable"]
    assert set(str(fields["BLOCK1"]["value"])) <= {"?", " "}
    assert again.status == 2
    assert bytes(range(1, 33)) in bench.kit.efuses.to_file()  # the fuses hold it, whatever the registers show


@pytest.mark.slow
def test_burn_efuse_adds_bits(bench: Bench) -> None:
    assert bench.espefuse("burn-efuse", "JTAG_DISABLE", "1").status == 0
    fields = _summary(bench)

    assert fields["JTAG_DISABLE"]["value"] is True
    assert fields["CONSOLE_DEBUG_DISABLE"]["value"] is False


@pytest.mark.slow
def test_write_protected_field_cannot_be_burnt(bench: Bench) -> None:
    protected = bench.espefuse("write-protect-efuse", "FLASH_CRYPT_CNT")
    refused = bench.espefuse("burn-efuse", "FLASH_CRYPT_CNT", "1")

    assert protected.status == 0
    assert refused.status == 2
    assert refused.says("FLASH_CRYPT_CNT is write-protected. Burn is not possible.")


@pytest.mark.slow
def test_the_chip_itself_holds_the_protection(bench: Bench) -> None:
    """A control: espefuse's own check is forced aside, and the fuses stay as they were."""
    bench.espefuse("write-protect-efuse", "JTAG_DISABLE")
    bench.espefuse("burn-bit", "--force-write-always", "BLOCK0", "198")

    assert _summary(bench)["JTAG_DISABLE"]["value"] is False


@pytest.mark.slow
def test_read_protected_block(bench: Bench, key_file: Path) -> None:
    bench.espefuse("burn-key", "secure_boot_v1", str(key_file), "--no-protect-key")
    assert _summary(bench)["BLOCK2"]["readable"]

    protected = bench.espefuse("read-protect-efuse", "BLOCK2")

    assert protected.status == 0
    assert not _summary(bench)["BLOCK2"]["readable"]


@pytest.mark.slow
def test_coding_scheme_that_is_not_modelled_cannot_be_burnt(bench: Bench) -> None:
    burnt = bench.espefuse("burn-efuse", "CODING_SCHEME", "1")

    assert burnt.status == 2
    assert burnt.says("The burn was not successful")
    assert _summary(bench)["CODING_SCHEME"]["value"] == "NONE (BLK1-3 len=256 bits)"


#: Arguments, exit status, what is said.
COMMANDS = [
    (("get-custom-mac",), 0, ("Custom MAC Address is not set in the device.",)),
    (("burn-custom-mac", "24:0a:c4:11:22:33"), 0, ("24:0a:c4:11:22:33", "OK)", "Successful.")),
    (("adc-info",), 0, ("ADC VRef calibration: 1072mV",)),
    (("set-flash-voltage", "3.3V"), 0, ("Successful.",)),
    (("check-error",), 0, ("No errors detected.",)),
    (("burn-efuse", "ADC_VREF", "31"), 2, ("Writing to VRef is not supported.",)),
    (("dump",), 0, ("BLOCK0",)),
]


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "status", "texts"), COMMANDS, ids=[" ".join(case[0]) for case in COMMANDS])
def test_command_ends_as_on_a_real_kit(
    bench: Bench, arguments: tuple[str, ...], status: int, texts: tuple[str, ...]
) -> None:
    outcome = bench.espefuse(*arguments)

    assert outcome.status == status, outcome.output
    assert outcome.says(*texts), outcome.output


@pytest.mark.slow
def test_stored_fuses_are_a_virtual_efuse_file_of_espefuse(tmp_path: Path) -> None:
    """virtual-kit-serial: `espefuse --virt --path-efuse-file F` decodes eFuses offline."""
    path = tmp_path / "efuses.bin"
    with bench(make_flash(), efuse_file=path) as running:
        running.espefuse("burn-efuse", "JTAG_DISABLE", "1")
        offline = running.espefuse("--virt", "--path-efuse-file", str(path), "summary")

    assert offline.says(running.kit.mac)
    assert any("JTAG_DISABLE" in line and "True" in line for line in offline.output.splitlines())
