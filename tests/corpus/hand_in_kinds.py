"""Hand-ins that attack the grader itself: names that lead out, files that fill memory, texts that speak a language.

Each leaves a secret beside its submission and must not read it, must write nothing outside of the grader's own folders,
start nothing, fill no memory of the grader's, and cost nobody but the student a point.
"""

import base64
import io
import os
import resource
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from grading.judgement import Outcome
from grading.marking.result import SubmissionResult
from tests.corpus.desk import Desk, Edit
from tests.corpus.hostile_files import ARCHIVES, CERTIFICATES, SDKCONFIGS, TOML
from tests.corpus.hostile_projects import ESCAPED as _ESCAPED
from tests.corpus.hostile_projects import OUTCOMES, PROJECTS
from tests.corpus.kind import Family, Kind, Make

_FAILED: Final = {"endpoint": Outcome.FAILED}
_MOST_MEMORY_KB: Final = 200 << 10
_LONGEST_S: Final = 150.0
_SECRET: Final = "kitbench-corpus-secret"

#: Paths that lead out of where they are unpacked, and names that mean something to some language.
NAMES: Final = (
    f"../{_ESCAPED}",
    f"../../{_ESCAPED}",
    f"/tmp/{_ESCAPED}",
    f"a/../../../{_ESCAPED}",
    f"..\\..\\{_ESCAPED}",
    f"C:\\{_ESCAPED}",
    f"./../{_ESCAPED}",
    f"a/./../../{_ESCAPED}",
    f"$(touch {_ESCAPED})",
    f"`touch {_ESCAPED}`",
    f"; touch {_ESCAPED}",
    "--help",
    "=cmd|'.c calc'!A1",
    "\x1b]0;title\x07\x1b[2J",
    "<script>alert(1)<",
    "a\nb: c",
    "\u202etxt.exe",
    "con",
)


def _escaped(desk: Desk, result: SubmissionResult) -> str:
    """Say what the submission did that it must not."""
    places = [desk.folder, desk.folder.parent, Path("/tmp"), Path.cwd()]
    made = [place / _ESCAPED for place in places if (place / _ESCAPED).exists()]
    for path in made:
        path.unlink()
    memory, processor = (desk.folder / "before").read_text(encoding="ascii").split()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - int(memory)
    # Of all children, those of a kind that is graded beside it, too: never less than this one took.
    spent = _processor() - float(processor)
    said = {
        f"wrote {made}": bool(made),
        "read a file of somebody else's": _SECRET in repr(result),
        f"filled {used >> 10} MB of the grader": used > _MOST_MEMORY_KB,
        f"took {spent:.0f} s of the processor": spent > _LONGEST_S,
        "put control characters on a page": any(not text.isprintable() for text in _texts(result)),
    }
    return "; ".join(text for text, is_so in said.items() if is_so)


