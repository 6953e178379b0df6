"""Ways in which honest people pack a hand-in: each makes a folder or an archive of a complete one.

`PACKINGS` must all be read alike; of those in `SILENT` nothing needs to be said on the student's page.
"""

import base64
import bz2
import gzip
import io
import lzma
import os
import shutil
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from grading.hand_in.decompression import zstd
from tests.grading.handed_in import certificate, hand_in

DER: Final = certificate("s01").public_bytes(Encoding.DER)
PEM: Final = certificate("s01").public_bytes(Encoding.PEM)
OTHER: Final = certificate("authority").public_bytes(Encoding.PEM)

Pack = Callable[[Path], Path]


def complete(path: Path) -> Path:
    folder = hand_in(path)
    for project in ("project", "project_atecc608a"):
        (folder / project / "CMakeLists.txt").write_text("project(kit)\n", encoding="utf-8")
    return folder


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


def members(folder: Path) -> list[tuple[str, bytes]]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in files]


def zip_as(rename: Callable[[str], str], method: int = zipfile.ZIP_DEFLATED) -> Pack:
    """Zip all under other names."""

    def pack(folder: Path) -> Path:
        path = folder.parent / "s01.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members(folder):
                member = zipfile.ZipInfo("x")
                member.filename = rename(name)
                archive.writestr(member, content, method)
        return path

    return pack


def tar_as(rename: Callable[[str], str], kind: int = tarfile.PAX_FORMAT) -> Pack:
    def pack(folder: Path) -> Path:
        path = folder.parent / "s01.tar.gz"
        with tarfile.open(path, "w:gz", format=kind) as archive:
            for name, content in members(folder):
                member = tarfile.TarInfo(rename(name))
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return path

    return pack


def called(suffix: str, pack: Pack) -> Pack:
    """Give the archive another suffix."""
    return lambda folder: pack(folder).rename(folder.parent / f"s01{suffix}")


def moved(*pairs: tuple[str, str]) -> Pack:
    def pack(folder: Path) -> Path:
        for old, new in pairs:
            (folder / new).parent.mkdir(parents=True, exist_ok=True)
            (folder / old).rename(folder / new)
        return folder

    return pack


def linked(name: str, target: str, then: Pack = lambda folder: folder) -> Pack:
    def pack(folder: Path) -> Path:
        moved((name, target))(folder)
        (folder / name).symlink_to(os.path.relpath(folder / target, (folder / name).parent))
        return then(folder)

    return pack


def hard_links(folder: Path) -> Path:
    second = folder / "project_atecc608a" / "main" / "main.c"
    second.unlink()
    second.hardlink_to(folder / "project" / "main" / "main.c")
    return tarred(folder, ".tar.gz", gzip.compress)


OLD_ANSWERS: Final = b'endpoint = "old.example"\n'


def appended_to_tar(folder: Path) -> Path:
    answers = folder / "answers.toml"
    good = answers.read_bytes()
    answers.write_bytes(OLD_ANSWERS)
    path = tarred(folder, ".tar")
    answers.write_bytes(good)
    with tarfile.open(path, "a") as archive:
        archive.add(answers, "./answers.toml")
    return path


def appended_to_zip(folder: Path) -> Path:
    path = folder.parent / "s01.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("answers.toml", OLD_ANSWERS)
        for name, content in members(folder):
            archive.writestr(name, content)
    return path


def crowd(place: str, count: int = 9000) -> Pack:
    def pack(folder: Path) -> Path:
        (folder / place).mkdir(parents=True)
        for number in range(count):
            (folder / place / f"m{number}.py").write_bytes(b"")
        return folder

    return pack


def recordings(folder: Path) -> Path:
    for number in range(5):
        with (folder / f"a{number}.dat").open("wb") as file:
            file.truncate(30 << 20)
    return folder


def beside(source: str, copy: str, then: Pack = lambda folder: folder) -> Pack:
    def pack(folder: Path) -> Path:
        copy_of = shutil.copytree if (folder / source).is_dir() else shutil.copy
        copy_of(folder / source, folder / copy)
        return then(folder)

    return pack


def encoded(encoding: str, remark: str = "# Zoë\n", *names: str) -> Pack:
    def pack(folder: Path) -> Path:
        for name in names or ("answers.toml",):
            text = (folder / name).read_text(encoding="utf-8") + remark
            (folder / name).write_bytes(text.encode(encoding))
        return folder

    return pack


def replaced(name: str, old: bytes, new: bytes) -> Pack:
    def pack(folder: Path) -> Path:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content.replace(old, new))
        return folder

    return pack


def host_in_defaults(folder: Path) -> Path:
    shutil.copy(folder / "project" / "sdkconfig", folder / "project" / "sdkconfig.defaults")
    (folder / "project" / "sdkconfig").write_text("CONFIG_A=y\n", encoding="utf-8")
    return folder


