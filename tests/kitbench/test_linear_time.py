"""Every parser of what strangers hand in takes time and memory in proportion to its input, whatever that is made of."""

import contextlib
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from grading.certificate_file import certificates_in
from grading.evidence import without_private_keys
from grading.judgement import one_line
from grading.submission import parse_answers, read_sdkconfig_endpoint
from grading.text_file import decoded
from kitbench.errors import KitbenchError
from kitbench.firmware import sdkconfig
from kitbench.firmware.embedded_identity import embedded_parts
from kitbench.flash_format.partition_csv import parse_csv
from kitbench.virtual_kit.toolchain.cmake import syntax
from kitbench.virtual_kit.toolchain.kconfig import ConfigurationJob, _check_sources

#: Bytes; four times as much of it may take no more than eight times as long.
SIZE: Final = 48 << 10
#: Below this no ratio is told from noise, in seconds of processor time.
NOISE: Final = 0.15
#: Bytes for each byte of input.
MOST_MEMORY: Final = 400


def _of_sdkconfig(text: str, folder: Path) -> object:
    (folder / "sdkconfig").write_text(text, encoding="utf-8", newline="")
    return read_sdkconfig_endpoint(folder)


def _of_kconfig(text: str, folder: Path) -> object:
    file = folder / "Kconfig"
    file.write_text(text, encoding="utf-8", newline="")
    _check_sources(file, ConfigurationJob(folder, [file], [], {}))
    return None


def _of_identity(text: str, folder: Path) -> object:
    for name in ("CMakeLists.txt", "x.pem"):
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return embedded_parts(folder)


PARSERS: Final[dict[str, Callable[[str, Path], object]]] = {
    "answers.toml": lambda text, _: parse_answers(text),
    "sdkconfig's endpoint": _of_sdkconfig,
    "sdkconfig": lambda text, _: sdkconfig.parse(text),
    "Kconfig": _of_kconfig,
    "CMakeLists.txt": lambda text, _: syntax.parse(text, "CMakeLists.txt"),
    "partitions.csv": lambda text, _: parse_csv(text),
    "certificate": lambda text, _: certificates_in(text.encode()),
    "text": lambda text, _: decoded(text.encode()),
    "log with keys": lambda text, _: without_private_keys(text.encode()),
    "reason": lambda text, _: one_line(text),
    "identity in a project": _of_identity,
}
_CHARACTERS: Final = "\n \t\r\u2028\\\"'#a0=.,;$()[]{}"
PIECES: Final = {
    *_CHARACTERS,
    *(
        " \n",
        "a\n",
        "a=",
        "a.",
        '"a".',
        "a = 1\n",
        "[a]\n",
        "[[a]]\n",
        "[[",
        "[[ ",
        "#[[",
        "#[[\n",
        "[=[",
        "#[=[ ",
        "]]",
    ),
    *("#[=[ ", "]]"),
    *("$(", "${", "$ENV{", '"a', '"\\', "a(", "a()\n", "if(", 'set(a "b")\n', "-----BEGIN ", "-----END", "PRIVATE KEY"),
    *("-----BEGIN CERTIFICATE-----\n", "-----BEGIN EC PRIVATE " + "KEY-----\n", "<br", '"""', "'''", "\\u0041"),
    *("CONFIG_", "CONFIG_A=", "CONFIG_A=y\n", "# CONFIG_A is not set\n", "CONFIG_AWS_IOT_MQTT_HOST = "),
    *('CONFIG_AWS_IOT_MQTT_HOST="', "source", "source ", 'source "a"\n', 'rsource "', "nvs,data,nvs,,4K\n"),
    *("nvs, data, nvs, 0x9000, 0x1000\n", "a.a.a\n", "x.key ", "x.", "0x", "1_"),
}


def _seconds(parser: str, piece: str, size: int, folder: Path) -> float:
    text = piece * (size // len(piece))
    began = time.process_time()
    with contextlib.suppress(KitbenchError, ValueError, RecursionError):
        PARSERS[parser](text, folder)
    return time.process_time() - began


def _grows_too_fast(parser: str, piece: str, folder: Path) -> bool:
    """Say whether it does so in each of three tries: a machine at work makes one look slow, a square all of them."""
    for _ in range(3):
        longer = _seconds(parser, piece, 4 * SIZE, folder)
        if longer <= NOISE or longer <= 8 * _seconds(parser, piece, SIZE, folder):
            return False
    return True


@pytest.mark.parametrize("parser", PARSERS)
def test_time_grows_with_the_size_and_no_faster(parser: str, tmp_path: Path) -> None:
    slow = [piece for piece in sorted(PIECES) if _grows_too_fast(parser, piece, tmp_path)]

    assert slow == []


@pytest.mark.parametrize("parser", PARSERS)
def test_memory_grows_with_the_size_and_no_faster(parser: str, tmp_path: Path) -> None:
    large = []
    for piece in (
        "\n",
        "a",
        "[[a]]\n",
        "a = 1\n",
        "CONFIG_A=y\n",
        "a()\n",
        "[",
        '"a".',
        "-----BEGIN CERTIFICATE-----\n",
    ):
        tracemalloc.start()
        _seconds(parser, piece, SIZE, tmp_path)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        if peak > MOST_MEMORY * SIZE:
            large.append((piece, peak))

    assert large == []


def test_control_square_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def square(text: str, _: Path) -> object:
        return sum(text.count("a", at) for at in range(0, len(text), 32))

    monkeypatch.setitem(PARSERS, "square", square)

    # Sixteen times as long: noise would have to halve or double it.
    assert any(_grows_too_fast("square", "a", tmp_path) for _ in range(3))
