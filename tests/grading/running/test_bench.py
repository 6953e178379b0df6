"""The bench as the grader sees it: commands that write JSON, late, wrong, or not at all."""

import json
import re
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from grading.judgement import Outcome
from grading.marking.run_report import RunReport
from grading.running.bench import Claim, CommandLineBench, Progress, _audit_box, find_suite
from grading.running.child_process import child_environment
from grading.variant import Variant
from kitbench.confinement.confined_process import Limits
from kitbench.confinement.python_process import python
from kitbench.errors import BenchError, Fault, KitError
from tests.grading.marking.test_audit_verdict import verdict
from tests.grading.marking.test_run_report import table
from tests.grading.synthetic import check, report
from tests.kitbench.forensics.layout.test_storage import little_fs
from tests.optional_part import LINUX

#: A suite that takes the bench's options and does what its test says.
SUITE = """
def pytest_addoption(parser):
    for name in ("--kit", "--cloud", "--project", "--variant", "--run-report", "--evidence", "--budget"):
        try:
            parser.addoption(name)
        except ValueError:
            pass
"""

NO_CLAIM = Claim(certificate=None, endpoint="a1-ats.iot.eu-central-1.amazonaws.com", project=None)
SLEEP = "__import__('time').sleep(600)"
#: Ends the whole process while pytest still collects, before anything can be reported.
DIE = "pass\nimport os, pathlib\npathlib.Path(__file__).with_name('died').touch()\nos._exit(0)"


def bench(suite: Path, *, timeout_s: float = 280.0, stop: threading.Event | None = None) -> CommandLineBench:
    return CommandLineBench(
        kit="virtual", cloud="local", budget=100, suite=suite, stop=stop or threading.Event(), suite_timeout_s=timeout_s
    )


@pytest.fixture(name="suite")
def _suite(tmp_path: Path) -> Path:
    """A stand-in for the suite: a module that pytest runs in a process of its own."""
    (tmp_path / "CMakeLists.txt").touch()  # the project of most tests
    folder = tmp_path / "suite"
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    criterion\n    hardware\n", encoding="utf-8")
    (folder / "conftest.py").write_text(SUITE, encoding="utf-8")
    return folder


def run(suite: Path, tmp_path: Path, test: str, *, project: Path | None = None, **options: object) -> object:
    (suite / "test_kit.py").write_text(
        f"import pytest\n@pytest.mark.hardware\n@pytest.mark.criterion('builds')\ndef test_kit():\n    {test}\n",
        encoding="utf-8",
    )
    evidence = tmp_path / "evidence"
    evidence.mkdir(exist_ok=True)
    kit = bench(suite, **options)  # type: ignore[arg-type]  # passed on
    return kit.run_suite(project or tmp_path, Variant.EMBEDDED_KEY, evidence, lambda _stage: None)


def test_no_suite_is_started_for_what_is_no_project(suite: Path, tmp_path: Path) -> None:
    (tmp_path / "CMakeLists.txt").unlink()

    with pytest.raises(KitError, match=r"the project has no CMakeLists\.txt"):
        run(suite, tmp_path, SLEEP, timeout_s=1)


@pytest.mark.parametrize("name", ["platformio.ini", "Makefile"])
def test_suite_is_started_for_what_others_than_cmake_build(suite: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "CMakeLists.txt").rename(tmp_path / name)

    run(suite, tmp_path, "pass")

    assert (tmp_path / "evidence" / "pytest.log").is_file()


def test_suite_that_hangs_is_ended_and_the_benchs_fault(suite: Path, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"did not end within 1 s"):
        run(suite, tmp_path, SLEEP, timeout_s=1)


def test_serial_line_that_pytest_captured_is_not_in_its_log(suite: Path, tmp_path: Path) -> None:
    run(suite, tmp_path, "print('printed by ' + 'the kit')\n    assert 0, 'it says ' + 'why'")

    log = (tmp_path / "evidence" / "pytest.log").read_text(encoding="utf-8")
    assert "it says why" in log
    assert "printed by the kit" not in log


def test_suite_that_writes_no_report_is_the_benchs_fault(suite: Path, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="wrote no run report"):
        run(suite, tmp_path, DIE)

    assert (suite / "died").exists()  # it came as far as that


