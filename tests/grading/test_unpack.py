"""Submissions that try to get out, to wait for ever, or to fill the disk: refused in one line, with nothing left."""

import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grading.destination import Limits, safe_parts
from grading.unpack import unpack
from kitbench.errors import BenchError, KitError

SMALL = Limits(files=10, file_size=1 << 20, total_size=2 << 20, depth=4, archive_size=1 << 20)


@pytest.fixture(name="target")
def _target(tmp_path: Path) -> Path:
    """An empty private folder beside a file that nobody may reach."""
    (tmp_path / "outside.txt").write_text("secret", encoding="utf-8")
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def zip_of(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tar_of(path: Path, *members: tarfile.TarInfo, mode: str = "w:gz", content: bytes = b"") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # the mode is a parameter of these tests
        for member in members:
            archive.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, *, size: int = 0, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.size, made.linkname = kind, size, link
    return made


def assert_refused(source: Path, target: Path, words: str) -> None:
    """Assert that the submission is refused in one line, and that nothing lies outside of the target."""
    before = sorted(path.name for path in target.parent.iterdir())
    with pytest.raises(KitError, match=words) as refusal:
        unpack(source, target, limits=SMALL)
    assert "\n" not in str(refusal.value)
    assert sorted(path.name for path in target.parent.iterdir()) == before


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2"])
def test_archive_gives_its_files(tmp_path: Path, target: Path, suffix: str) -> None:
    path = tmp_path / f"s01{suffix}"
    if suffix == ".zip":
        zip_of(path, {"answers.toml": b"x = 1", "project/main/main.c": b"int x;", "__MACOSX/._x": b"litter"})
    else:
        mode = {".tar": "w", ".tar.bz2": "w:bz2"}.get(suffix, "w:gz")
        tar_of(path, member("answers.toml", size=5), member("project/main/main.c", size=5), mode=mode, content=b"x = 1")

    top = unpack(path, target)

    assert (top / "answers.toml").read_bytes() == b"x = 1"
    assert (top / "project" / "main" / "main.c").is_file()
    assert not (top / "__MACOSX").exists()


def test_folder_around_everything_is_taken_off(tmp_path: Path, target: Path) -> None:
    top = unpack(zip_of(tmp_path / "s01.zip", {"alice/answers.toml": b"x = 1"}), target)

    assert top == target / "alice"


@pytest.mark.parametrize("name", ["answers.toml", "project/main/main.c", "project_atecc608a/main/main.c"])
def test_part_that_stands_alone_is_not_taken_for_the_folder_around(tmp_path: Path, target: Path, name: str) -> None:
    assert unpack(zip_of(tmp_path / "s01.zip", {name: b"x"}), target) == target


def test_folder_is_copied(tmp_path: Path, target: Path) -> None:
    source = tmp_path / "s01"
    (source / "project").mkdir(parents=True)
    (source / "project" / "a.c").write_text("int a;", encoding="utf-8")
    (source / "answers.toml").write_text("x = 1", encoding="utf-8")

    top = unpack(source, target)

    assert (top / "project" / "a.c").read_text(encoding="utf-8") == "int a;"
    assert (top / "answers.toml").is_file()


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt",
        "/etc/passwd",
        "a/../../outside.txt",
        "a\\..\\outside.txt",
        "C:evil",
        "bell\x07",
        "a\nb",
        "x. ",
    ],
)
def test_name_that_leaves_or_confuses_is_refused(tmp_path: Path, target: Path, name: str) -> None:
    assert_refused(tar_of(tmp_path / "s.tar.gz", member(name)), target, "submission refused|damaged")
    assert (tmp_path / "outside.txt").read_text(encoding="utf-8") == "secret"


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/passwd", "a\\..\\outside.txt", "C:evil", "a\nb"])
def test_name_in_a_zip_that_leaves_or_confuses_is_refused(tmp_path: Path, target: Path, name: str) -> None:
    assert_refused(zip_of(tmp_path / "s.zip", {name: b"x"}), target, "submission refused")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "a link"),
        (tarfile.LNKTYPE, "a link"),
        (tarfile.FIFOTYPE, "not a plain file"),
        (tarfile.CHRTYPE, "not a plain file"),
        (tarfile.BLKTYPE, "not a plain file"),
    ],
)
def test_special_member_of_a_tar_is_refused(tmp_path: Path, target: Path, kind: bytes, words: str) -> None:
    assert_refused(tar_of(tmp_path / "s.tar.gz", member("x", kind, link="../outside.txt")), target, words)


def test_link_in_a_zip_is_refused(tmp_path: Path, target: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("project")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "../outside.txt")

    assert_refused(path, target, "a link or not a plain file")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.symlink_to("/etc/passwd"), "a link"),
        (lambda path: path.symlink_to("/etc", target_is_directory=True), "a link"),
        (os.mkfifo, "not a plain file"),
    ],
)
def test_special_file_in_a_folder_is_refused(
    tmp_path: Path, target: Path, make: Callable[[Path], None], words: str
) -> None:
    source = tmp_path / "s01"
    source.mkdir()
    make(source / "project")

    assert_refused(source, target, words)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/etc")])
