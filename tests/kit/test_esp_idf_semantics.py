"""What ESP-IDF 5.1.4 answers to `firmware/conformance`, and that a kit answers the same.

Here it is built for the virtual kit and run on it. Whoever has a board, or QEMU, runs the same app there and names the
serial log: `KITBENCH_CONFORMANCE_LOG=file pytest tests/kit/test_esp_idf_semantics.py`.
"""

import json
import os
import re
import time
from pathlib import Path
from typing import Final

import pytest
import serial

from kitbench.kit.serial_port import use_quick_rfc2217

PROJECT: Final = Path(__file__).parents[2] / "firmware" / "conformance"
FLASH_SIZE: Final = 0x400000
WITHIN_S: Final = 90.0

#: Seen in QEMU: ESP-IDF v5.1.4, upstream mbedTLS, empty Wi-Fi archives, GCC 12.2 with the esp32 overlay.
SEEN_IN_QEMU: Final = {
    "char": "9a",
    "errno": "11 22 12 116 104 128",
    "strerror": "Socket is not connected",
    "strtol": "2147483647 34",
    "sizes": "8 4 4",
    "error names": "ESP_ERR_ESP_NETIF_INVALID_PARAMS ESP_ERR_FLASH_OP_FAIL ERROR",
    "malloc 0": "0",
    "malloc 1 MB": "0",
    "free heap": "1",
    "least free heap": "1",
    "open before init": "ESP_ERR_NVS_NOT_INITIALIZED",
    "open no name": "ESP_OK",
    "open 16 characters": "ESP_ERR_NVS_KEY_TOO_LONG",
    "open no partition": "ESP_ERR_NVS_PART_NOT_FOUND",
    "init no partition": "ESP_ERR_NOT_FOUND",
    "same key, 16 characters": "ESP_OK",
    "empty key": "ESP_OK",
    "other type": "ESP_OK",
    "other type hidden": "ESP_ERR_NVS_NOT_FOUND",
    "first type erased": "ESP_OK",
    "other type found": "ESP_OK",
    "no length": "ESP_ERR_NVS_INVALID_LENGTH",
    "commit closed": "ESP_ERR_NVS_INVALID_HANDLE",
    "deinit": "ESP_OK",
    "get after deinit": "ESP_ERR_NVS_INVALID_HANDLE",
    "open after deinit": "ESP_ERR_NVS_NOT_INITIALIZED",
    "deinit again": "ESP_ERR_NVS_NOT_INITIALIZED",
    "tasks": "7",
    "system tasks": "1 1 1 1",
    "take on eNoAction": "0 1",
    "timers twice": "ESP_ERR_INVALID_STATE",
    "order of handlers": "1AB23",
    "registered again": "1AB93",
    "unregistered": "AB",
    "registered by a handler": "ABR",
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a kit has printed, by case."""
    named = os.environ.get("KITBENCH_CONFORMANCE_LOG")
    log = (
        Path(named).read_text("utf-8", "replace") if named else _run_virtual_kit(tmp_path_factory.mktemp("conformance"))
    )
    assert "C|end" in log, "the app has not come to its end"
    return dict(re.findall(r"C\|([^=\r\n]+)=([^\r\n]*)", log))


def _run_virtual_kit(folder: Path) -> str:
    # Only here: this folder is part of the wheel, the stand-ins are an extra of it.
    from kitbench.virtual_kit.kit import KitOptions, VirtualKit  # noqa: PLC0415 - see above
    from kitbench.virtual_kit.toolchain import build_project  # noqa: PLC0415 - see above

    build = build_project(PROJECT, folder / "build")
    image = bytearray(b"\xff" * FLASH_SIZE)
    for offset, name in json.loads(build.flasher_args.read_text("utf-8"))["flash_files"].items():
        content = (folder / "build" / name).read_bytes()
        image[int(offset, 0) : int(offset, 0) + len(content)] = content
    (folder / "flash.bin").write_bytes(image)
    use_quick_rfc2217()
    with (
        VirtualKit(KitOptions(flash_file=folder / "flash.bin")) as kit,
        serial.serial_for_url(kit.url, baudrate=115200, timeout=0.2) as port,
    ):
        port.dtr, port.rts = False, True
        port.rts = False
        printed, deadline = b"", time.monotonic() + WITHIN_S
        while b"C|end" not in printed and time.monotonic() < deadline:
            printed += port.read(4096)
    return printed.decode("utf-8", "replace")


@pytest.mark.parametrize("case", SEEN_IN_QEMU)
def test_kit_answers_as_esp_idf_in_qemu(answers: dict[str, str], case: str) -> None:
    """Seen in QEMU: the kit gives the answer that genuine firmware gave there."""
    assert answers.get(case) == SEEN_IN_QEMU[case]


def test_every_answer_of_the_app_is_judged(answers: dict[str, str]) -> None:
    """No answer goes unread: a case without a real value would show nothing."""
    assert set(answers) == set(SEEN_IN_QEMU)
