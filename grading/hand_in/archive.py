"""Zip and tar archives of students as members in a row: nothing trusted that a header says.

An archive is gone through several times, so that its own order decides nothing; it is read from front to back.
"""

import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from kitbench.errors import KitError, UsageError

from .decompression import decompressed, is_packed
from .foreign_archive import FOREIGN_SUFFIXES, UNMARKED_SUFFIXES, foreign_kind
from .private_copy import STAGE

#: What a hand-in may be called, those that are refused by name among them.
ARCHIVE_SUFFIXES: Final = (
    *(".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz", ".tar.zst", ".tzst"),
    *(".tar.lzma", ".tlz", ".7z", ".rar"),
)
#: Single packed files, such as `flash.bin.gz`.
PACKED_SUFFIXES: Final = (".gz", ".bz2", ".xz", ".zst", ".lzma")
REPACK: Final = "unpack it, and pack the files as a zip without a password"
_ZIP: Final = b"PK"
_UNIX: Final = 3  # APPNOTE.TXT 4.4.2: external attributes hold st_mode
_TYPE_MASK: Final = 0o170000
_PLAIN_TYPES: Final = (0, 0o100000, 0o040000)
_LINK_TYPE: Final = 0o120000
_LONGEST_LINK: Final = 1024
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
#: APPNOTE.TXT 4.3.16: the end stands before a comment of at most 64 KB; 4.3.14: and behind that of zip64.
_END_SEARCHED: Final = (64 << 10) + 256
_ZIP64: Final = 0xFFFFFFFF
#: A virtual environment and a build with their long paths have 20,000 names, 150 bytes each.
_MOST_NAMES: Final = 60_000
_LARGEST_DIRECTORY: Final = _MOST_NAMES * 150
_TAR_MAGIC: Final = slice(257, 262)
#: Of a tar, before a member's content: long names, PAX records, and maps of sparse files, some 40,000 holes each.
_LONGEST_TAR_HEADER: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a submission: its path with slashes, its size as claimed, and how to read it.

    Attributes:
        flaw: why it cannot be kept, "" when nothing speaks against it.
        is_unread: it is whole, and a flaw only to us: it may be the very thing that is missing.
        link: what a link names, in the words of whoever made it; from the top where it begins with "/".
    """

    name: str
    size: int = 0
    is_folder: bool = False
    flaw: str = ""
    is_unread: bool = False
    link: str = ""
    open: Callable[[], AbstractContextManager[BinaryIO]] | None = None


#: Goes through all members; may be called again.
Members = Callable[[], Iterator[Member]]


def archive_members(source: Path, *, largest: int, unpacks_to: int) -> Members:
    """Return the members of an archive of at most `largest` bytes, which may unpack to `unpacks_to`.

    Raises:
        KitError: it is too large, or no archive.
        UsageError: it is of a kind that is not read here; nobody loses a point for that.
    """
    if source.stat().st_size > largest:
        raise KitError(f"{source.name} is larger than {largest >> 20} MB", stage=STAGE)
    name = source.name.lower()
    with source.open("rb") as file:
        magic = file.read(8)
    # A tar begins with the name of its first member, which may be any text.
    if foreign := "" if _is_tar(source) else foreign_kind(source):
        raise UsageError(f"{source.name}: {foreign} archives are not read", stage=STAGE, fix=REPACK)
    # What is inside says more than a name that a platform or a person gave.
    if magic.startswith(_ZIP) or (name.endswith(".zip") and not is_packed(magic) and not _is_tar(source)):
        if _directory_size(source) > _LARGEST_DIRECTORY:
            raise KitError(f"{source.name} names too many files (more than {_MOST_NAMES})", stage=STAGE)
        return lambda: _zip_members(source)
    if not name.endswith((*ARCHIVE_SUFFIXES, *PACKED_SUFFIXES)) and not is_packed(magic) and not _is_tar(source):
        taken = " ".join(one for one in ARCHIVE_SUFFIXES if one not in FOREIGN_SUFFIXES)
        if name.endswith(UNMARKED_SUFFIXES) and source.stat().st_size:
            raise UsageError(f"{source.name}: {source.suffix} archives are not read", stage=STAGE, fix=REPACK)
        if name.endswith(FOREIGN_SUFFIXES):
            raise KitError(f"{source.name} is no {source.suffix} archive: empty, or damaged", stage=STAGE)
        raise KitError(f"{source.name} is no archive that is taken ({taken})", stage=STAGE)
    if _is_single(source):
        return lambda: _single_member(source, unpacks_to)
    return lambda: _tar_members(source, unpacks_to)


def _is_tar(source: Path) -> bool:
    """Whether a tar is there as it is."""
    with source.open("rb") as file:
        return file.read(512)[_TAR_MAGIC] == b"ustar"


def _directory_size(source: Path) -> int:
    """Return how large a zip says its directory is, in bytes: `zipfile` reads as much into memory, name by name."""
    with source.open("rb") as file:
        file.seek(max(0, source.stat().st_size - _END_SEARCHED))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 16:
        return 0  # no zip, as zipfile will say
    size = int.from_bytes(tail[end + 12 : end + 16], "little")
    large = tail.rfind(b"PK\x06\x06", 0, end)
    return int.from_bytes(tail[large + 40 : large + 48], "little") if size == _ZIP64 and large >= 0 else size


def _zip_members(source: Path) -> Iterator[Member]:
    with source.open("rb") as file, zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            yield _zip_member(archive, member)


def _zip_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Member:
    # A NUL ends the name for zipfile, but not for us; PowerShell 5 and old .NET write backslashes.
    name = member.orig_filename.replace("\\", "/")
    kind = (member.external_attr >> 16) & _TYPE_MASK if member.create_system == _UNIX else 0
    flaw, link = "", ""
    if member.flag_bits & 0x1:
        flaw = "encrypted with a password"
    elif member.compress_type not in _METHODS:
        flaw = f"packed by a method that is not read ({member.compress_type})"
    elif kind == _LINK_TYPE and 0 < member.file_size <= _LONGEST_LINK:
        link = _link_in(archive, member)
    elif kind not in _PLAIN_TYPES:
        flaw = "not a plain file"
    return Member(
        name,
        member.file_size,
        is_folder=name.endswith("/"),
        flaw=flaw,
        is_unread=bool(flaw) and kind in _PLAIN_TYPES,
        link=link,
        open=lambda: closing(cast("BinaryIO", archive.open(member))),
    )


def _link_in(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    with archive.open(member) as content:
        return content.read(_LONGEST_LINK).decode("utf-8", "replace")


def _tar_members(source: Path, unpacks_to: int) -> Iterator[Member]:
    with source.open("rb") as packed:
        stream = _Bounded(decompressed(packed), limit=unpacks_to, name=source.name)
        stream.expect_header(0)
        # "r|": read once from front to back, so that no header can send us elsewhere.
        with tarfile.open(fileobj=cast("BinaryIO", stream), mode="r|") as archive:
            for count, member in enumerate(archive):
                if count >= _MOST_NAMES:
                    raise KitError(f"{source.name} names too many files (more than {_MOST_NAMES})", stage=STAGE)
                stream.expect_content()
                yield _tar_member(archive, member)
                stream.expect_header(archive.offset)


def _tar_member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Member:
    def read() -> AbstractContextManager[BinaryIO]:
        content = archive.extractfile(member)
        if content is None:
            raise tarfile.ReadError("no content")
        return closing(cast("BinaryIO", content))

    flaw, link = "", ""
    if member.islnk():
        link = "/" + member.linkname
    elif member.issym():
        link = member.linkname or "/"
    elif not member.isdir() and member.type not in {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.GNUTYPE_SPARSE}:
        flaw = "not a plain file"
    name = member.name.replace("\\", "/")
    return Member(name, member.size, is_folder=member.isdir(), flaw=flaw, link=link[:_LONGEST_LINK], open=read)


def _is_single(source: Path) -> bool:
    """Whether one packed file stands there, and no tar: both are told by what is inside."""
    if source.name.lower().endswith(tuple(one for one in ARCHIVE_SUFFIXES if one != ".zip")):
        return False
    with source.open("rb") as packed:
        return decompressed(packed).read(512)[_TAR_MAGIC] != b"ustar"


def _single_member(source: Path, unpacks_to: int) -> Iterator[Member]:
    with source.open("rb") as packed:
        stream = _Bounded(decompressed(packed), limit=unpacks_to, name=source.name)
        yield Member(source.stem, open=lambda: nullcontext(cast("BinaryIO", stream)))


class _Bounded:
    """A stream that refuses to give more than `limit` bytes, and to tarfile no long header: it reads these whole."""

    def __init__(self, stream: BinaryIO, *, limit: int, name: str) -> None:
        self._stream = stream
        self._limit = limit
        self._name = name
        self._given = 0
        self._header_ends = limit

    def expect_header(self, offset: int) -> None:
        """Be asked for the header that begins at `offset` from now on."""
        self._header_ends = min(offset + _LONGEST_TAR_HEADER, self._limit)

    def expect_content(self) -> None:
        """Be asked for a member's content from now on."""
        self._header_ends = self._limit

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes."""
        content = self._stream.read(size)
        self._given += len(content)
        if self._given > self._limit:
            raise KitError(f"{self._name} unpacks to too much", stage=STAGE)
        if self._given > self._header_ends:
            raise KitError(f"{self._name} has a member whose header takes more than 1 MB", stage=STAGE)
        return content