def test_submission_that_is_itself_special_is_refused(
    tmp_path: Path, target: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "s01")

    assert_refused(tmp_path / "s01", target, "neither a folder nor an archive")


def test_huge_sparse_file_is_refused_unread(tmp_path: Path, target: Path) -> None:
    source = tmp_path / "s01"
    source.mkdir()
    with (source / "flash.bin").open("wb") as file:
        file.truncate(1 << 40)

    assert_refused(source, target, "larger than 1 MB")


def test_zip_bomb_is_refused(tmp_path: Path, target: Path) -> None:
    assert_refused(zip_of(tmp_path / "s.zip", {"flash.bin": bytes(64 << 20)}), target, "larger than 1 MB")


def test_zip_whose_header_lies_about_the_size_is_refused(tmp_path: Path, target: Path) -> None:
    path = zip_of(tmp_path / "s.zip", {"flash.bin": bytes(4 << 20)})
    true_size, lie = (4 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(true_size, lie))

    assert_refused(path, target, "damaged|larger")


def test_tar_bomb_is_refused(tmp_path: Path, target: Path) -> None:
    big = member("flash.bin", size=8 << 20)

    assert_refused(tar_of(tmp_path / "s.tar.gz", big, content=bytes(8 << 20)), target, "larger than 1 MB")


def test_tar_whose_long_header_would_fill_the_memory_is_refused(tmp_path: Path, target: Path) -> None:
    header = member("pax", tarfile.XHDTYPE, size=64 << 20)
    path = tmp_path / "s.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        assert archive.fileobj is not None
        archive.fileobj.write(header.tobuf())
        archive.fileobj.write(bytes(64 << 20))

    assert_refused(path, target, "unpacks to too much|damaged")


def test_many_files_are_refused(tmp_path: Path, target: Path) -> None:
    assert_refused(zip_of(tmp_path / "s.zip", {f"{n}.c": b"" for n in range(20)}), target, "more than 10 files")


def test_many_names_in_a_zips_directory_are_refused_before_it_is_read(tmp_path: Path, target: Path) -> None:
    path = zip_of(tmp_path / "s.zip", {"a": b"x"})
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x05\x06")
    content[at + 12 : at + 16] = (64 << 20).to_bytes(4, "little")
    path.write_bytes(content)

    assert_refused(path, target, "names too many files")


def test_total_is_bounded(tmp_path: Path, target: Path) -> None:
    parts = {f"{n}.bin": os.urandom(1000) + bytes(900_000) for n in range(4)}

    assert_refused(zip_of(tmp_path / "s.zip", parts), target, "the submission is larger than 2 MB")


@pytest.mark.parametrize("name", ["s.zip", "s.tar.gz", "s.tar.bz2", "s.tar"])
@pytest.mark.parametrize(
    "content", [b"", b"x", b"\x1f\x8b\x08\x00nonsense", b"BZh9nonsense", b"PK\x05\x06" + bytes(10)]
)
def test_damaged_archive_is_the_students_fault(tmp_path: Path, target: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    assert_refused(tmp_path / name, target, "damaged")


def test_cut_archive_is_damaged(tmp_path: Path, target: Path) -> None:
    path = tar_of(tmp_path / "s.tar.gz", member("a.bin", size=5000), content=os.urandom(5000))
    path.write_bytes(path.read_bytes()[:2000])

    assert_refused(path, target, "damaged")


def test_encrypted_member_is_refused(tmp_path: Path, target: Path) -> None:
    path = zip_of(tmp_path / "s.zip", {"a": b"x"})
    content = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(signature) + flags] |= 1
    path.write_bytes(content)

    assert_refused(path, target, "encrypted")


def test_names_that_differ_in_case_only_are_refused(tmp_path: Path, target: Path) -> None:
    assert_refused(zip_of(tmp_path / "s.zip", {"Main/a.c": b"", "main/b.c": b""}), target, "capital letters")


def test_file_that_is_a_folder_too_is_refused(tmp_path: Path, target: Path) -> None:
    assert_refused(tar_of(tmp_path / "s.tar.gz", member("a"), member("a/b/c")), target, "two things|folder")


def test_unknown_kind_is_refused(tmp_path: Path, target: Path) -> None:
    (tmp_path / "s.rar").write_bytes(b"Rar!")

    assert_refused(tmp_path / "s.rar", target, "no archive that is taken")


def test_disk_that_refuses_is_the_benchs_fault(tmp_path: Path) -> None:
    with pytest.raises(BenchError):
        unpack(tmp_path / "nothing_here", tmp_path / "target")


def test_deep_path_is_refused() -> None:
    with pytest.raises(KitError, match="too long"):
        safe_parts("a/" * 40, depth=16)
