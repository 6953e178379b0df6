"""Submissions that try to get out, to wait for ever, or to fill the disk, and those that are oddly packed."""

import gzip
import io
import os
import re
import socket
import tarfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grading.hand_in.decompression import zstd
from grading.hand_in.member_name import LeftOutError, safe_parts
from grading.hand_in.private_copy import Limits
from grading.hand_in.unpack import unpack
from kitbench.errors import BenchError, KitError, UsageError
from tests.grading.hand_in.foreign_archives import rar5, seven_zip
from tests.optional_part import LINUX

SMALL = Limits(files=10, file_size=1 << 20, total_size=2 << 20, depth=4, archive_size=1 << 20, unpacks_to=4 << 20)


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
    """Assert that the submission is refused in one line, and that nothing is outside of the target."""
    before = sorted(path.name for path in target.parent.iterdir())
    with pytest.raises(KitError, match=words) as refusal:
        unpack(source, target, limits=SMALL)
    assert "\n" not in str(refusal.value)
    assert sorted(path.name for path in target.parent.iterdir()) == before


def assert_left_out(source: Path, target: Path, words: str, *, kept: int = 0) -> None:
    """Assert that a member is left out and named in one line, and that nothing is outside of the target."""
    before = sorted(path.name for path in target.parent.iterdir())

    remarks = unpack(source, target, limits=SMALL).remarks

    assert any(re.search(words, remark) for remark in remarks), remarks
    assert not any("\n" in remark for remark in remarks)
    assert sum(path.is_file() and not path.is_symlink() for path in target.rglob("*")) == kept
    assert sorted(path.name for path in target.parent.iterdir()) == before
    assert not any(path.is_symlink() for path in target.rglob("*"))


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst"])
def test_archive_gives_its_files(tmp_path: Path, target: Path, suffix: str) -> None:
    path = tmp_path / f"s01{suffix}"
    if suffix == ".zip":
        zip_of(path, {"answers.toml": b"x = 1", "project/main/main.c": b"int x;", "__MACOSX/._x": b"litter"})
    else:
        mode = {".tar": "w", ".tar.zst": "w", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz"}.get(suffix, "w:gz")
        tar_of(path, member("answers.toml", size=5), member("project/main/main.c", size=5), mode=mode, content=b"x = 1")
    if suffix == ".tar.zst":
        path.write_bytes(zstd.compress(path.read_bytes()))

    top = unpack(path, target).folder

    assert (top / "answers.toml").read_bytes() == b"x = 1"
    assert (top / "project" / "main" / "main.c").is_file()
    assert not (top / "__MACOSX").exists()


def test_folder_is_copied(tmp_path: Path, target: Path) -> None:
    source = tmp_path / "s01"
    (source / "project").mkdir(parents=True)
    (source / "project" / "a.c").write_text("int a;", encoding="utf-8")
    (source / "answers.toml").write_text("x = 1", encoding="utf-8")

    top = unpack(source, target).folder

    assert (top / "project" / "a.c").read_text(encoding="utf-8") == "int a;"
    assert (top / "answers.toml").is_file()


AWKWARD_NAMES = [
    *("C:evil", "bell\x07", "a\nb", "x. ", "why?.txt", "\x1b[2Jx", "a/" * 40 + "x", "n" * 250),
]
#: Each goes where tar and unzip would put it.
NAMES_THAT_LEAD_OUT = {
    "../outside.txt": "outside.txt",
    "/etc/passwd": "etc/passwd",
    "//etc//passwd": "etc/passwd",
    "a/../../outside.txt": "outside.txt",
    "a\\..\\..\\outside.txt": "outside.txt",
    "C:\\Users\\a\\x.txt": "Users/a/x.txt",
    "../../a/./b.txt": "a/b.txt",
    "Lab 3: AWS?/x.txt": "Lab 3_ AWS_/x.txt",
    "Done. /x.txt": "Done/x.txt",
    "\x1b[2J/x.txt": "_[2J/x.txt",
    "***/x.txt": "___/x.txt",
    "../": "",
}


@pytest.mark.parametrize("pack", ["tar", "zip"])
@pytest.mark.parametrize("name", AWKWARD_NAMES)
def test_name_that_leaves_or_confuses_is_left_out(tmp_path: Path, target: Path, name: str, pack: str) -> None:
    good = {"project/main.c": b"int x;"}
    if pack == "tar":
        source = tar_of(tmp_path / "s.tar.gz", member(name, size=1), member("project/main.c", size=1), content=b"x")
    else:
        source = zip_of(tmp_path / "s.zip", {name: b"x", **good})

    assert_left_out(source, target, "left out: ", kept=1)
    assert (tmp_path / "outside.txt").read_text(encoding="utf-8") == "secret"


@pytest.mark.parametrize("pack", ["tar", "zip"])
@pytest.mark.parametrize("name", NAMES_THAT_LEAD_OUT)
def test_no_name_leads_out_and_nothing_is_lost_by_it(tmp_path: Path, target: Path, name: str, pack: str) -> None:
    place = NAMES_THAT_LEAD_OUT[name]
    before = sorted(path.name for path in tmp_path.iterdir())
    if pack == "tar":
        source = tar_of(tmp_path / "s.tar.gz", member(name, size=1), content=b"x")
    else:
        source = zip_of(tmp_path / "s.zip", {name: b"x"})

    remarks = unpack(source, target, limits=SMALL).remarks

    assert [path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()] == [place] * bool(
        place
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*before, source.name])
    assert (tmp_path / "outside.txt").read_text(encoding="utf-8") == "secret"
    assert remarks or not place
    assert all(remark.isprintable() for remark in remarks)


