"""Hardened devices of other kinds: none is accused, and what is missing is never a pass."""

import json

import pytest

from kitbench.exit_status import ExitStatus
from kitbench.flash_format.partition_table import Partition
from kitbench.hardening.build_settings import parse_settings
from kitbench.hardening.item import Result
from kitbench.hardening.judgement import judge, status_of
from tests.kitbench.forensics.flash_sample import flash
from tests.kitbench.hardening.hardened_device import BUILD, SIZE, Device, efuses_json, noise, with_partition

SET = (True, True, False)
CLEAR = (False, True, True)
OTHER_BUILD = BUILD.replace("OPTIMIZATION_SIZE", "OPTIMIZATION_PERF").replace("LEVEL=1", "LEVEL_NONE=y")

HARDENED = {
    "everything": Device(),
    "loader limited in place of closed": Device().but(efuses=efuses_json(UART_DOWNLOAD_DIS=None)),
    "counter locked at one bit": Device().but(efuses=efuses_json(FLASH_CRYPT_CNT=(1, True, False))),
    "secure boot V1 with a closed key": Device().but(
        efuses=efuses_json(ABS_DONE_0=SET, ABS_DONE_1=CLEAR, BLOCK2=("??", False, False), RD_DIS=(3, True, True))
    ),
    "masks alone, as the bench dumps them": Device().but(
        efuses=b'{"efuses": {"FLASH_CRYPT_CNT": 127, "ABS_DONE_0": 0, "ABS_DONE_1": 1, "JTAG_DISABLE": 1,'
        b' "UART_DOWNLOAD_DIS": 1, "CONSOLE_DEBUG_DISABLE": 1, "RD_DIS": 1, "WR_DIS": 65535}}'
    ),
    "eFuses alone": Device(build=None, dump=None),
    "build alone": Device(efuses=None, dump=None),
    "another build alone": Device(efuses=None, dump=None, build=OTHER_BUILD),
    "build as JSON": Device(efuses=None, dump=None, build=json.dumps(parse_settings(BUILD))),
    "ciphertext alone": Device(efuses=None, build=None),
    "half of the flash erased": Device().but(dump=noise(SIZE // 2) + b"\xff" * (SIZE // 2)),
    "core dumps to encrypted flash": Device().but(
        build=BUILD.replace("COREDUMP_ENABLE_TO_NONE", "COREDUMP_ENABLE_TO_FLASH")
    ),
    "warnings in the log": Device().but(build=BUILD.replace("LOG_DEFAULT_LEVEL=1", "LOG_DEFAULT_LEVEL=2")),
}


@pytest.mark.parametrize("name", HARDENED)
def test_nobody_is_accused(name: str) -> None:
    assert HARDENED[name].failed() == set()


def test_nothing_known_is_nothing_passed() -> None:
    items = Device(None, None, None).items().values()
    assert {item.result for item in items} == {Result.INCONCLUSIVE}
    assert status_of(tuple(items)) is ExitStatus.CANNOT_JUDGE


def test_what_is_absent_is_no_pass_of_what_depends_on_it() -> None:
    device = Device(dump=None, build=None).but(
        efuses=efuses_json(FLASH_CRYPT_CNT=(0, True, True), ABS_DONE_1=CLEAR, SECURE_VERSION=(0, True, True))
    )
    items = device.items()
    for name in ("flash-encryption-mode", "flash-encryption-key", "flash-encryption-counter", "secure-boot-key"):
        assert items[name].result is Result.INCONCLUSIVE, name
    assert items["anti-rollback"].result is Result.INCONCLUSIVE

    clean = Device(None, None, flash()).items()
    assert clean["plaintext-secrets"].result is Result.INCONCLUSIVE
    assert clean["core-dump"].result is Result.INCONCLUSIVE
    assert clean["nvs-encryption"].result is Result.INCONCLUSIVE


def test_a_readable_dump_beside_eFuses_that_say_encrypted_is_no_pass() -> None:  # noqa: N802 - the field's spelling
    item = Device(dump=flash()).items()["flash-encryption"]
    assert item.result is Result.INCONCLUSIVE
    assert "is it of this device?" in item.seen


def test_locked_devices_get_verdicts_on_what_can_be_judged() -> None:
    items = Device(build=None).items()
    passed = [name for name, item in items.items() if item.result is Result.PASS]
    assert {"flash-encryption", "secure-boot", "jtag", "download-mode", "plaintext-secrets"} <= set(passed)
    assert items["log-level"].result is Result.INCONCLUSIVE


def test_status_says_the_worst() -> None:
    assert status_of(judge(Device().facts())) is ExitStatus.GOOD
    assert status_of(judge(Device(dump=None).facts())) is ExitStatus.CANNOT_JUDGE
    assert status_of(judge(Device(efuses=efuses_json(JTAG_DISABLE=CLEAR)).facts())) is ExitStatus.FOUND_OR_FAILED


def test_keys_of_nvs_are_safe_only_in_an_encrypted_flash() -> None:
    off = efuses_json(FLASH_CRYPT_CNT=(0, True, True))
    readable = with_partition(Partition("keys", 1, 0x04, 0x80000, 0x1000, 0))
    results = {
        name: device.items()["nvs-encryption"]
        for name, device in {
            "eFuses say off": Device(efuses=off),
            "eFuses say off, without a dump": Device(efuses=off, dump=None),
            "keys in a readable dump": Device(efuses=None, dump=readable),
            "keys in a readable dump, without a build": Device(efuses=None, build=None, dump=readable),
        }.items()
    }

    assert {name: item.result for name, item in results.items() if item.result is not Result.FAIL} == {}
    alone = Device(dump=None).items()["nvs-encryption"]
    assert alone.result is Result.INCONCLUSIVE
    assert "configuration only" in alone.seen


@pytest.mark.parametrize(("level", "result"), [(-99, Result.PASS), (99, Result.FAIL)])
def test_log_level_out_of_range_is_judged(level: int, result: Result) -> None:
    build = BUILD.replace("LOG_DEFAULT_LEVEL=1", f"LOG_DEFAULT_LEVEL={level}").replace("LOADER_LOG_LEVEL=0", "X=0")

    assert Device(build=build).items()["log-level"].result is result


@pytest.mark.parametrize(("revision", "result"), [(0, Result.INCONCLUSIVE), (1, Result.INCONCLUSIVE), (3, Result.FAIL)])
def test_a_loader_that_the_chip_cannot_close_is_no_failure(revision: int, result: Result) -> None:
    device = Device(efuses=efuses_json(UART_DOWNLOAD_DIS=CLEAR, WAFER_VERSION_MAJOR=(revision, True, True)))
    assert device.items()["download-mode"].result is result
