"""Ctrl-C in the middle of a class run: nothing is left running, and the report says what is not graded."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from grading.running.interruption import interruptible
from tests.grading.handed_in import certificate_sha256, hand_in
from tests.grading.synthetic import ENDPOINT


def test_first_signal_interrupts_and_the_second_does_not() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with interruptible():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)

    assert signal.getsignal(signal.SIGTERM) is before


def test_thread_changes_no_signals() -> None:
    seen: list[object] = []

    def look() -> None:
        with interruptible():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [signal.getsignal(signal.SIGTERM)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_command_writes_its_report_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "class"
    hand_in(folder / "submissions" / "s01")
    row = f"s01,{ENDPOINT},{certificate_sha256()}\n"
    (folder / "roster.csv").write_text(f"id,endpoint,certificate_sha256\n{row}", encoding="utf-8")
    private = tmp_path / "private"
    private.mkdir()
    command = [sys.executable, "-m", "kitbench", "grade", str(folder), "--output", str(tmp_path / "grades")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(private)})
    assert process.stdout is not None
    for line in process.stdout:
        if "audit" in line:
            break

    process.send_signal(number)
    printed = process.stdout.read()
    status = process.wait(timeout=60)
    process.stdout.close()

    assert status == 2
    assert "not graded" in printed
    assert "not graded" in (tmp_path / "grades" / "grades.csv").read_text(encoding="utf-8")
    assert not [path for path in private.iterdir() if path.name.startswith("kitbench-grading-")]