def test_backslashes_are_folders(tmp_path: Path, target: Path) -> None:
    unpacked = unpack(zip_of(tmp_path / "s.zip", {"project\\main\\main.c": b"int x;"}), target)

    assert (unpacked.folder / "project" / "main" / "main.c").is_file()
    assert unpacked.remarks == ()


def test_archives_within_are_unpacked_where_they_lie(tmp_path: Path, target: Path) -> None:
    inner = zip_of(tmp_path / "project.zip", {"CMakeLists.txt": b"project(x)", "main/main.c": b"int x;"})
    dump = gzip.compress(bytes(1000))
    middle = zip_of(tmp_path / "submission.zip", {"answers.toml": b"", "project.zip": inner.read_bytes()})
    source = zip_of(tmp_path / "s.zip", {"submission.zip": middle.read_bytes(), "flash.bin.gz": dump})

    unpacked = unpack(source, target)

    files = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert files == {
        "flash.bin",
        "submission/answers.toml",
        "submission/project/CMakeLists.txt",
        "submission/project/main/main.c",
    }
    assert len([remark for remark in unpacked.remarks if "unpacked, too" in remark]) == 3


def test_archives_within_archives_end(tmp_path: Path, target: Path) -> None:
    content = b"x"
    for _ in range(8):
        content = zip_of(tmp_path / "inner.zip", {"inner.zip": content, "a.txt": b"a"}).read_bytes()
    (tmp_path / "s.zip").write_bytes(content)

    unpack(tmp_path / "s.zip", target)

    assert len([path for path in target.rglob("*") if path.is_file()]) <= 6


@pytest.mark.parametrize("suffix", [".7z", ".rar"])
@pytest.mark.parametrize("within", [False, True])
def test_archive_that_is_not_read_costs_no_point(tmp_path: Path, target: Path, suffix: str, *, within: bool) -> None:
    source = tmp_path / f"s{suffix}"
    source.write_bytes(seven_zip() if suffix == ".7z" else rar5())
    if within:
        source = zip_of(tmp_path / "s.zip", {source.name: source.read_bytes()})

    with pytest.raises(UsageError, match="archives are not read"):
        unpack(source, target)


