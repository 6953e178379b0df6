"""Every file of a submission may be missing or malformed: one line that names it, and the rest is still read."""

import base64
import shutil
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from grading.hand_in.confined_reading import read_handed_in
from grading.hand_in.submission import Answers, Dump, Submission, carries_host, parse_answers, read_sdkconfig_endpoint
from grading.judgement import Problem
from grading.roster import RosterEntry
from grading.variant import Variant
from kitbench.errors import Fault, KitError
from tests.grading.handed_in import certificate, certificate_sha256, hand_in
from tests.grading.synthetic import ENDPOINT, KEY_OFFSET


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return hand_in(tmp_path / "s01")


def read(folder: Path) -> Submission:
    """Read a submission as the student s01's."""
    work = folder.parent / "work"
    work.mkdir()
    return read_handed_in(folder, work, RosterEntry("s01", ENDPOINT, certificate_sha256()))


def assert_students_problem(value: object, words: str) -> None:
    assert isinstance(value, Problem)
    assert value.fault is Fault.STUDENT
    assert words in value.reason
    assert "\n" not in value.reason


def test_complete_submission_is_read(folder: Path) -> None:
    submission = read(folder)

    assert submission.answers == Answers(ENDPOINT, KEY_OFFSET, {"answer": "Flash can be read by anybody."})
    assert submission.certificate_sha256 == certificate_sha256()
    assert submission.sdkconfig_endpoint == ENDPOINT
    assert set(submission.projects) == set(submission.dumps) == set(Variant)
    dump = submission.dumps[Variant.EMBEDDED_KEY]
    assert isinstance(dump, Dump)
    assert dump.carries_endpoint
    assert submission.notes == ()


def test_optional_variant_may_be_missing(folder: Path) -> None:
    (folder / "flash_atecc608a.bin").unlink()

    shutil.rmtree(folder / "project_atecc608a")

    submission = read(folder)

    assert set(submission.projects) == set(submission.dumps) == {Variant.EMBEDDED_KEY}


@pytest.mark.parametrize("name", ["answers.toml", "certificate.pem.crt", "flash.bin", "project/sdkconfig"])
@pytest.mark.parametrize("defect", ["missing", "empty", "folder", "noise"])
def test_defect_of_one_file_names_it_and_spares_the_others(folder: Path, name: str, defect: str) -> None:
    path = folder / name
    path.unlink()
    if defect == "folder":
        path.mkdir()
    elif defect != "missing":
        path.write_bytes(b"" if defect == "empty" else b"\xff\x00\xfe" * 1000)

    submission = read(folder)

    parts = {
        "answers.toml": submission.answers,
        "certificate.pem.crt": submission.certificate_sha256,
        "flash.bin": submission.dumps[Variant.EMBEDDED_KEY],
        "project/sdkconfig": submission.sdkconfig_endpoint,
    }
    if (name, defect) == ("answers.toml", "empty"):
        assert parts[name] == Answers(None, None)
    else:
        assert_students_problem(parts[name], name.removeprefix("project/"))
    assert sum(isinstance(part, Problem) for part in parts.values()) <= 1


def test_private_key_under_the_certificates_name_is_not_quoted(folder: Path) -> None:
    text = "-----BEGIN PRIVATE " + "KEY-----\nU0VDUkVU\n-----END PRIVATE " + "KEY-----\n"
    (folder / "certificate.pem.crt").write_text(text, encoding="utf-8")

    problem = read(folder).certificate_sha256

    assert_students_problem(problem, "holds no readable certificate")
    assert "U0VDUkVU" not in str(problem)


def test_private_key_in_a_project_is_noted(folder: Path) -> None:
    key = folder / "project" / "main" / "private.pem.key"
    key.write_text("-----BEGIN EC PRIVATE " + "KEY-----\n", encoding="utf-8")

    notes = read(folder).notes

    assert len(notes) == 1
    assert notes[0].startswith("project/main/private.pem.key holds a private key")


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("[key]\noffset = 0x2a120", 0x2A120),
        ('[key]\noffset = "0x2a120"', 0x2A120),
        ("[key]\noffset = 7", 7),
        ("", None),
    ],
)
def test_offset_is_read(text: str, offset: int | None) -> None:
    assert parse_answers(text).key_offset == offset


