"""Every parser of what strangers hand in takes time and memory in proportion to its input, whatever that is made of."""

import contextlib
import importlib
import inspect
import json
import pkgutil
import re
import struct
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

import grading
from grading.evidence import without_private_keys
from grading.hand_in.archive import archive_members
from grading.hand_in.certificate_file import certificates_in
from grading.hand_in.decompression import zstd
from grading.hand_in.dump_lab import read_dump_lab
from grading.hand_in.private_copy import DAMAGE
from grading.hand_in.source_prints import source_prints
from grading.hand_in.submission import parse_answers, read_sdkconfig_endpoint
from grading.hand_in.text_file import decoded
from grading.judgement import one_line
from kitbench import firmware, flash_format, witness
from kitbench.errors import KitbenchError, KitError
from kitbench.firmware import sdkconfig
from kitbench.firmware.embedded_identity import embedded_parts
from kitbench.firmware.log_level import informative
from kitbench.firmware.own_endpoint import own_endpoint
from kitbench.firmware.topic_menu import is_topic_fixed
from kitbench.flash_format import app_image, core_dump, fat, nvs, partition_table, spiffs
from kitbench.flash_format.partition_csv import parse_csv
from kitbench.forensics.proof.string_literals import literals_of
from kitbench.virtual_kit import toolchain
from kitbench.virtual_kit.toolchain.cmake import syntax
from kitbench.virtual_kit.toolchain.cmake.interpreter import Interpreter
from kitbench.virtual_kit.toolchain.cmake.source_tree import SourceTree
from kitbench.virtual_kit.toolchain.kconfig import ConfigurationJob, _check_sources
from kitbench.virtual_kit.toolchain.project.manifest import read_manifest
from kitbench.virtual_kit.toolchain.project.platformio import read_platformio
from kitbench.witness.bundle import _manifest

#: Bytes; four times as much of it may take no more than eight times as long.
SIZE: Final = 24 << 10
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


def _of_project(text: str, folder: Path) -> object:
    (folder / "main").mkdir(exist_ok=True)
    for name in ("sdkconfig", "main/Kconfig.projbuild", "main/a.c"):
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return own_endpoint(folder), informative(folder), is_topic_fixed(folder, b"test_topic", is_course=False)


def _interpreted(text: str, folder: Path) -> object:
    (folder / "CMakeLists.txt").write_text(text, encoding="utf-8", newline="")
    interpreter = Interpreter(SourceTree(folder), {}, {})
    interpreter.run(folder / "CMakeLists.txt")
    return interpreter.variables


def _of_platformio(text: str, folder: Path) -> object:
    (folder / "src").mkdir(exist_ok=True)
    (folder / "platformio.ini").write_text(f"[env:a]\nframework = espidf\n{text}", encoding="utf-8", newline="")
    return read_platformio(folder)


def _of_manifest(text: str, folder: Path) -> object:
    (folder / "idf_component.yml").write_text(text, encoding="utf-8", newline="")
    return read_manifest(folder, folder)


def _of_archive(text: str, folder: Path) -> object:
    """Read it as each kind of archive that a name may promise, and as the tar in a packed one."""
    for name, content in (("a.zip", b"PK" + text.encode()), ("a.tar", text.encode()), ("a.tar.zst", packed(text))):
        (folder / name).write_bytes(content)
        with contextlib.suppress(KitbenchError, *DAMAGE):
            list(archive_members(folder / name, largest=1 << 30, unpacks_to=1 << 30)())
    return None


def packed(text: str) -> bytes:
    return zstd.compress(text.encode())


def _of_flash(text: str, _: Path) -> object:
    """Read it as each structure that may be in flash."""
    data = text.encode("utf-8")
    for read in FLASH_FORMATS:
        with contextlib.suppress(ValueError, struct.error, Exception):
            list(made) if isinstance(made := read(data), Iterator) else made
    return None


def _of_dump_lab(text: str, _: Path) -> object:
    flash = text.encode("utf-8")
    return read_dump_lab(flash, b"x" + flash[1:], text)


