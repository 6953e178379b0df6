"""However a hand-in is packed, what is read from it is the same: no mark can depend on the packing."""

import base64
import bz2
import gzip
import hashlib
import io
import lzma
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from grading.hand_in.confined_reading import read_handed_in
from grading.hand_in.decompression import zstd
from grading.hand_in.submission import Dump, Submission
from grading.roster import RosterEntry
from tests.grading.handed_in import certificate, certificate_sha256, hand_in
from tests.grading.synthetic import ENDPOINT

STUDENT = RosterEntry("s01", ENDPOINT, certificate_sha256())
DER = certificate("s01").public_bytes(Encoding.DER)
PEM = certificate("s01").public_bytes(Encoding.PEM)
OTHER = certificate("authority").public_bytes(Encoding.PEM)
KEY_FILE = b"-----BEGIN PRIVATE " + b"KEY-----\n"

Pack = Callable[[Path], Path]


@pytest.fixture(name="good")
def _good(tmp_path: Path) -> Path:
    """A hand-in with two projects that a build would take."""
    return complete(tmp_path / "s01")


def complete(path: Path) -> Path:
    folder = hand_in(path)
    for project in ("project", "project_atecc608a"):
        (folder / project / "CMakeLists.txt").write_text("project(kit)\n", encoding="utf-8")
    return folder


def essence(submission: Submission) -> dict[str, Any]:
    """Return all that marks depend on."""
    dumps = {name: dump.sha256 for name, dump in submission.dumps.items() if isinstance(dump, Dump)}
    projects = {
        name: {
            path.relative_to(project).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(project.rglob("*"))
            if path.is_file()
        }
        for name, project in submission.projects.items()
    }
    return {
        "answers": submission.answers,
        "certificate": submission.certificate_sha256,
        "endpoint": submission.sdkconfig_endpoint,
        "dumps": dumps,
        "projects": projects,
    }


def read(source: Path, work: Path) -> Submission:
    work.mkdir()
    return read_handed_in(source, work, STUDENT)