def _processor() -> float:
    """Return the seconds that this process and its children took of processors."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _texts(result: SubmissionResult) -> Iterator[str]:
    yield from (mark.reason for mark in result.score.marks)
    yield from result.notes


def _abuse(
    name: str, make: Make, why: str, *, is_quick: bool = False, outcomes: Mapping[str, Outcome] = _FAILED
) -> Kind:
    def prepared(desk: Desk) -> Path:
        (desk.folder / "secret.txt").write_text(_SECRET, encoding="utf-8")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        (desk.folder / "before").write_text(f"{memory} {_processor()}", encoding="ascii")
        return make(desk)

    return Kind(name, Family.ABUSIVE, why, prepared, outcomes, is_quick=is_quick, escaped=_escaped)


def _zip_of(name: str) -> Make:
    def make(desk: Desk) -> Path:
        path = desk.folder / "s.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, _SECRET[:8])
            archive.writestr("readme.txt", "x")
        return path

    return make


def _tar_of(name: str, suffix: str) -> Make:
    def make(desk: Desk) -> Path:
        path = desk.folder / f"s{suffix}"
        with tarfile.open(path, "w:xz" if suffix.endswith("xz") else "w:gz") as archive:
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
        return path

    return make


def _zip_within(name: str) -> Make:
    def make(desk: Desk) -> Path:
        inner = _zip_of(name)(desk).rename(desk.folder / "inner.zip")
        path = desk.folder / "s.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(inner, "inner.zip")
        return path

    return make


def _link_in_tar(kind: bytes, target: str, then: str = "") -> Make:
    def make(desk: Desk) -> Path:
        path = desk.folder / "s.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            link = tarfile.TarInfo("answers.toml" if not then else "folder")
            link.type, link.linkname = kind, target
            archive.addfile(link)
            if then:
                archive.addfile(tarfile.TarInfo(then), io.BytesIO())
        return path

    return make


def _link_in_zip(desk: Desk) -> Path:
    path = desk.folder / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("answers.toml")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "../secret.txt")
    return path


def _in_folder(prepare: Callable[[Path], object]) -> Make:
    def make(desk: Desk) -> Path:
        prepare(desk.submission)
        return desk.submission

    return make


def _linked(name: str, target: str) -> Make:
    return _in_folder(lambda folder: (folder / name).symlink_to(target))


def _huge(name: str) -> Make:
    def prepare(folder: Path) -> None:
        with (folder / name).open("wb") as file:
            file.truncate(1 << 42)

    return _in_folder(prepare)


def _answers(text: str | bytes) -> Make:
    def make(desk: Desk) -> Path:
        content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        (desk.submission / "answers.toml").write_bytes(content)
        return desk.submission

    return make


def _certificate(content: bytes) -> Make:
    def make(desk: Desk) -> Path:
        (desk.submission / "certificate.pem.crt").write_bytes(content)
        return desk.submission

    return make


def _version_9(desk: Desk) -> Path:
    der = x509.load_pem_x509_certificate(desk.certificate_pem).public_bytes(Encoding.DER)
    body = base64.encodebytes(der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09", 1))
    return _certificate(b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n")(desk)


def _sdkconfig(text: str) -> Make:
    def make(desk: Desk) -> Path:
        (desk.submission / "project").mkdir()
        (desk.submission / "project" / "sdkconfig").write_text(text, encoding="utf-8")
        (desk.submission / "project" / "CMakeLists.txt").write_text(
            "include($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(x)", encoding="utf-8"
        )
        return desk.submission

    return make


def _archive(name: str) -> Make:
    def make(desk: Desk) -> Path:
        path = desk.folder / name
        ARCHIVES[name](path)
        return path

    return make


def _dump(content: bytes) -> Make:
    def make(desk: Desk) -> Path:
        (desk.submission / "flash.bin").write_bytes(content.ljust(4 << 20, b"\xff"))
        return desk.submission

    return make


#: What an endpoint may say to whoever shows it.
SPEECHES: Final = {
    "a script": "<script>alert(1)</script>",
    "an image": "<img src=x onerror=alert(1)>",
    "a formula": "=HYPERLINK(1)",
    "an ANSI sequence": "\\u001b[2J\\u001b]0;x\\u0007",
    "a link of Markdown": "[x](javascript:alert(1))",
    "a line of the report": "x\\nPASSED\\n5 of 5",
    "right to left": "\\u202e moc.elpmaxe",
    "a template": "{{ 7 * 7 }}{% raw %}",
    "an object": '\\"},{\\"score\\": 5}',
    "NUL": "\\u0000",
    "half a pair": "\\ud800".replace("d800", "fffe"),
    "rich's markup": "[bold red]x[/][link=file:///etc/passwd]",
}


def _of_names() -> Iterator[Kind]:
    packs: dict[str, Callable[[str], Make]] = {
        "zip": _zip_of,
        "tar.gz": lambda name: _tar_of(name, ".tar.gz"),
        "tar.xz": lambda name: _tar_of(name, ".tar.xz"),
        "zip in a zip": _zip_within,
    }
    for number, name in enumerate(NAMES):
        for pack, make in packs.items():
            title = f"name {number} in a {pack}: {name.encode('unicode_escape').decode()[:40]}"
            why = "a member's name is no way out, and says nothing to any language"
            yield _abuse(title, make(name), why, is_quick=number == 0 and pack == "zip")


def _of_links() -> Iterator[Kind]:
    why = "a link, a FIFO or a device is left out, whatever is behind it"
    for target in ("../secret.txt", "/etc/passwd", "/proc/self/environ", "/dev/zero"):
        yield _abuse(f"symbolic link in a tar to {target}", _link_in_tar(tarfile.SYMTYPE, target), why)
    yield _abuse("hard link in a tar", _link_in_tar(tarfile.LNKTYPE, "../secret.txt"), why)
    for kind, title in ((tarfile.FIFOTYPE, "FIFO"), (tarfile.CHRTYPE, "device"), (b"Z", "unknown type")):
        yield _abuse(f"{title} in a tar", _link_in_tar(kind, ""), why)
    through = _link_in_tar(tarfile.SYMTYPE, "../..", f"folder/{_ESCAPED}")
    yield _abuse("file through a link in a tar", through, why, is_quick=True)
    yield _abuse("symbolic link in a zip", _link_in_zip, why)
    for target in ("../secret.txt", "/etc/passwd", "/dev/zero"):
        yield _abuse(f"symbolic link in a folder to {target}", _linked("answers.toml", target), why)
    yield _abuse("FIFO in a folder", _in_folder(lambda folder: os.mkfifo(folder / "answers.toml")), why)
    yield _abuse("project that is a link", _linked("project", "/etc"), why)


def _of_sizes() -> Iterator[Kind]:
    why = "what fills memory or disk is ended by the reader's limits, and the class goes on"
    for name in ARCHIVES:
        yield _abuse(f"archive {name}", _archive(name), why, is_quick=name == "sparse.tar.zst")
    for name in ("flash.bin", "answers.toml", "certificate.pem.crt"):
        yield _abuse(f"{name} of 4 TB", _huge(name), why)


def _of_texts() -> Iterator[Kind]:
    for name, text in TOML.items():
        yield _abuse(f"answers of {name}", _answers(text), "the time that a file takes is bounded, and its own")
    for name, content in CERTIFICATES.items():
        yield _abuse(f"certificate of {name}", _certificate(content), "a certificate that is none is the student's")
    yield _abuse("certificate of version 9", _version_9, "a certificate of a version that is none is the student's")
    for name, text in SDKCONFIGS.items():
        yield _abuse(f"sdkconfig of {name}", _sdkconfig(text), "the time that a file takes is bounded, and its own")
    for name, speech in SPEECHES.items():
        answers = _answers(f'endpoint = "{speech}"\nanswer = "{speech}"\n')
        yield _abuse(f"endpoint that is {name}", answers, "it is shown as a text, to people and to programs")


def _of_dumps() -> Iterator[Kind]:
    why = "a dump is data, whatever its tables claim"
    table = b"\xaa\x50\x01\x02" + struct.pack("<LL", 0x9000, 0xFFFFFFFF) + b"nvs".ljust(16, b"\0") + bytes(4)
    dumps = {
        "whose partition never ends": bytes([0xFF]) * 0x8000 + table * 90,
        "of magic numbers": b"\xe9\x10\x02\x20" * (1 << 20),
        "of beginnings of keys": b"-----BEGIN EC PRIVATE " + b"KEY-----\n" * 300_000,
        "of DER": b"\x30\x82\x04\xa4\x02\x01\x00" * 500_000,
        "of gzip in gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" * 400_000,
        "of base64": b"MIIE" * (1 << 20),
    }
    for name, content in dumps.items():
        yield _abuse(f"dump {name}", _dump(content), why, outcomes={"security_analysis": Outcome.FAILED})


def _of_projects() -> Iterator[Kind]:
    """Yield projects that reach for a shell, for files, or for the machine while they are built."""
    why = "a project is read and built by confined children: it does not build, or without an effect elsewhere"
    for name, edits in PROJECTS.items():

        def make(desk: Desk, edits: tuple[Edit, ...] = edits) -> Path:
            desk.project(*edits)
            return desk.submission

        yield _abuse(f"project: {name}", make, why, outcomes={"connects": OUTCOMES.get(name, Outcome.FAILED)})


ABUSIVE: Final[tuple[Kind, ...]] = (
    *_of_names(),
    *_of_links(),
    *_of_sizes(),
    *_of_texts(),
    *_of_dumps(),
    *_of_projects(),
)
