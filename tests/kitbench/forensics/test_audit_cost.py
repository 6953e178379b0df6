"""What an audit of 16 MB costs at worst: it ends, says so where it reached a limit, and stays within its memory."""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kitbench.forensics.keys.key_formats import PrivateKey
from tests.kitbench.forensics.flash_sample import certificate_of, code, ec_key, pem_of, rsa_key
from tests.kitbench.forensics.hostile_dump import HARMLESS, HOSTILE, MEGABYTE, hostile_flash, hostile_storage_flash
from tests.kitbench.forensics.hostile_storage import HOSTILE_STORAGE

ROOT = Path(__file__).parents[3]
SIZE = 16 * MEGABYTE
#: Times the size of the dump, the dump itself included, beyond the process's baseline.
MOST_MEMORY = 6
#: An audit takes up to a minute of a core; machines that test have little of one.
TIMEOUT_S = 1500


def measured(dump: bytes, folder: Path, key: PrivateKey | None = None) -> dict[str, Any]:
    """Return what an audit of a dump took; without a key, no window is scanned, which costs the most time."""
    paths = [folder / "flash.bin"]
    paths[0].write_bytes(dump)
    if key is not None:
        paths.append(folder / "certificate.pem")
        paths[1].write_bytes(pem_of(certificate_of(key)))
    command = [sys.executable, "-m", "tests.kitbench.forensics.measured_audit", *map(str, paths)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=TIMEOUT_S)
    paths[0].unlink()
    result: dict[str, Any] = json.loads(answer.stdout)
    return result


def assert_is_bounded(result: dict[str, Any], size: int = SIZE) -> None:
    work = result["work"].values()
    # Steps are small: no limit is overrun by more than the largest of them, a decoded run.
    assert all(entry["done"] <= entry["limit"] + size for entry in work)
    is_exhausted = any(entry["done"] > entry["limit"] for entry in work)
    assert not is_exhausted or result["outcome"] == "found" or "more than " in result["reason"]
    times = result["bytes"] / size
    assert times < MOST_MEMORY, f"{times:.1f} times the dump"


ORDINARY: dict[str, Callable[[int], bytes]] = {
    "erased": lambda _: b"",
    "code": lambda size: code(size // 15) * 15,
    "random": random.Random(2).randbytes,
}


@pytest.mark.slow
@pytest.mark.timeout(TIMEOUT_S)
@pytest.mark.parametrize("name", [*HOSTILE, *HARMLESS])
def test_audit_of_dump_made_to_harm_ends_within_its_memory(name: str, tmp_path: Path) -> None:
    make = HOSTILE[name][0] if name in HOSTILE else HARMLESS[name]

    result = measured(hostile_flash(make(15 * MEGABYTE), size=SIZE), tmp_path)

    assert_is_bounded(result)


@pytest.mark.slow
@pytest.mark.timeout(TIMEOUT_S)
@pytest.mark.parametrize("name", HOSTILE_STORAGE)
def test_audit_of_storage_made_to_harm_ends_within_its_memory(name: str, tmp_path: Path) -> None:
    result = measured(hostile_storage_flash(name, SIZE), tmp_path)

    assert_is_bounded(result)
    assert result["outcome"] == "cannot_judge"


@pytest.mark.slow
@pytest.mark.timeout(TIMEOUT_S)
@pytest.mark.parametrize("name", ORDINARY)
def test_audit_with_window_scans_stays_within_its_memory(name: str, tmp_path: Path) -> None:
    """How much memory windows take does not depend on what they hold, but that runs of one byte are cut."""
    made = ORDINARY[name](15 * MEGABYTE)

    result = measured(hostile_flash(made, size=SIZE), tmp_path, ec_key())

    assert_is_bounded(result)
    assert result["outcome"] == "absent"


@pytest.mark.slow
@pytest.mark.timeout(TIMEOUT_S)
@pytest.mark.parametrize("key", [ec_key(), rsa_key()], ids=["ec", "rsa"])
def test_audit_of_4_megabytes_of_noise_stays_within_its_memory(key: PrivateKey, tmp_path: Path) -> None:
    """The smallest flash of a kit: here what an audit takes whatever the size weighs most."""
    size = 4 * MEGABYTE

    result = measured(hostile_flash(random.Random(3).randbytes(size), size=size), tmp_path, key)

    assert_is_bounded(result, size)


def test_memory_is_measured(tmp_path: Path) -> None:
    """Control: a dump that is read is seen to take its own size at least."""
    size = 8 * MEGABYTE

    result = measured(b"\xff" * size, tmp_path)

    assert size <= result["bytes"] < MOST_MEMORY * size