FLASH_FORMATS: Final[tuple[Callable[[bytes], object], ...]] = (
    *(app_image.parse, app_image.parse_app_desc, core_dump.parse, fat.files, nvs.parse, partition_table.parse),
    spiffs.files,
)

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
    "project": _of_project,
    "platformio.ini": _of_platformio,
    "idf_component.yml": _of_manifest,
    "archive": _of_archive,
    "flash": _of_flash,
    "lab on dumps": _of_dump_lab,
    "traits of a source": lambda text, _: source_prints(text),
    "C source": lambda text, _: list(literals_of(text.encode())),
    "certificate as DER": lambda text, _: certificates_in(b"0\x82" + text.encode()),
    "manifest of a bundle": lambda text, _: _manifest(text.encode()),
    "answer of a reading process": lambda text, _: json.loads(text),
}
#: Functions whose names say that they read, and what above covers them; or why nothing needs to.
COVERED: Final = {
    "answers.toml": {"hand_in.submission.parse_answers"},
    "sdkconfig": {"hand_in.submission.read_sdkconfig_endpoint", "sdkconfig.read", "sdkconfig.parse"},
    "CMakeLists.txt": {"cmake.syntax.parse"},
    "CMakeLists.txt, followed": {
        *(
            "cmake.list_command.parse_arguments",
            "project.component_file.read_component",
            "project.project_file.read_project",
        ),
    },
    "partitions.csv": {"partition_csv.parse_csv"},
    "idf_component.yml": {"project.manifest.read_manifest"},
    "platformio.ini": {"project.platformio.read_platformio"},
    "certificate": {"hand_in.certificate_file.certificates_in", "hand_in.submission.choose_certificate"},
    "traits of a source": {"hand_in.traits.read_traits"},
    "text": {"hand_in.text_file.decoded", "hand_in.submission.read_text"},
    "log with keys": {"evidence.without_private_keys"},
    "identity in a project": {"embedded_identity.embedded_parts"},
    "flash": {
        *("app_image.parse", "app_image.parse_app_desc", "core_dump.parse", "fat.files", "nvs.parse", "spiffs.files"),
        "partition_table.parse",
    },
    "lab on dumps": {"hand_in.dump_lab.read_dump_lab"},
}
NOT_OF_A_HAND_IN: Final = {
    "names and sizes only": {"hand_in.layout.find_layout", "hand_in.bulk_name.read_bulk_name"},
    "bounded bytes, compared and not parsed": {
        *(
            "project.read_regular_file",
            "hand_in.submission.read_head",
            "hand_in.submission.read_dump",
            "hand_in.dump_lab.read_altered",
            "hand_in.submission.private_keys_in",
        ),
        *("sdkconfig.decode", "project_folder.find_project"),
    },
    "made by our own build": {
        "elf_symbols.read_symbols",
        "compilation.compiler.parse_dependencies",
        "compilation.link_map.parse",
    },
    "the class's, or the instructor's": {
        # What Gradescope writes beside a submission, and the wheel of whoever made the container.
        *("gradescope.container.read_metadata", "gradescope.container.parse_metadata", "gradescope.folder.find_wheel"),
        *(
            "hand_in.class_folder.read_settings",
            "hand_in.class_folder.read_class",
            "export.canvas.read_canvas_gradebook",
        ),
        "export.blackboard.read_blackboard_gradebook",
        *("export.moodle.read_moodle_worksheet", "export.sheet.read_sheet", "export.sheet.parse_sheet"),
        *("roster.read_roster", "roster.parse_roster", "marking.rubric.read_rubric", "marking.rubric.parse_rubric"),
        *("adjusting.overrides.read_overrides", "adjusting.overrides.parse_overrides", "marking.late.parse_late"),
        *("adjusting.submission_times.read_submission_times", "adjusting.submission_times.parse_submission_times"),
        *("check.handed_out.read_handed_out", "running.bench.find_suite", "esp_idf_index.git_tree.read_tree"),
        *("gradescope.container.read_metadata", "gradescope.container.parse_metadata", "gradescope.folder.find_wheel"),
        *("bench_key.parse_public_key", "bench_key.read_public_key", "bench_key.load_private_key"),
    },
    "our own processes' words, bounded by their box": {
        *(
            "marking.audit_verdict.parse_audit_verdict",
            "marking.run_report.read_run_report",
            "marking.run_report.parse_run_report",
        ),
        *(
            "records.kept_result.read_kept",
            "records.class_record.read_class_record",
            "hand_in.confined_reading.read_handed_in",
        ),
        "reader.reader_of",
    },
}
_READS: Final = re.compile(
    r"(parse|read|load|find|extract|decode|choose|embedded|private_keys|without|certificates|files)"
)
_ROOMS: Final = (flash_format, firmware, toolchain, grading, witness)


def reading_functions() -> Iterator[str]:
    """Yield the functions that call themselves so in the rooms where hand-ins are read, by module and name."""
    for room in _ROOMS:
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if "example_class" not in found.name:
                module = importlib.import_module(found.name)
                for name, function in inspect.getmembers(module, inspect.isfunction):
                    if function.__module__ == found.name and _READS.match(name):
                        yield f"{found.name.removeprefix(room.__name__ + '.')}.{name}"


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
    *("set(a a)\n", "set(a ${a}a)\n", "string(APPEND a a)\n", "list(APPEND a a)\n", "if(a)\n", "foreach(a a b)\n"),
    *("a: &a [*a]\n", "- a\n", "a: b\n", "{a: ", "? ", "dependencies:\n", "[env:a]\n", "build_flags = -Da\n", "-Da "),
    *(
        "\xaaP\x01\x02",
        "\xe9\x01",
        "\x00",
        "\xff",
        "FAT16",
        "PK\x01\x02",
        "ustar",
        "0\x82",
        "0\x80",
        '"a" ',
        "/* ",
        "'\\",
    ),
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


@pytest.mark.parametrize("piece", ["list(APPEND a a)\n", "set(a ${a}a)\n", "string(APPEND a a)\n", "if(a)\nendif()\n"])
def test_what_is_followed_of_cmake_is_bounded_as_each_command_may_copy_all_that_the_last_one_made(
    piece: str, tmp_path: Path
) -> None:
    began = time.process_time()

    with contextlib.suppress(KitError):
        _interpreted(piece * ((384 << 10) // len(piece)), tmp_path)

    assert time.process_time() - began < 12  # half an hour without a bound


def test_every_function_that_reads_a_hand_in_is_tried() -> None:
    told = set().union(*COVERED.values(), *NOT_OF_A_HAND_IN.values())

    assert set(COVERED) - {"CMakeLists.txt, followed"} <= set(PARSERS)
    assert set(reading_functions()) == told


def test_control_square_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def square(text: str, _: Path) -> object:
        return sum(text.count("a", at) for at in range(0, len(text), 4))

    monkeypatch.setitem(PARSERS, "square", square)

    # Sixteen times as long: noise would have to halve or double it.
    assert any(_grows_too_fast("square", "a", tmp_path) for _ in range(3))
