"""Reads zip and tar archives of students: one member after the other, nothing trusted that a header says."""

import bz2
import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, Final, cast

from kitbench.errors import KitError

from .destination import STAGE, Destination, refused

#: Ways of packing whose memory is bounded; xz lets an archive ask for gigabytes.
ARCHIVE_SUFFIXES: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2")
_END_OF_DIRECTORY: Final = b"PK\x05\x06"  # APPNOTE.TXT 4.3.16
_LARGEST_DIRECTORY: Final = 2 << 20
_UNIX: Final = 3  # APPNOTE.TXT 4.4.2: external attributes hold st_mode
_TYPE_MASK: Final = 0o170000
_PLAIN_TYPES: Final = (0, 0o100000, 0o040000)


def copy_archive(source: Path, destination: Destination) -> None:
    """Copy an archive's plain files and folders.

    Raises:
        KitError: it is of no known kind, damaged, encrypted, or holds something that is refused.
    """
    if source.stat().st_size > destination.limits.archive_size:
        raise KitError(f"{source.name} is larger than {destination.limits.archive_size >> 20} MB", stage=STAGE)
    try:
        if source.name.lower().endswith(".zip"):
            _copy_zip(source, destination)
        elif source.name.lower().endswith(ARCHIVE_SUFFIXES):
            _copy_tar(source, destination)
        else:
            raise KitError(f"{source.name} is no archive that is taken ({' '.join(ARCHIVE_SUFFIXES)})", stage=STAGE)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, ValueError, NotImplementedError) as error:
        raise KitError(f"{source.name} is damaged", stage=STAGE) from error
    except OSError as error:
        if error.errno is None:  # gzip and bz2 report damage so
            raise KitError(f"{source.name} is damaged", stage=STAGE) from error
        raise


def _copy_zip(source: Path, destination: Destination) -> None:
    with source.open("rb") as file:
        _check_directory(file, source.name)
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                _copy_zip_member(archive, member, destination)


def _copy_zip_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, destination: Destination) -> None:
    # A NUL ends the name for zipfile, but not for us.
    name = member.orig_filename
    if member.flag_bits & 0x1:
        raise refused(name, "encrypted")
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise refused(name, "packed in a way that is not taken")
    if member.create_system == _UNIX and (member.external_attr >> 16) & _TYPE_MASK not in _PLAIN_TYPES:
        raise refused(name, "a link or not a plain file")
    if name.endswith("/"):
        destination.add_folder(name)
        return
    with archive.open(member) as content:
        destination.add_file(name, cast("BinaryIO", content), claimed_size=member.file_size)


def _check_directory(file: BinaryIO, name: str) -> None:
    """Refuse a zip whose directory alone would fill the memory, before the library reads it."""
    file.seek(0, io.SEEK_END)
    file.seek(max(file.tell() - 0x10000 - 22, 0))
    tail = file.read()
    at = tail.rfind(_END_OF_DIRECTORY, 0, max(len(tail) - 18, 0))
    if at < 0:
        raise KitError(f"{name} is damaged", stage=STAGE)
    directory_size, offset = struct.unpack_from("<II", tail, at + 12)
    if directory_size > _LARGEST_DIRECTORY or 0xFFFFFFFF in {directory_size, offset}:
        raise KitError(f"{name} names too many files", stage=STAGE)
    file.seek(0)


def _copy_tar(source: Path, destination: Destination) -> None:
    with source.open("rb") as packed:
        stream = _Bounded(_unpacked(packed), limit=2 * destination.limits.total_size, name=source.name)
        # "r|": read once from front to back, so that no header can send us elsewhere.
        with tarfile.open(fileobj=cast("BinaryIO", stream), mode="r|") as archive:
            for member in archive:
                _copy_tar_member(archive, member, destination)


def _copy_tar_member(archive: tarfile.TarFile, member: tarfile.TarInfo, destination: Destination) -> None:
    if member.isdir():
        destination.add_folder(member.name)
        return
    if member.issym() or member.islnk():
        raise refused(member.name, "a link")
    if member.type not in {tarfile.REGTYPE, tarfile.AREGTYPE}:
        raise refused(member.name, "not a plain file")
    content = archive.extractfile(member)
    if content is None:
        raise refused(member.name, "not a plain file")
    destination.add_file(member.name, cast("BinaryIO", content), claimed_size=member.size)


def _unpacked(packed: BinaryIO) -> BinaryIO:
    """Return the tar inside, whatever its name says that it is packed with."""
    magic = packed.read(3)
    packed.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return cast("BinaryIO", gzip.GzipFile(fileobj=packed))
    if magic == b"BZh":
        return cast("BinaryIO", bz2.BZ2File(packed))
    return packed


class _Bounded:
    """A stream that refuses to give more than `limit` bytes, as long tar headers are read into memory."""

    def __init__(self, stream: BinaryIO, *, limit: int, name: str) -> None:
        self._stream = stream
        self._left = limit
        self._name = name

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes."""
        content = self._stream.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise KitError(f"{self._name} unpacks to too much", stage=STAGE)
        return content
