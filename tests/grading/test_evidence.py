import os
from pathlib import Path

from grading.evidence import LARGEST_TEXT, copy_evidence, without_private_keys

BEGIN, END = b"-----BEGIN EC PRIVATE " + b"KEY-----", b"-----END EC PRIVATE " + b"KEY-----"


def test_text_and_pictures_are_copied_and_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "deeper").mkdir(parents=True)
    for name in ("serial.log", "deeper/verdict.json", "map.svg", "dump.bin", "device.key", "app.elf"):
        (source / name).write_bytes(b"x")
    (source / "link.log").symlink_to("/etc/passwd")
    os.mkfifo(source / "pipe.log")

    names = copy_evidence(source, tmp_path / "target")

    assert names == ("deeper/verdict.json", "map.svg", "serial.log")
    assert sorted(path.name for path in (tmp_path / "target").rglob("*.*")) == ["map.svg", "serial.log", "verdict.json"]


def test_gigabytes_are_cut(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    with (tmp_path / "source" / "serial.log").open("wb") as file:
        file.truncate(1 << 33)

    copy_evidence(tmp_path / "source", tmp_path / "target")

    copied = (tmp_path / "target" / "serial.log").read_bytes()
    assert len(copied) < LARGEST_TEXT + 100
    assert copied.endswith(b"[cut after 2 MB]\n")


def test_missing_folder_gives_nothing(tmp_path: Path) -> None:
    assert copy_evidence(tmp_path / "none", tmp_path / "target") == ()


def test_private_keys_are_taken_out_wherever_they_stand() -> None:
    text = b"a " + BEGIN + b"\nAAAA\n" + END + b" b " + BEGIN + b"\\nBBBB\\n" + END + b" c " + BEGIN + b"CCCC"

    cleaned = without_private_keys(text)

    assert not any(secret in cleaned for secret in (b"AAAA", b"BBBB", b"CCCC"))
    assert cleaned.startswith(b"a [")
    assert b" b [" in cleaned
    assert b" c [" in cleaned


def test_text_without_keys_stays() -> None:
    assert without_private_keys(b"BEGIN CERTIFICATE") == b"BEGIN CERTIFICATE"
