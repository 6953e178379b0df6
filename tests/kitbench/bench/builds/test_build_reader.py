"""A build that somebody else made is read in a confined process first: what is too much or too deep ends there."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kitbench.bench.builds.finished_build import finished_build
from kitbench.errors import KitbenchError, UsageError
from tests.kitbench.bench.builds.test_finished_build import make
from tests.optional_part import LINUX


def huge(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(1 << 42)


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def text(content: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(content, encoding="utf-8")


@LINUX.needed
@pytest.mark.parametrize(
    ("name", "harm", "words"),
    [
        ("sensor.bin", huge, "takes too much memory"),
        ("sensor.elf", huge, "takes too much memory"),
        ("sensor.bin", fifo, r"has no sensor\.bin"),
        ("flasher_args.json", text("[" * 100_000), "cannot be read"),
        ("flasher_args.json", text('{"flash_files": 5}'), "does not say what is flashed where"),
        ("flasher_args.json", text('{"flash_files": {"x": "sensor.bin"}}'), "does not say what is flashed where"),
        ("project_description.json", text(json.dumps({"app_bin": "../../x"})), "outside of it"),
        ("config/sdkconfig.json", text('{"a":' * 100_000), "cannot be read"),
    ],
)
def test_harmful_build_is_refused_in_one_line(
    tmp_path: Path, name: str, harm: Callable[[Path], object], words: str
) -> None:
    make(tmp_path / "build")
    (tmp_path / "build" / "config").mkdir()
    harm(tmp_path / "build" / name)

    with pytest.raises(KitbenchError, match=words) as refusal:
        finished_build(tmp_path / "build")

    assert isinstance(refusal.value, UsageError)
    assert "\n" not in str(refusal.value)
