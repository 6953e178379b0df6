"""What is said where a kit's eFuses cannot be read."""

import subprocess
from typing import Any

import pytest

from kitbench.errors import BenchError
from kitbench.hardening.efuse_reading import SilentLoaderError, read_efuses


@pytest.mark.parametrize(
    ("stderr", "kind", "words"),
    [
        (
            b"A fatal error occurred: Failed to connect to Espressif device: Wrong boot mode detected (0x13)!\nHint\n",
            SilentLoaderError,
            "Wrong boot mode detected",
        ),
        (b"A fatal error occurred: Could not open /dev/nowhere, the port is busy\n", BenchError, "the port is busy"),
        (b"Traceback\nValueError: \x1b[2Jodd\n", BenchError, "odd"),
        (b"", BenchError, "espefuse said nothing"),
    ],
)
def test_espefuses_own_reason_is_told(
    stderr: bytes, kind: type[BenchError], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_arguments: Any, **_options: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess([], 2, b"", stderr)

    monkeypatch.setattr(subprocess, "run", fails)
    with pytest.raises(BenchError, match="no eFuses from /dev/nowhere") as told:
        read_efuses("/dev/nowhere")
    assert type(told.value) is kind
    assert words in str(told.value)
    assert str(told.value).isprintable()
    assert "UART_DOWNLOAD_DIS" in told.value.fix