def test_interrupted_suite_says_so(suite: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()

    with pytest.raises(BenchError, match="interrupted"):
        run(suite, tmp_path, SLEEP, stop=stop)


def test_old_report_is_not_taken_for_a_new_one(suite: Path, tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "run_report.json").write_text(json.dumps(table()), encoding="utf-8")

    with pytest.raises(BenchError, match="wrote no run report"):
        run(suite, tmp_path, DIE)

    assert (suite / "died").exists()


def test_pytest_settings_in_a_students_project_are_not_read(suite: Path, tmp_path: Path) -> None:
    evil = f"import pathlib\npathlib.Path({str(tmp_path / 'broken_out')!r}).touch()\n"
    project = tmp_path / "submission" / "project"
    project.mkdir(parents=True)
    (project / "CMakeLists.txt").touch()
    (suite / "pytest.ini").unlink()  # as in an installed wheel: pytest goes on looking
    for name in ("evil.py", "conftest.py", "sitecustomize.py", "colorsys.py"):
        (project / name).write_text(evil, encoding="utf-8")
    (project / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = -p evil\n", encoding="utf-8")

    with pytest.raises(BenchError, match="wrote no run report"):
        run(
            suite,
            tmp_path,
            f"pass\nimport colorsys  # of the standard library\n{DIE.removeprefix('pass')}",
            project=project,
        )

    assert (suite / "died").exists()
    assert not (tmp_path / "broken_out").exists()


def test_pytest_plugins_that_happen_to_be_installed_are_not_loaded(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "was_loaded"
    installed = tmp_path / "installed"
    metadata = installed / "shuffler-1.dist-info"
    metadata.mkdir(parents=True)
    (installed / "shuffler.py").write_text(f"import pathlib\npathlib.Path({str(trace)!r}).touch()\n", encoding="utf-8")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: shuffler\nVersion: 1\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text("[pytest11]\nshuffler = shuffler\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(installed))

    with pytest.raises(BenchError, match="wrote no run report"):
        run(suite, tmp_path, DIE)

    assert not trace.exists()
    subprocess.run(
        python("-m", "pytest", "--markers"), cwd=suite, env=child_environment(), check=True, capture_output=True
    )
    assert trace.exists(), "the control: any other pytest loads it"


def test_audit_of_what_is_no_dump_gives_no_pass(tmp_path: Path) -> None:
    dump = tmp_path / "flash.bin"
    dump.write_bytes(b"\xff" * (1 << 20))
    evidence = tmp_path / "evidence"
    evidence.mkdir()

    judged = bench(tmp_path).audit(dump, NO_CLAIM, evidence)

    assert judged.outcome == "cannot_judge"


def test_old_verdict_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "verdict.json").write_text(verdict(), encoding="utf-8")

    with pytest.raises(BenchError, match=r"the audit wrote no verdict: .*nowhere"):
        bench(tmp_path).audit(tmp_path / "nowhere.bin", NO_CLAIM, tmp_path)


def on_kit(
    _bench: CommandLineBench, kit: str, _project: Path, variant: Variant, evidence: Path, _progress: Progress
) -> RunReport:
    """Stand in for a run: the virtual kit lacks C++, every other kit passes."""
    (evidence / f"{kit}.log").touch()
    if kit != "virtual":
        return report(variant, kit={"kind": kit})
    gap = check("builds", "connects", variant, outcome=Outcome.NOT_GRADED, fault=Fault.BENCH, reason="no", lacks="C++")
    return report(variant, gap, kit={"kind": kit})


@pytest.mark.parametrize(
    ("kits", "judged_by"),
    [("virtual", "virtual"), ("virtual,red,blue", "red,blue"), ("red,virtual", "red"), ("virtual,qemu,red", "qemu")],
)
def test_project_goes_to_the_next_kit_that_can_serve_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kits: str, judged_by: str
) -> None:
    monkeypatch.setattr(CommandLineBench, "_run_suite_on", on_kit)
    (tmp_path / "evidence").mkdir()
    (tmp_path / "CMakeLists.txt").touch()
    pool = replace(bench(tmp_path), kit=kits)

    result = pool.run_suite(tmp_path, Variant.EMBEDDED_KEY, tmp_path / "evidence", lambda _stage: None)

    assert result.kit == {"kind": judged_by}
    assert [path.name for path in (tmp_path / "evidence").iterdir()] == [f"{judged_by}.log"]


def test_suite_is_found() -> None:
    assert (find_suite() / "test_boot.py").is_file()


def test_suite_is_told_the_classs_rubric_and_checks(tmp_path: Path) -> None:
    kit = replace(bench(tmp_path / "suite"), rubric=tmp_path / "rubric.toml", own_checks=tmp_path / "checks")

    command = kit._suite_command("virtual", tmp_path, Variant.EMBEDDED_KEY, tmp_path, tmp_path / "report.json")

    assert f"--rubric={tmp_path / 'rubric.toml'}" in command
    assert command.index(str(tmp_path / "checks")) == command.index(str(tmp_path / "suite")) + 1


@LINUX.needed
@pytest.mark.parametrize(
    ("limits", "said"),
    [({"cpu_seconds": 1}, "too much processor time"), ({"memory": 8 << 20}, "too much memory")],
)
def test_limit_that_ended_an_audit_is_told_to_whom_the_dump_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: dict[str, int], said: str
) -> None:
    monkeypatch.setattr(
        "grading.running.bench._AUDIT_LIMITS",
        Limits(0, **{"cpu_seconds": 60, "memory": 1 << 30, **limits}, file_size=1 << 20),
    )
    (tmp_path / "flash.bin").write_bytes(b"\xff" * (1 << 20))

    with pytest.raises(KitError, match=rf"flash\.bin takes {said} to audit"):
        bench(tmp_path).audit(tmp_path / "flash.bin", NO_CLAIM, tmp_path)


def test_file_systems_in_a_dump_are_read_by_a_child_of_the_confined_audit(tmp_path: Path) -> None:
    dump, evidence, script = tmp_path / "flash.bin", tmp_path / "evidence", tmp_path / "script.py"
    dump.write_bytes(little_fs({"key.pem": bytes(9000)}))
    evidence.mkdir()
    script.write_text(
        "from kitbench.forensics.layout import littlefs_reader\n"
        f"print([file.name for file in littlefs_reader.files(open({str(dump)!r}, 'rb').read())])\n",
        encoding="utf-8",
    )
    box = _audit_box([dump], evidence)

    ended = replace(box, limits=replace(box.limits, seconds=60), readable=(*box.readable, script)).run_script(
        script, folder=evidence
    )

    assert ended.output == b"['/key.pem']\n", ended.errors


def test_confined_audit_reads_no_other_file(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    (tmp_path / "secret.bin").write_bytes(bytes(1 << 20))
    link = tmp_path / "flash.bin"
    link.write_bytes(bytes(1 << 20))
    box = _audit_box([link], evidence)

    ended = replace(box, limits=replace(box.limits, seconds=60)).run_module(
        "kitbench", arguments=["audit", str(tmp_path / "secret.bin")], folder=evidence
    )

    assert ended.status == 3
    assert re.search(rb"cannot read \S*secret.bin: (Permission denied|not part of what was handed in)", ended.errors)
