import os
from pathlib import Path

from grading.evidence import LARGEST_PICTURE, LARGEST_TEXT, MOST_FILES, copy_evidence, forget, without_private_keys

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


def test_huge_picture_is_left_out_and_files_are_counted(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    for name, size in (("b.png", LARGEST_PICTURE), ("a.png", LARGEST_PICTURE + 1)):
        (tmp_path / "source" / name).touch()
        os.truncate(tmp_path / "source" / name, size)
    for number in range(MOST_FILES + 5):
        (tmp_path / "source" / f"log-{number:03}.txt").touch()

    names = copy_evidence(tmp_path / "source", tmp_path / "target")

    assert len(names) == MOST_FILES
    assert "b.png" in names
    assert "a.png" not in names


def test_earlier_copy_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "evidence" / "deeper").mkdir(parents=True)

    forget(tmp_path / "evidence")
    forget(tmp_path / "evidence")

    assert not (tmp_path / "evidence").exists()


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
