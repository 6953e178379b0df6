"""On-kit runs seen from outside: exit codes, one line that says what to type, a report that fails closed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kitbench.virtual_kit.kit import VirtualKit

HARDWARE = "import pytest\n@pytest.mark.hardware\n@pytest.mark.criterion('connects')\n"
QUIET = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:pytest_embedded", "-c", os.devnull]
#: A conftest.py on a machine with one serial port.
ATTACHED = """
from kitbench.kit.serial_port import AttachedPort
from kitbench.bench.kits import kit_choice
kit_choice.attached_ports = lambda: [AttachedPort("{port}", "CP210x")]
"""
HERE = ["--kit", "rfc2217://127.0.0.1:9", "--cloud", "local"]


def run_pytest(folder: Path, source: str, *arguments: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Run pytest in a process of its own on one test file; return what it said and its run report."""
    (folder / "test_it.py").write_text(source, encoding="utf-8")
    report = folder / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *QUIET, "--rootdir", str(folder), "--run-report", str(report), *arguments],
        cwd=folder,
        env=os.environ | {"XDG_RUNTIME_DIR": str(folder)},  # locks of its own: others run on the same port meanwhile
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    return done, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}


def test_no_cloud_chosen_is_exit_4_and_one_line(tmp_path: Path) -> None:
    done, _ = run_pytest(tmp_path, HARDWARE + "def test_it(): pass", "--kit", "virtual")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert done.stderr.strip().count("\n") == 0
    assert "--cloud local" in done.stderr


def test_no_kit_attached_is_exit_4_and_never_a_virtual_one(tmp_path: Path) -> None:
    done, _ = run_pytest(tmp_path, HARDWARE + "def test_it(): pass", "--cloud", "local")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--kit virtual" in done.stderr


@pytest.mark.parametrize("kit", ["/dev/no-such-port", "COM99", "no-such-name"])
def test_port_that_is_not_there_is_exit_4_and_one_line(tmp_path: Path, kit: str) -> None:
    done, report = run_pytest(tmp_path, HARDWARE + "def test_it(): pass", "--kit", kit, "--cloud", "local")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert done.stderr.strip().count("\n") == 0
    assert f"there is no {kit} (seen: " in done.stderr
    assert not report


def test_cloud_may_come_from_the_bench_file(tmp_path: Path) -> None:
    (tmp_path / "bench.toml").write_text("[bench]\ncloud = 'local'\nkit = 'rfc2217://127.0.0.1:9'\n", encoding="utf-8")

    done, report = run_pytest(tmp_path, HARDWARE + "def test_it(): pass")

    assert done.returncode == pytest.ExitCode.OK
    assert report["complete"] is True


def test_broken_bench_file_is_exit_4(tmp_path: Path) -> None:
    (tmp_path / "bench.toml").write_text("[bench\n", encoding="utf-8")

    done, _ = run_pytest(tmp_path, HARDWARE + "def test_it(): pass", *HERE)

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "bench.toml" in done.stderr


def test_students_fault_fails_the_check(tmp_path: Path) -> None:
    source = (
        HARDWARE + "def test_it():\n    from kitbench.errors import KitError\n    raise KitError('crash', stage='boot')"
    )

    done, report = run_pytest(tmp_path, source, *HERE)

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert [(c["name"], c["criterion"], c["outcome"], c["fault"], c["stage"]) for c in report["checks"]] == [
        ("it", "connects", "failed", "student", "boot")
    ]


def test_cost_is_told_before_a_run_on_aws_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "not used")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    kit = ("--kit", "rfc2217://127.0.0.1:9", "-v")

    aws, _ = run_pytest(tmp_path, HARDWARE + "def test_it(): pass", *kit, "--cloud", "aws", "--budget", "70")
    local, _ = run_pytest(tmp_path, HARDWARE + "def test_it(): pass", *kit, "--cloud", "local")

    assert "costs 70 messages at most" in aws.stdout
    assert "messages at most" not in local.stdout


CRASH = """
import pytest
from types import SimpleNamespace
from kitbench.bench.kits.kit_crash import KitCrash
from kitbench.pytest_plugin.on_kit_run import RUN_KEY
@pytest.fixture(autouse=True)
def crash(request):
    panic = KitCrash('the kit panicked: abort() was called, in read_sensor', '  0x400d0110 read_sensor')
    kit = SimpleNamespace(put_away=lambda: None, core_dump=lambda: '', crash=lambda: panic)
    kit.lacks, kit.forget_gaps = lambda: '', lambda: None
    with request.config.stash[RUN_KEY].live.with_kit(kit):
        yield
"""


@pytest.mark.parametrize("error", ["KitError('nothing came', stage='cloud')", "AssertionError('nothing came')"])
def test_crash_of_the_kit_is_told_with_the_error_that_it_caused(tmp_path: Path, error: str) -> None:
    source = f"{CRASH}{HARDWARE}def test_it():\n    from kitbench.errors import KitError\n    raise {error}"

    done, report = run_pytest(tmp_path, source, *HERE)

    assert "the kit panicked: abort() was called, in read_sensor; nothing came" in report["checks"][0]["reason"]
    assert "0x400d0110 read_sensor" in done.stdout


def test_crash_of_the_kit_excuses_and_accuses_nobody_of_another_fault(tmp_path: Path) -> None:
    source = f"{CRASH}{HARDWARE}def test_a(): pass\n{HARDWARE}def test_b(): raise OSError('port gone')"

    _, report = run_pytest(tmp_path, source, *HERE)

    assert [check["outcome"] for check in report["checks"]] == ["passed", "not_graded"]
    assert "panicked" not in report["checks"][1]["reason"]


