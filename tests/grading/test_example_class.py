"""Each submission of the example class gets the marks that the rubric's text gives, with the reason; end to end.

Virtual kits, a local IoT core, real builds, dumps and audits: minutes, not seconds.
"""

import csv
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLASS = ROOT / "grading" / "example_class"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

#: What firmware that never calls the cloud is told.
DID_NOT_CONNECT = (
    r"^the kit did not connect, its last line was ['\"].+['\"]; the cloud did not see \S+ connected within \d+ s; "
    r"what came instead: nothing \(see serial\.log and cloud_messages\.jsonl\)$"
)
BOOT_LOOP = r"^the kit is in a boot loop: it panicked \d+ times: .*StoreProhibited.* in app_main \(see serial\.log\)$"
READS_FILES = r"the project does not build: main/reads_files\.c:\d+: .*hostname"

#: Per student: points, and the reason for each criterion that is lost.
EXPECTED: dict[str, tuple[str, dict[str, str]]] = {
    "s01": ("5", {}),
    "s02": (
        "3",
        {"endpoint": r"answers\.toml says 'data\.iot\.\S+', but the roster's endpoint is 'a\w+-ats\.iot"},
    ),
    "s03": ("2", {"connects": DID_NOT_CONNECT, "traffic": DID_NOT_CONNECT}),
    "s04": (
        "3",
        {"traffic": r"message number \d+ on \S+ did not arrive in the cloud within \d+ s; .*\(see serial\.log"},
    ),
    "s05": ("3", {"traffic": r"too many messages: stopped at \d+ of \d+ .*see serial\.log and cloud_messages\.jsonl"}),
    "s06": ("4", {"secure_element": r"flash_atecc608a\.bin holds a private key at 0x\w+ \(factory \+ 0x\w+\)"}),
    "s07": (
        "2",
        {
            "endpoint": r"flash\.bin does not carry the roster's endpoint a\w+-ats\.iot",
            "security_analysis": r"does not hold the private key of the registered certificate; what it holds at 0x",
        },
    ),
    "s08": (
        "2",
        {
            "endpoint": r"flash\.bin does not carry the roster's endpoint a\w+-ats\.iot",
            "security_analysis": r"certificate\.pem\.crt is not the certificate registered for s08",
        },
    ),
    "s09": (
        "2",
        {
            "endpoint": r"flash\.bin holds a\w+-ats\.\S+ only where no build puts it: .*app image that fails its check",
            "security_analysis": r"flash\.bin is not .*: .*the app image fails its checksum or SHA-256",
        },
    ),
    "s10": (
        "2",
        {
            "connects": r"the project does not build: main/does_not_compile\.c:6: expected ';' after expression",
            "traffic": r"the project does not build: main/does_not_compile\.c:6: expected ';' after expression",
        },
    ),
    "s11": (
        "2",
        {"connects": READS_FILES, "traffic": READS_FILES},
    ),
}
#: The same for those that loop for ever.
SLOW_EXPECTED: dict[str, tuple[str, dict[str, str]]] = {
    "s21": ("2", {"connects": DID_NOT_CONNECT, "traffic": DID_NOT_CONNECT}),
    "s22": ("2", {"connects": BOOT_LOOP, "traffic": BOOT_LOOP}),
}


@dataclass(frozen=True)
class Graded:
    """A class that was graded: the exit status, what was printed, where the results are."""

    status: int
    printed: str
    output: Path

    def results(self, student: str) -> dict[str, dict[str, object]]:
        """Return a student's tests in results.json by criterion."""
        path = self.output / "submissions" / student / "results.json"
        tests = json.loads(path.read_text(encoding="utf-8"))["tests"]
        return {test["tags"][0]: test for test in tests}

    def row(self, student: str) -> dict[str, str]:
        """Return a student's row of the gradebook."""
        with (self.output / "grades.csv").open(encoding="utf-8", newline="") as file:
            return next(row for row in csv.DictReader(file) if row["id"] == student)


def grade(folder: Path, output: Path) -> Graded:
    command = [sys.executable, "-m", "kitbench", "grade", str(folder), "--output", str(output)]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1400, check=False)
    return Graded(finished.returncode, finished.stdout + finished.stderr, output)