@pytest.mark.parametrize(
    "text",
    [
        "[key]\noffset = -1",
        "[key]\noffset = true",
        "[key]\noffset = 1.5",
        '[key]\noffset = "here"',
        "[key]\noffset = 0x100000000",
        "endpoint = 5",
        "endpoint =",
        "a = " + "[" * 5000,
    ],
)
def test_malformed_answers_are_refused(text: str) -> None:
    with pytest.raises(KitError, match=r"answers\.toml"):
        parse_answers(text)


@pytest.mark.parametrize(
    ("dump", "carries"),
    [
        (b"\0a.example\0", True),
        (b"a.example", True),
        (b"xa.example\0", False),
        (b"\0a.example.org\0", False),
        (b"xa.example \0a.example\0", True),
        (b"\0A.Example\0", True),
        (b"\0https://a.example:8883 \0", True),
        (b"", False),
    ],
)
def test_host_counts_as_a_whole_only(dump: bytes, *, carries: bool) -> None:
    assert carries_host(dump, "a.example") is carries


def test_last_assignment_in_sdkconfig_wins(folder: Path) -> None:
    (folder / "project" / "sdkconfig").write_text(
        '# CONFIG_AWS_IOT_MQTT_HOST="commented.example"\n'
        f'CONFIG_AWS_IOT_MQTT_HOST="other.example"\nCONFIG_AWS_IOT_MQTT_HOST="{ENDPOINT}"\n',
        encoding="utf-8",
    )

    assert read(folder).sdkconfig_endpoint == ENDPOINT


@pytest.mark.parametrize("written", ["{0} ", " {0}", "https://{0}", "{0}:8883"])
def test_endpoint_with_trimmings_is_the_same_but_no_kit_finds_it(folder: Path, written: str) -> None:
    (folder / "project" / "sdkconfig").write_text(
        f'CONFIG_AWS_IOT_MQTT_HOST="{written.format(ENDPOINT)}"\n', encoding="utf-8"
    )

    submission = read(folder)

    assert submission.sdkconfig_endpoint == ENDPOINT
    assert any("a kit built with it never connects" in note for note in submission.notes)


@pytest.mark.parametrize("written", [ENDPOINT.upper(), f"mqtts://{ENDPOINT}:8883/", f" {ENDPOINT}\u200b"])
def test_endpoint_in_the_answers_is_read_as_people_paste_it(written: str) -> None:
    assert parse_answers(f'endpoint = "{written}"').endpoint == ENDPOINT


@pytest.mark.parametrize("text", ["a." * 50_000 + "b = 1", "[key]\noffset = " + "9" * 5000, "a = " + "[" * 100_000])
def test_answers_made_to_be_slow_or_odd_are_the_students_fault(text: str) -> None:
    with pytest.raises(KitError) as caught:
        parse_answers(text)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 200_000,
        " \n" * 100_000,
        "CONFIG_AWS_IOT_MQTT_HOST =" + " " * 200_000,
        "CONFIG_AWS_IOT_MQTT_HOST\n" * 8000,
    ],
)
def test_sdkconfig_of_nothing_but_space_is_read_at_once(folder: Path, text: str) -> None:
    (folder / "project" / "sdkconfig").write_text(text, encoding="utf-8")
    began = time.process_time()

    with pytest.raises(KitError, match="sdkconfig does not set"):
        read_sdkconfig_endpoint(folder / "project")

    assert time.process_time() - began < 2


@pytest.mark.parametrize("end", ["\u2028", "\x85", "\u2029"])
def test_dots_are_counted_to_the_end_of_a_toml_line(end: str) -> None:
    began = time.process_time()

    with pytest.raises(KitError, match="more than 300 dots"):
        parse_answers(f'"{end}"' + f'."{end}"' * 5000 + " = 1")

    assert time.process_time() - began < 2


def test_certificate_of_a_version_that_does_not_exist_is_the_students_problem(folder: Path) -> None:
    der = bytearray(certificate().public_bytes(Encoding.DER))
    der[der.index(bytes.fromhex("a003020102")) + 4] = 9
    pem = f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(der).decode()}\n-----END CERTIFICATE-----\n"
    (folder / "certificate.pem.crt").write_text(pem, encoding="utf-8")

    assert_students_problem(read(folder).certificate_sha256, "no readable certificate")