def read_only(folder: Path) -> Path:
    for path in folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


def empty_folders(folder: Path) -> Path:
    for number in range(300):
        (folder / f"empty{number}" / "x").mkdir(parents=True)
    return folder


def dumps_in(name: str, pack_them: Pack) -> Pack:
    def pack(folder: Path) -> Path:
        moved(("flash.bin", "dumps/flash.bin"), ("flash_atecc608a.bin", "dumps/flash_atecc608a.bin"))(folder)
        pack_them(folder / "dumps").rename(folder / name)
        shutil.rmtree(folder / "dumps")
        return folder

    return pack


def chain(encoding: Encoding) -> bytes:
    return pkcs7.serialize_certificates([certificate("authority"), certificate("s01")], encoding)


def windows(name: str) -> str:
    return name.replace("/", "\\")


_PLAIN_ONES: Final[dict[str, Pack]] = {
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
_SILENT_ONES: Final = {
    *("zip", "backslashes", "one folder around", "several folders around", "litter of macOS beside", "tar", "tar.gz"),
    *("tar.bz2", "tar.xz", "tar.zst", "tar.gz that is called tar", "byte order mark", "authority first"),
    *("authority last", "TRUSTED", "line ends written out"),
}

#: Names that systems, tools and people give folders and members.
NAMES: Final[dict[str, Pack]] = {
    "colon in the folder around": zip_as(lambda name: f"Lab 3: AWS/{name}"),
    "question in the folder around": zip_as(lambda name: f"Really? done./{name}"),
    "no-break space in the folder around": zip_as(lambda name: f"Lab\xa03/{name}"),
    "control character in the folder around": tar_as(lambda name: f"Lab\x07 3/{name}"),
    "long name of the folder around": zip_as(lambda name: f"{'л' * 120}/{name}"),
    "22 folders around": zip_as(lambda name: "w/" * 22 + name),
    "Latin-1 name of the folder around": tar_as(lambda name: f"Pr\udcfcfung/{name}", tarfile.GNU_FORMAT),
    "absolute names in a zip": zip_as(lambda name: f"/home/ann/hand_in/{name}"),
    "absolute names in a tar": tar_as(lambda name: f"/home/ann/hand_in/{name}"),
    "names with a drive": zip_as(lambda name: windows(f"C:/Users/Ann/hand_in/{name}")),
    "names that begin with ..": tar_as(lambda name: f"../hand_in/{name}"),
    "names with a harmless ..": zip_as(lambda name: f"x/../{name}"),
    "names that begin with .": tar_as(lambda name: f"./{name}"),
    "slashes twice": zip_as(lambda name: f"x//{name.replace('/', '//')}"),
    "project (1)": moved(("project", "project (1)")),
    "project at depth": moved(("project", "src/lab/esp/subscribe_publish")),
    "Project": moved(("project", "Project"), ("project_atecc608a", "Project_ATECC608A")),
    "two projects, one as asked for": beside("project", "project_old"),
    "two projects of other names": beside("project", "kit_backup", moved(("project", "kit"))),
    "two dumps of other names": beside("flash.bin", "before_old.bin", moved(("flash.bin", "dump.bin"))),
    "dumps in a folder": moved(("flash.bin", "d/flash.bin"), ("flash_atecc608a.bin", "d/flash_atecc608a.bin")),
    "dumps of other names": moved(("flash.bin", "dump.bin"), ("flash_atecc608a.bin", "dump-608.bin")),
    "flash.img": moved(("flash.bin", "flash.img")),
    "flash.bin.bin": moved(("flash.bin", "flash.bin.bin")),
    "flash without a suffix": moved(("flash.bin", "flash")),
}
#: Archives, and what may be in them.
ARCHIVES: Final[dict[str, Pack]] = {
    "tar of GNU": tar_as(lambda name: f"a/b/c/{name}", tarfile.GNU_FORMAT),
    "ustar": tar_as(lambda name: name, tarfile.USTAR_FORMAT),
    "zip, stored": zip_as(lambda name: name, zipfile.ZIP_STORED),
    "zip by bzip2": zip_as(lambda name: name, zipfile.ZIP_BZIP2),
    "zip by LZMA": zip_as(lambda name: name, zipfile.ZIP_LZMA),
    "tar.lzma": lambda folder: tarred(folder, ".tar.lzma", lambda tar: lzma.compress(tar, lzma.FORMAT_ALONE)),
    "tar.gz that is called zip": called(".zip", lambda folder: tarred(folder, ".tar.gz", gzip.compress)),
    "tar that is called zip": called(".zip", lambda folder: tarred(folder, ".tar")),
    "zip that is called tar.gz": called(".tar.gz", zipped),
    "zip that is called rar": called(".rar", zipped),
    "ZIP": called(".ZIP", zipped),
    "gz": lambda folder: tarred(folder, ".gz", gzip.compress),
    "hard links in a tar": hard_links,
    "link to a dump, in a tar": linked("flash.bin", "d/mine.bin", lambda folder: tarred(folder, ".tar")),
    "link to a dump": linked("flash.bin", "d/mine.bin"),
    "link to a project": linked("project", "work/firmware"),
    "link to an sdkconfig": linked("project/sdkconfig", "settings"),
    "tar that was appended to": appended_to_tar,
    "zip that was appended to": appended_to_zip,
    "environment of conda": crowd("conda/lib"),
    "recordings": recordings,
    "read-only": read_only,
    "empty folders": empty_folders,
    "dumps in a zip": dumps_in("dumps.zip", lambda folder: zipped(folder, name="packed.zip")),
    "dumps in a tar.xz": dumps_in("dumps.tar.xz", lambda folder: tarred(folder, ".tar.xz", lzma.compress)),
}
TEXTS: Final[dict[str, Pack]] = {
    "UTF-32": encoded("utf-32"),
    "UTF-16 without its mark": encoded("utf-16-be"),
    "sdkconfig in UTF-16 without its mark": encoded("utf-16-le", "", "project/sdkconfig"),
    "GBK": encoded("gbk", "# 你好\n", "answers.toml", "project/sdkconfig"),
    "Shift-JIS": encoded("shift-jis", "# 表能\n", "answers.toml", "project/sdkconfig"),
    "Windows-1251": encoded("cp1251", "# привет\n", "answers.toml", "project/sdkconfig"),
    "line ends of Windows": replaced("answers.toml", b"\n", b"\r\n"),
    "line ends of old Macs": replaced("answers.toml", b"\n", b"\r"),
    "quotes of a word processor": replaced("answers.toml", b'"', "”".encode()),
    "sdkconfig with blanks": replaced("project/sdkconfig", b"HOST=", b"HOST = "),
    "endpoint in sdkconfig.defaults": host_in_defaults,
    "sdkconfig.defaults.esp32 alone": moved(("project/sdkconfig", "project/sdkconfig.defaults.esp32")),
    "sdkconfig.old alone": moved(("project/sdkconfig", "project/sdkconfig.old")),
    "sdkconfig beside the project": moved(("project/sdkconfig", "sdkconfig")),
    "sdkconfig.txt": moved(("project/sdkconfig", "project/sdkconfig.txt")),
}
CERTIFICATES: Final[dict[str, Pack]] = {
    "PKCS #7 as DER": certificate_as("certificate.p7b", chain(Encoding.DER)),
    "PKCS #7 as PEM": certificate_as("certificate.pem.crt", chain(Encoding.PEM)),
    "base64 without its armour": certificate_as("certificate.pem.crt", base64.encodebytes(DER)),
    "base64 of the PEM": certificate_as("certificate.pem.crt", base64.encodebytes(PEM)),
    "PEM in one line": certificate_as("certificate.pem.crt", PEM.replace(b"\n", b"")),
    "PEM with line ends of Windows": certificate_as("certificate.pem.crt", PEM.replace(b"\n", b"\r\n")),
    "PEM with a byte order mark": certificate_as("certificate.pem.crt", b"\xef\xbb\xbf" + PEM),
    "PEM behind openssl's text": certificate_as("certificate.pem.crt", b"Certificate:\n  Data: Zo\xeb\n" + PEM),
    "PEM as a string of C": certificate_as("cert.h", b"".join(b'"%s\\n"\n' % line for line in PEM.splitlines())),
    "answer of AWS in JSON": certificate_as("certificate.json", b'{"certificatePem": "' + escaped(PEM) + b'"}'),
    "PEM with dashes of a word processor": certificate_as(
        "certificate.pem.crt", PEM.replace(b"-----", "\u2014\u2013\u2014".encode())
    ),
    "cert.txt": certificate_as("cert.txt", PEM),
    "device.pem": certificate_as("device.pem", PEM),
    "certificate in a folder": moved(("certificate.pem.crt", "certs/abc-certificate.pem.crt")),
}
PACKINGS: Final = _PLAIN_ONES | NAMES | ARCHIVES | TEXTS | CERTIFICATES
SILENT: Final = _SILENT_ONES | {
    *("22 folders around", "slashes twice", "names that begin with .", "two projects, one as asked for"),
    *("tar of GNU", "ustar", "zip, stored", "zip by bzip2", "zip by LZMA", "tar.lzma", "tar.gz that is called zip"),
    *("tar that is called zip", "zip that is called tar.gz", "zip that is called rar", "ZIP", "gz", "read-only"),
    *("empty folders", "line ends of Windows", "line ends of old Macs", "quotes of a word processor"),
    *("sdkconfig with blanks", "sdkconfig in UTF-16 without its mark", "PKCS #7 as PEM"),
    *("PEM in one line", "PEM with line ends of Windows"),
}
