"""The students of the example class, by number: what each one hands in, and what is wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from grading.example_class.hand_in import HandIn, answers

Forge = Callable[[Mapping[str, HandIn], HandIn], HandIn]
_SECTOR = 0x1000


def honest(_class: Mapping[str, HandIn], own: HandIn) -> HandIn:
    """Hand in what was made."""
    return own


def with_dump_of(other: str) -> Forge:
    """Return a forgery: somebody else's dump, and the offset that goes with it."""

    def forge(everybody: Mapping[str, HandIn], own: HandIn) -> HandIn:
        theirs = everybody[other]
        stated = answers(own.registered.endpoint, theirs.key_offset)
        return replace(own, files={**own.files, "flash.bin": theirs.files["flash.bin"], "answers.toml": stated})

    return forge


def with_dump_and_certificate_of(other: str) -> Forge:
    """Return a forgery: somebody else's dump with the certificate that fits it."""

    def forge(everybody: Mapping[str, HandIn], own: HandIn) -> HandIn:
        copied = with_dump_of(other)(everybody, own)
        certificate = everybody[other].files["certificate.pem.crt"]
        return replace(copied, files={**copied.files, "certificate.pem.crt": certificate})

    return forge


def with_blanked_key(_class: Mapping[str, HandIn], own: HandIn) -> HandIn:
    """Hand in a dump in which the sectors that hold the key are blanked."""
    dump = bytearray(own.files["flash.bin"])
    begin = own.key_offset // _SECTOR * _SECTOR
    end = begin + 2 * _SECTOR
    dump[begin:end] = b"\xff" * (end - begin)
    return replace(own, files={**own.files, "flash.bin": bytes(dump)})


@dataclass(frozen=True, slots=True)
class Student:
    """A student.

    Attributes:
        does: what this one does, for people.
        project: overlay over the reference project, empty for none.
        built_project: overlay that was built for the dump, when it is not the one that is handed in.
        chip_project: overlay of the ATECC608A variant, None when it is not handed in.
        endpoint: what is built in and answered in place of the registered endpoint.
        forge: what happens between the making and the handing in.
    """

    id: str
    does: str
    project: str = ""
    built_project: str | None = None
    chip_project: str | None = None
    endpoint: str = ""
    forge: Forge = honest


STUDENTS = (
    Student("s01", "does everything right", chip_project=""),
    Student("s02", "takes the wrong endpoint", endpoint="data.iot.eu-west-1.amazonaws.com"),
    Student("s03", "prints canned log lines and never connects", project="canned_log"),
    Student("s04", "publishes to another topic", project="wrong_topic"),
    Student("s05", "floods the cloud", project="flood"),
    Student("s06", "leaves the key embedded in the ATECC608A variant", chip_project="key_left_embedded"),
    Student("s07", "hands in somebody else's dump", forge=with_dump_of("s01")),
    Student("s08", "hands in somebody else's dump and certificate", forge=with_dump_and_certificate_of("s01")),
    Student("s09", "blanks the key in the dump", forge=with_blanked_key),
    Student("s10", "hands in a project that does not compile", project="does_not_compile", built_project=""),
    Student("s11", "reads the machine's files at build time", project="reads_files", built_project=""),
    Student("s12", "turns a servo by what the virtual kit lacks", project="servo", built_project=""),
)

#: What would only make the example class slow: graded by a test.
SLOW_STUDENTS = (
    Student("s21", "prints without end", project="endless_log", built_project=""),
    Student("s22", "crashes for ever", project="crash_loop", built_project=""),
)