def test_what_builds_make_is_passed_over_and_said(tmp_path: Path, target: Path) -> None:
    project = {"project/CMakeLists.txt": b"project(x)", "project/main/main.c": b"int x;"}
    deep = "/".join("d" * 30)
    litter = {
        f"project/build/{deep}/x.obj": b"x",
        "project/out/CMakeCache.txt": b"",
        f"project/out/{deep}": b"x",
        "project/.git/HEAD": b"x",
        "venv/pyvenv.cfg": b"",
        "venv/lib/site.py": b"",
        **{f"project/managed_components/c/{number}.c": b"" for number in range(1200)},
    }
    source = zip_of(tmp_path / "s.zip", litter | project)

    unpacked = unpack(source, target, limits=Limits(files=10))

    assert sum(path.is_file() for path in target.rglob("*")) == 2
    for folder in ("project/build", "project/out", "project/.git", "venv", "project/managed_components"):
        assert folder in unpacked.remarks[0]
    assert len(unpacked.remarks) == 1


def test_control_folder_called_build_is_kept_where_nothing_builds_it(tmp_path: Path, target: Path) -> None:
    source = zip_of(tmp_path / "s.zip", {"project/components/build/CMakeLists.txt": b"", "build/flash.bin": b"x"})

    unpack(source, target)

    assert sum(path.is_file() for path in target.rglob("*")) == 2


def test_what_a_grade_depends_on_comes_before_films(tmp_path: Path, target: Path) -> None:
    films = {f"{number}.mp4": os.urandom(900_000) for number in range(4)}

    source = zip_of(tmp_path / "s.zip", {**films, "flash.bin": b"x"})

    unpacked = unpack(source, target, limits=replace(SMALL, archive_size=8 << 20))

    assert (target / "flash.bin").is_file()
    assert "larger than 2 MB" in unpacked.remarks[0]


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
def test_special_member_of_a_tar_is_left_out(tmp_path: Path, target: Path, kind: bytes, words: str) -> None:
    assert_left_out(tar_of(tmp_path / "s.tar.gz", member("x", kind, link="../outside.txt")), target, words)


def test_link_in_a_zip_is_left_out(tmp_path: Path, target: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("project")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "../outside.txt")

    assert_left_out(path, target, "a link")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.symlink_to("/etc/passwd"), "a link"),
        (lambda path: path.symlink_to("/etc", target_is_directory=True), "a link"),
        (os.mkfifo, "not a plain file"),
    ],
)
def test_special_file_in_a_folder_is_left_out(
    tmp_path: Path, target: Path, make: Callable[[Path], None], words: str
) -> None:
    source = tmp_path / "s01"
    source.mkdir()
    make(source / "project")

    assert_left_out(source, target, words)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/etc")])
def test_submission_that_is_itself_special_is_refused(
    tmp_path: Path, target: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "s01")

    assert_refused(tmp_path / "s01", target, "neither a folder nor an archive")


def closed(monkeypatch: pytest.MonkeyPatch, *paths: Path) -> None:
    """Close files and folders to everybody, and have it so for root as well, whom no permission stops."""
    for path in paths:
        path.chmod(0)
    really = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) not in paths and really(path, mode))