@pytest.fixture(name="example", scope="module")
def _example(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The example class, graded as `make grade` does."""
    return grade(CLASS, tmp_path_factory.mktemp("example") / "grades")


@pytest.fixture(name="slow_example", scope="module")
def _slow_example(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The students that would only make the example class slow."""
    folder = tmp_path_factory.mktemp("slow")
    command = [sys.executable, str(CLASS / "generate.py"), "--slow", "--output", str(folder / "class")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=600)
    return grade(folder / "class", folder / "grades")


def assert_marks(graded: Graded, student: str, points: str, lost: dict[str, str]) -> None:
    """Assert points, which criteria are lost, and the reason of each."""
    tests = graded.results(student)
    failed = {criterion for criterion, test in tests.items() if test.get("status") != "passed"}
    unclaimed = {"secure_element"} if "not claimed" in str(tests["secure_element"]["output"]) else set()
    assert failed - unclaimed == set(lost), graded.row(student)["reasons"]
    assert graded.row(student)["points"] == points
    for criterion, reason in lost.items():
        assert re.search(reason, str(tests[criterion]["output"])), tests[criterion]["output"]


#: What the virtual kit lacks costs nobody a point, and waits for another kit.
SERVO = (
    r"^not graded: the virtual kit lacks header driver/mcpwm_prelude\.h \(component driver\) \(main/servo\.c:2\) — "
    r"a real kit grades it"
)


def test_everything_is_graded_but_what_the_virtual_kit_lacks(example: Graded) -> None:
    not_graded = {student for student in [*EXPECTED, "s12"] if example.row(student)["status"] != "graded"}

    assert not_graded == {"s12"}, example.printed[-3000:]
    assert example.status == 2
    assert "the kit's stand-in lacks header driver/mcpwm_prelude.h (component driver): s12" in example.printed


def test_gap_of_the_virtual_kit_is_told_to_student_and_instructor(example: Graded) -> None:
    assert_marks(example, "s12", "not graded", {"connects": SERVO, "traffic": SERVO})
    class_page = (example.output / "index.html").read_text(encoding="utf-8")
    assert "<b>1</b> not graded for gaps of the kit's stand-in" in class_page.replace("&#39;", "'")
    assert "header driver/mcpwm_prelude.h (component driver)" in class_page
    page = (example.output / "submissions" / "s12" / "index.html").read_text(encoding="utf-8")
    assert "a gap of the bench: no points are lost" in page


@pytest.mark.parametrize("student", EXPECTED)
def test_student_gets_the_marks_that_the_rubric_gives(example: Graded, student: str) -> None:
    points, lost = EXPECTED[student]

    assert_marks(example, student, points, lost)


@pytest.mark.parametrize("student", SLOW_EXPECTED)
def test_student_who_loops_for_ever_costs_the_class_nothing(slow_example: Graded, student: str) -> None:
    points, lost = SLOW_EXPECTED[student]

    assert slow_example.status == 0, slow_example.printed[-3000:]
    assert_marks(slow_example, student, points, lost)


def test_evidence_is_there_for_each_run_and_each_dump(example: Graded) -> None:
    folder = example.output / "submissions" / "s01"

    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}

    assert names >= {
        "index.html",
        "results.json",
        "evidence/embedded_key-attempt-1/serial.log",
        "evidence/embedded_key-attempt-1/cloud_messages.jsonl",
        "evidence/embedded_key-attempt-1/run_report.json",
        "evidence/atecc608a-attempt-1/run_report.json",
        "evidence/audit-embedded_key/verdict.json",
        "evidence/audit-embedded_key/flash_map.png",
        "evidence/audit-atecc608a/verdict.json",
    }
    assert "data:image/png;base64," in (folder / "index.html").read_text(encoding="utf-8")


def test_results_hold_no_private_key_and_no_dump(example: Graded) -> None:
    marker = b"PRIVATE " + b"KEY-----"

    for path in example.output.rglob("*"):
        if path.is_file():
            assert path.stat().st_size < 3 << 20, path
            assert path.suffix in {".html", ".csv", ".json", ".jsonl", ".log", ".png", ".svg", ".toml", ""}, path
            assert not re.search(rb"-----BEGIN [A-Z ]*" + marker + rb"\s+[A-Za-z0-9+/]{20}", path.read_bytes()), path