def zipped(folder: Path, *, below: str = "", separator: str = "/", name: str = "s01.zip") -> Path:
    path = folder.parent / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                member = zipfile.ZipInfo("x")
                # `ZipInfo` would put its own separator in place.
                member.filename = (below + file.relative_to(folder).as_posix()).replace("/", separator)
                archive.writestr(member, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return path


def tarred(folder: Path, suffix: str, compress: Callable[[bytes], bytes] = bytes, *, below: str = "") -> Path:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.add(folder, below or ".")
    path = folder.parent / f"s01{suffix}"
    path.write_bytes(compress(stream.getvalue()))
    return path


def nested(folder: Path) -> Path:
    inner = zipped(folder, name="submission.zip")
    outer = folder.parent / "s01.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "submission.zip")
    return outer


def tar_in_zip(folder: Path) -> Path:
    inner = tarred(folder, ".tar.gz", gzip.compress, below="alice")
    outer = folder.parent / "outer.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "Download all/s01.tar.gz")
    return outer


def projects_zipped(folder: Path) -> Path:
    for name in ("project", "project_atecc608a"):
        made = zipped(folder / name, name=f"{name}.zip", below=f"{name}/" if name == "project" else "")
        shutil.rmtree(folder / name)
        shutil.move(made, folder / f"{name}.zip") if made.parent != folder else None
    return folder


def below_its_name(folder: Path) -> Path:
    for name in ("project", "project_atecc608a"):
        (folder / name).rename(folder / "moved")
        (folder / name).mkdir()
        (folder / "moved").rename(folder / name / "subscribe_publish")
    return folder


def renamed(folder: Path) -> Path:
    (folder / "project").rename(folder / "subscribe_publish")
    (folder / "project_atecc608a").rename(folder / "subscribe_publish_ATECC608")
    return folder


def with_build(folder: Path) -> Path:
    for name in ("project/build", "project/build/a/" + "/".join("x" * 20), "venv/lib", "project/.git/objects"):
        (folder / name).mkdir(parents=True)
    (folder / "venv" / "pyvenv.cfg").write_text("", encoding="utf-8")
    for number in range(8500):
        (folder / "project" / "build" / f"{number}.obj").write_bytes(b"")
    return folder


def with_odd_names(folder: Path) -> Path:
    for name in ("Screenshot 12:30:01.png", "why?.txt", "Fig. 1.", "a\nb", "x\\y", "Ünï.txt", "._x", "n" * 220):
        (folder / name).write_bytes(b"x")
    (folder / "link").symlink_to("/etc/passwd")
    return folder


def with_film(folder: Path) -> Path:
    with (folder / "demo.mp4").open("wb") as film:
        film.truncate(500 << 20)
    return folder


def without_sdkconfig(folder: Path) -> Path:
    (folder / "project" / "sdkconfig").rename(folder / "project" / "sdkconfig.defaults")
    return folder


def certificate_as(name: str, content: bytes) -> Pack:
    def pack(folder: Path) -> Path:
        (folder / "certificate.pem.crt").unlink()
        (folder / name).write_bytes(content)
        return folder

    return pack


def text_as(encoding: str) -> Pack:
    def pack(folder: Path) -> Path:
        for name in ("answers.toml", "project/sdkconfig"):
            text = (folder / name).read_text(encoding="utf-8") + "# Zoë\n"
            (folder / name).write_bytes(text.encode(encoding))
        return folder

    return pack


def dump_packed(folder: Path) -> Path:
    (folder / "flash.bin.gz").write_bytes(gzip.compress((folder / "flash.bin").read_bytes()))
    (folder / "flash.bin").unlink()
    return folder


def capitals(folder: Path) -> Path:
    (folder / "flash.bin").rename(folder / "FLASH.BIN")
    (folder / "answers.toml").rename(folder / "Answers.toml.txt")
    return folder


def all_in_the_project(folder: Path) -> Path:
    shutil.rmtree(folder / "project_atecc608a")
    for path in list((folder / "project").iterdir()):
        path.rename(folder / path.name)
    (folder / "project").rmdir()
    return folder


def escaped(pem: bytes) -> bytes:
    return pem.replace(b"\n", b"\\n")


def trusted() -> bytes:
    body = base64.encodebytes(DER + bytes.fromhex("300c300a06082b06010505070302"))
    return b"-----BEGIN TRUSTED CERTIFICATE-----\n" + body + b"-----END TRUSTED CERTIFICATE-----\n"


PACKINGS: dict[str, Pack] = {
    "zip": zipped,
    "backslashes": lambda folder: zipped(folder, separator="\\"),
    "one folder around": lambda folder: zipped(folder, below="alice/"),
    "several folders around": lambda folder: zipped(folder, below="Download all/Ann B_123_assignsubmission_file_/x/"),
    "litter of macOS beside": lambda folder: zipped(folder, below="alice/"),
    "zip in a zip": nested,
    "tar in a zip": tar_in_zip,
    "projects zipped": projects_zipped,
    "tar": lambda folder: tarred(folder, ".tar"),
    "tar.gz": lambda folder: tarred(folder, ".tar.gz", gzip.compress, below="s01"),
    "tar.bz2": lambda folder: tarred(folder, ".tar.bz2", bz2.compress),
    "tar.xz": lambda folder: tarred(folder, ".tar.xz", lzma.compress),
    "tar.zst": lambda folder: tarred(folder, ".tar.zst", zstd.compress),
    "tar.gz that is called tar": lambda folder: tarred(folder, ".tar", gzip.compress),
    "project/NAME/": below_its_name,
    "projects of another name": renamed,
    "build, environment, git": with_build,
    "odd names and a link": with_odd_names,
    "film": with_film,
    "sdkconfig.defaults alone": without_sdkconfig,
    "UTF-16": text_as("utf-16"),
    "Latin-1": text_as("latin-1"),
    "byte order mark": text_as("utf-8-sig"),
    "dump packed": dump_packed,
    "capitals": capitals,
    "DER": certificate_as("certificate.pem.crt", DER),
    "DER under its own name": certificate_as("certificate.der", DER),
    "authority first": certificate_as("certificate.pem.crt", OTHER + PEM),
    "authority last": certificate_as("certificate.pem.crt", PEM + OTHER),
    "AWS's name": certificate_as("0123456789-certificate.pem.crt", PEM),
    "TRUSTED": certificate_as("certificate.pem.crt", trusted()),
    "line ends written out": certificate_as("certificate.pem.crt", escaped(PEM)),
    "certificate.pem.crt.txt": certificate_as("certificate.pem.crt.txt", PEM),
    "UTF-16 certificate": certificate_as("certificate.pem.crt", PEM.decode().encode("utf-16")),
}
#: Packings of which nothing needs to be said.
SILENT = {
    *("zip", "backslashes", "one folder around", "several folders around", "litter of macOS beside", "tar", "tar.gz"),
    *("tar.bz2", "tar.xz", "tar.zst", "tar.gz that is called tar", "byte order mark", "authority first"),
    *("authority last", "TRUSTED", "line ends written out"),
}


@pytest.fixture(scope="module", name="plain")
def _plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is read from the hand-in when nothing is odd about it."""
    folder = tmp_path_factory.mktemp("plain")
    return essence(read(complete(folder / "s01"), folder / "work"))


@pytest.mark.parametrize("packing", PACKINGS)
def test_packing_changes_nothing_that_marks_depend_on(
    good: Path, tmp_path: Path, packing: str, plain: dict[str, Any]
) -> None:
    packed = read(PACKINGS[packing](good), tmp_path / "packed")

    assert comparable(essence(packed)) == comparable(plain)
    assert len(plain["dumps"]) == len(plain["projects"]) == 2
    assert (packed.notes == ()) is (packing in SILENT), packed.notes


def comparable(one: dict[str, Any]) -> dict[str, Any]:
    """Leave the sdkconfig's own bytes out: its encoding and name are among what changes."""
    projects = {
        name: {file: digest for file, digest in files.items() if not file.startswith("sdkconfig")}
        for name, files in one["projects"].items()
    }
    return one | {"projects": projects}


def test_hand_in_that_lies_in_its_project_is_read(good: Path, tmp_path: Path, plain: dict[str, Any]) -> None:
    packed = essence(read(all_in_the_project(good), tmp_path / "packed"))

    assert {name: packed[name] for name in ("answers", "certificate", "endpoint", "dumps")} == {
        name: plain[name] for name in ("answers", "certificate", "endpoint", "dumps")
    }


def test_control_what_is_missing_is_missing_however_it_is_packed(
    good: Path, tmp_path: Path, plain: dict[str, Any]
) -> None:
    (good / "certificate.pem.crt").write_bytes(OTHER)

    packed = essence(read(nested(good), tmp_path / "packed"))

    assert packed["certificate"] != plain["certificate"]
    assert packed["answers"] == plain["answers"]