PRINTED_KEY = """
import pytest
from pathlib import Path
from kitbench.pytest_plugin import fixture_bodies
from kitbench.pytest_plugin.on_kit_run import RUN_KEY
@pytest.fixture(autouse=True)
def guarded(request, tmp_path):
    evidence = fixture_bodies.evidence(request.config.stash[RUN_KEY], tmp_path)
    evidence.guard([path.read_bytes() for path in Path(__file__).parent.glob('*.pem')])
"""


@pytest.mark.parametrize("is_known", [True, False])
def test_key_that_firmware_printed_is_in_no_reason_and_not_in_what_is_shown(tmp_path: Path, *, is_known: bool) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    if is_known:
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / "key.pem").write_bytes(pem)
    digits = f"{key.private_numbers().private_value:064x}"
    reads = "(Path(__file__).parent / 'serial.log').read_text()"
    (tmp_path / "serial.log").write_text(digits, encoding="utf-8")
    test = f"def test_it():\n    line = {reads}\n    print(line)\n    pytest.fail(f'its last line was {{line!r}}')"

    done, report = run_pytest(tmp_path, f"{PRINTED_KEY}{HARDWARE}{test}", *HERE)

    assert "its last line was '" in report["checks"][0]["reason"]
    assert (digits in json.dumps(report)) is not is_known
    assert (digits in done.stdout) is not is_known


def test_bench_fault_is_not_graded(tmp_path: Path) -> None:
    done, report = run_pytest(tmp_path, HARDWARE + "def test_it(): raise OSError('port gone')", *HERE)

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert report["checks"][0]["outcome"] == "not_graded"
    assert "port gone" in report["checks"][0]["reason"]


CLAIMS = """
import threading
import unittest
from types import SimpleNamespace
import pytest
from kitbench.pytest_plugin.on_kit_run import blame_for
@pytest.fixture
def broken(request):
    raise AssertionError('who?')
@pytest.fixture
def ends_badly():
    yield
    raise AssertionError('who?')
def helper():
    raise AssertionError('who?')
"""
#: What fails, and whether the test itself claims it of the kit.
FAILURES = {
    "helper()": True,
    "unittest.TestCase().assertTrue(False, 'who?')": True,
    "pytest.fail('who?')": True,
    "request.getfixturevalue('broken')": False,
    "request.getfixturevalue('ends_badly')": False,
    "blame_for(None, SimpleNamespace(excinfo=None))": False,  # asserts inside of kitbench
    "threading.Thread.__new__(threading.Thread).is_alive()": False,  # and inside of a library
}


def test_assertion_is_the_kits_only_where_the_test_claims_it(tmp_path: Path) -> None:
    tests = [f"{HARDWARE}def test_{n}(request):\n    {failure}\n" for n, failure in enumerate(FAILURES)]

    _, report = run_pytest(tmp_path, CLAIMS + "".join(tests), *HERE)

    owners = [(check["outcome"], check["fault"]) for check in report["checks"]]
    assert owners == [("failed", "student") if claim else ("not_graded", "bench") for claim in FAILURES.values()]


def test_everything_skipped_is_no_success(tmp_path: Path) -> None:
    done, report = run_pytest(tmp_path, HARDWARE + "def test_it(): pytest.skip('nothing to see')", *HERE)

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert report["checks"][0]["outcome"] == "not_graded"


def test_a_run_that_dies_leaves_an_incomplete_report(tmp_path: Path) -> None:
    source = HARDWARE + "def test_a(): pass\n" + HARDWARE + "def test_b():\n    import os\n    os._exit(9)"

    done, report = run_pytest(tmp_path, source, *HERE)

    assert done.returncode == 9
    assert report["complete"] is False
    assert [c["name"] for c in report["checks"]] == ["a"]


def test_sigterm_ends_a_run_in_good_order_also_where_the_shell_had_sigint_ignored(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n")
    source = HARDWARE + "def test_it():\n    import os, signal, time\n    os.kill(os.getpid(), signal.SIGTERM)\n"

    done, report = run_pytest(tmp_path, source + "    time.sleep(30)\n", *HERE)

    assert done.returncode == pytest.ExitCode.INTERRUPTED, done.stdout
    assert (report["complete"], report["exit_status"]) == (False, pytest.ExitCode.INTERRUPTED)


def test_ordinary_tests_need_no_kit(tmp_path: Path) -> None:
    done, report = run_pytest(tmp_path, "def test_it(): pass")

    assert done.returncode == pytest.ExitCode.OK
    assert report == {}


@pytest.mark.parametrize("is_a_kit", [True, False])
def test_kit_that_nobody_named_has_to_be_one(tmp_path: Path, *, is_a_kit: bool) -> None:
    """A USB bridge alone is none: exit 4, one line, and nothing is run."""
    with VirtualKit() as kit:
        port = kit.url if is_a_kit else "rfc2217://127.0.0.1:9"
        (tmp_path / "conftest.py").write_text(ATTACHED.format(port=port), encoding="utf-8")

        done, report = run_pytest(tmp_path, HARDWARE + "def test_it(): pass", "--kit", "auto", "--cloud", "local")

    if is_a_kit:
        assert done.returncode == pytest.ExitCode.OK, done.stderr
    else:
        assert done.returncode == pytest.ExitCode.USAGE_ERROR
        assert done.stderr.strip().count("\n") == 0
        assert "no kit answers on rfc2217://127.0.0.1:9" in done.stderr
        assert not report