def test_what_nobody_may_read_is_left_out_and_may_be_what_is_missing(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "s01"
    (source / "project").mkdir(parents=True)
    (source / "project" / "CMakeLists.txt").touch()
    (source / "flash.bin").write_bytes(b"x")
    (source / "answers.toml").write_bytes(b"a = 1")
    closed(monkeypatch, source / "project", source / "flash.bin")

    unpacked = unpack(source, target, limits=SMALL)

    (source / "project").chmod(0o700)
    assert [path.name for path in target.iterdir()] == ["answers.toml"]
    assert "permissions" in unpacked.unread
    assert sum("permissions" in remark for remark in unpacked.remarks) == 2


def test_folder_that_nobody_may_list_is_the_benchs_fault(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "s01"
    source.mkdir()
    closed(monkeypatch, source)

    with pytest.raises(BenchError, match="permissions"):
        unpack(source, target)

    source.chmod(0o700)


@LINUX.needed
def test_odd_things_in_a_folder_are_left_out_one_by_one(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "s01"
    source.mkdir()
    (source / "answers.toml").write_bytes(b"a = 1")
    os.mkfifo(source / "pipe")
    (source / "round").symlink_to("round")
    (source / "there").symlink_to("back")
    (source / "back").symlink_to("there")
    (source / "up").symlink_to(".")
    (source / ("n" * 255)).write_bytes(b"long")
    (source / ("\N{SNOWMAN}" * 85)).mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(source)  # whose own name may be longer than an address of a socket
        listening.bind("s")

        unpacked = unpack(source, target, limits=SMALL)

    assert (target / "answers.toml").read_bytes() == b"a = 1"
    assert not [path for path in target.rglob("*") if not path.is_file() and not path.is_dir()]
    for name in ("pipe", "round", "there", "back", "s"):
        assert any(f"'{name}'" in remark for remark in unpacked.remarks), unpacked.remarks


def test_huge_sparse_file_is_left_out_unread(tmp_path: Path, target: Path) -> None:
    source = tmp_path / "s01"
    source.mkdir()
    with (source / "flash.bin").open("wb") as file:
        file.truncate(1 << 40)

    assert_left_out(source, target, "larger than 1 MB")


def test_zip_bomb_is_left_out(tmp_path: Path, target: Path) -> None:
    assert_left_out(zip_of(tmp_path / "s.zip", {"flash.bin": bytes(64 << 20)}), target, "larger than 1 MB")


def test_zip_whose_header_lies_about_the_size_is_left_out(tmp_path: Path, target: Path) -> None:
    path = zip_of(tmp_path / "s.zip", {"flash.bin": bytes(4 << 20)})
    true_size, lie = (4 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(true_size, lie))

    assert_left_out(path, target, "damaged|larger")


def test_tar_bomb_is_refused(tmp_path: Path, target: Path) -> None:
    big = member("flash.bin", size=8 << 20)

    assert_refused(tar_of(tmp_path / "s.tar.gz", big, content=bytes(8 << 20)), target, "unpacks to too much")


def test_tar_whose_long_header_would_fill_the_memory_is_refused(tmp_path: Path, target: Path) -> None:
    header = member("pax", tarfile.XHDTYPE, size=64 << 20)
    path = tmp_path / "s.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        assert archive.fileobj is not None
        archive.fileobj.write(header.tobuf())
        archive.fileobj.write(bytes(64 << 20))

    assert_refused(path, target, "header takes more than 1 MB")


def sparse_tar(path: Path, holes: int) -> Path:
    """Write a file of which every second 512 bytes are a hole, as GNU tar does with --sparse (PAX format 1.0)."""
    places = "".join(f"{1024 * number}\n512\n" for number in range(holes))
    sizes = f"{holes}\n{places}".encode()
    content = sizes.ljust(-(-len(sizes) // 512) * 512, b"\0") + b"x" * 512 * holes
    records = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(1024 * holes)}
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for name in ("flash.bin", "behind.txt"):
            one = tarfile.TarInfo(name)
            one.size = len(content) if name == "flash.bin" else 5
            one.pax_headers = records if name == "flash.bin" else {}
            archive.addfile(one, io.BytesIO(content if name == "flash.bin" else b"after"))
    return path


def test_sparse_file_in_a_tar_is_read_with_its_holes(tmp_path: Path, target: Path) -> None:
    unpack(sparse_tar(tmp_path / "s.tar.gz", 100), target)

    assert (target / "flash.bin").read_bytes() == (b"x" * 512 + bytes(512)) * 100
    assert (target / "behind.txt").read_bytes() == b"after"


def test_tar_with_an_endless_map_of_holes_is_refused_before_it_is_read(tmp_path: Path, target: Path) -> None:
    path = tmp_path / "s.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        one = tarfile.TarInfo("flash.bin")
        one.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
        content = b"999999999\n" + b"0\n" * (8 << 20)
        one.size = len(content)
        archive.addfile(one, io.BytesIO(content))
    began = time.process_time()

    with pytest.raises(KitError, match="header takes more than 1 MB"):
        unpack(path, target, limits=Limits())

    assert time.process_time() - began < 2


def test_more_files_than_there_is_room_for_are_left_out(tmp_path: Path, target: Path) -> None:
    source = zip_of(tmp_path / "s.zip", {f"{n}.c": b"" for n in range(20)})

    assert_left_out(source, target, "more than 10 files", kept=10)


def test_total_is_bounded(tmp_path: Path, target: Path) -> None:
    parts = {f"{n}.bin": os.urandom(1000) + bytes(900_000) for n in range(4)}

    assert_left_out(zip_of(tmp_path / "s.zip", parts), target, "the submission is larger than 2 MB", kept=2)


@pytest.mark.parametrize("name", ["s.zip", "s.tar.gz", "s.tar.bz2", "s.tar", "s.tar.xz", "s.tar.zst"])
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


def encrypted(path: Path, *names: str) -> Path:
    """Set the flag of a password on these members of a zip."""
    content = bytearray(path.read_bytes())
    for signature, flags, name_at in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        for found in [match.start() for match in re.finditer(re.escape(signature), bytes(content))]:
            if any(content[found + name_at :].startswith(name.encode()) for name in names):
                content[found + flags] |= 1
    path.write_bytes(content)
    return path


def test_encrypted_member_is_left_out_and_named(tmp_path: Path, target: Path) -> None:
    path = encrypted(zip_of(tmp_path / "s.zip", {"a": b"x", "b": b"y"}), "a")

    assert "encrypted with a password" in unpack(path, target).unread
    assert [file.name for file in target.iterdir()] == ["b"]


def test_archive_with_a_password_costs_no_point(tmp_path: Path, target: Path) -> None:
    with pytest.raises(UsageError, match=r"encrypted with a password — .* without a password"):
        unpack(encrypted(zip_of(tmp_path / "s.zip", {"a": b"x"}), "a"), target)


def test_second_of_names_that_differ_in_case_only_is_left_out(tmp_path: Path, target: Path) -> None:
    assert_left_out(zip_of(tmp_path / "s.zip", {"Main/a.c": b"", "main/b.c": b""}), target, "capital letters", kept=1)


def test_file_that_is_a_folder_too_is_left_out(tmp_path: Path, target: Path) -> None:
    assert_left_out(tar_of(tmp_path / "s.tar.gz", member("a"), member("a/b/c")), target, "two things", kept=1)


def test_unknown_kind_is_refused(tmp_path: Path, target: Path) -> None:
    (tmp_path / "s.txt").write_bytes(b"x")

    assert_refused(tmp_path / "s.txt", target, "no archive that is taken")


#: What a kind begins with, or has at its place; rubbish stands behind it.
SIGNS = {
    ".tar.lz": b"LZIP\1",
    ".tar.Z": b"\x1f\x9d\x90",
    ".cab": b"MSCF",
    ".lz4": b"\x04\x22\x4d\x18",
    ".arj": b"\x60\xea",
    ".lzh": b"\x20\x00-lh5-",
    ".iso": bytes(0x8001) + b"CD001",
    ".wim": b"MSWIM\0\0\0",
}


@pytest.mark.parametrize("suffix", SIGNS)
def test_kind_that_exists_and_is_not_read_costs_no_point(tmp_path: Path, target: Path, suffix: str) -> None:
    (tmp_path / f"s{suffix}").write_bytes(SIGNS[suffix] + b"x" * 600)

    with pytest.raises(UsageError, match=r"archives are not read — .* as a zip"):
        unpack(tmp_path / f"s{suffix}", target)


@pytest.mark.parametrize("first", ["0707012/a.c", "my-lh5-lab/a.c", "StuffIt notes/a.c", "LZIP/a.c"])
def test_first_name_of_a_tar_makes_it_no_other_kind(tmp_path: Path, target: Path, first: str) -> None:
    unpack(tar_of(tmp_path / "s.tar", member(first), mode="w:"), target)

    assert [path.name for path in target.rglob("a.c")] == ["a.c"]


@pytest.mark.parametrize("suffix", [*SIGNS, ".7z", ".rar", ".zipx", ".dmg"])
def test_file_that_is_only_called_so_is_the_students(tmp_path: Path, target: Path, suffix: str) -> None:
    (tmp_path / f"s{suffix}").write_bytes(b"x" * 600)

    with pytest.raises(KitError):
        unpack(tmp_path / f"s{suffix}", target)


def test_disk_that_refuses_is_the_benchs_fault(tmp_path: Path) -> None:
    with pytest.raises(BenchError):
        unpack(tmp_path / "nothing_here", tmp_path / "target")


def test_deep_path_is_refused() -> None:
    with pytest.raises(LeftOutError, match="too long"):
        safe_parts("a/" * 40, depth=16)
