"""How many abuses break out: every abusive kind of `tests/corpus`, graded in several ways, as in docs/verdicts.md.

    python benchmarks/break_outs.py                       all ways; about four minutes each on two cores
    python benchmarks/break_outs.py --way landlock        one way
    python benchmarks/break_outs.py -k project --jobs 4   kinds whose name holds this

The ways: `this` Python; the `system`'s, with this one's packages; this one with `landlock` refused by a filter of
system calls, as on an older kernel or in a container that forbids it; an ordinary `user` (only root can become one,
with the system's Python, as his own may be in root's home). Exit status 1 when anything broke out.
"""

import argparse
import ctypes
import getpass
import json
import os
import platform
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.corpus.hand_in_kinds import ABUSIVE
from tests.corpus.kind import Kind
from tests.corpus.verdict import Verdict, judged

ROOT: Final = Path(__file__).resolve().parents[1]
REFUSES_LANDLOCK: Final = ROOT / "tests" / "kitbench" / "confinement" / "landlock_refused.py"
_NOBODY: Final = "65534"
WAYS: Final = ("this", "system", "landlock", "user")


def main() -> int:
    """Run every way in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--way", action="append", choices=WAYS, help="repeatable; by default all that are possible here"
    )
    parser.add_argument("-k", default="", metavar="TEXT", help="only kinds whose name holds it")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--system-python", default="/usr/bin/python3", metavar="PATH")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    kinds = [kind for kind in ABUSIVE if arguments.k in kind.name]
    if arguments.inside:
        arguments.inside.write_text(json.dumps(attempts(kinds, arguments.jobs)), encoding="utf-8")
        return 0
    ways = arguments.way or [way for way in WAYS if way != "user" or os.getuid() == 0]
    print("| Python | user | Landlock | attempts | break-outs | unexpected marks | grader's peak, MB | CPU s |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    told = [tell(way, arguments) for way in ways]
    return int(any(one["broke_out"] for one in told))


def attempts(kinds: list[Kind], jobs: int) -> dict[str, Any]:
    """Grade the kinds in this process; return what is told of it."""
    began = time.monotonic()

    def done(verdict: Verdict) -> None:
        if verdict.escaped or verdict.errors():
            print(f"{verdict.kind.name}: {verdict.escaped} {verdict.errors()}", file=sys.stderr, flush=True)

    verdicts = judged(kinds, jobs=jobs, done=done)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "python": f"{platform.python_version()} ({sys.base_prefix})",
        "user": getpass.getuser(),
        "landlock": max(ctypes.CDLL(None).syscall(444, None, 0, 1), 0),
        "attempts": len(verdicts),
        "broke_out": [f"{one.kind.name}: {one.escaped}" for one in verdicts if one.escaped],
        "wrong": [one.kind.name for one in verdicts if one.errors()],
        "peak": used[0].ru_maxrss >> 10,
        "cpu": round(sum(one.ru_utime + one.ru_stime for one in used)),
        "seconds": round(time.monotonic() - began),
    }


def tell(way: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Run one way, and print its row."""
    with tempfile.TemporaryDirectory(prefix="kitbench-way-") as folder:
        place = Path(folder)
        place.chmod(0o777)
        answer = place / "answer.json"
        with starter(way, arguments.system_python, place) as start:
            command = [
                *start,
                "-B",
                __file__,
                "--inside",
                str(answer),
                "-k",
                arguments.k,
                "--jobs",
                str(arguments.jobs),
            ]
            subprocess.run(command, cwd=place, env={**os.environ, **surroundings(way, place)}, check=True)
        told: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    landlock = f"version {told['landlock']}" if told["landlock"] else "none"
    print(
        f"| {told['python']} | {told['user']} | {landlock} | {told['attempts']} | {len(told['broke_out'])} "
        f"| {len(told['wrong'])} | {told['peak']} | {told['cpu']} |",
        flush=True,
    )
    return told


def surroundings(way: str, place: Path) -> dict[str, str]:
    """Return what an ordinary user has of his own."""
    if way != "user":
        return {}
    own = {name: place / name for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME")}
    for folder in own.values():
        folder.mkdir()
        folder.chmod(0o777)
    return {name: str(folder) for name, folder in own.items()} | {"USER": "nobody", "LOGNAME": "nobody"}


@contextmanager
def starter(way: str, system_python: str, place: Path) -> Iterator[list[str]]:
    """Yield what a command begins with that runs Python in a way."""
    if way == "this":
        yield [sys.executable]
    elif way == "landlock":
        yield [sys.executable, "-I", "-S", str(REFUSES_LANDLOCK), sys.executable]
    else:
        become = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"] if way == "user" else []
        yield [*become, str(environment_of(system_python, place / "environment"))]


def environment_of(system_python: str, folder: Path) -> Path:
    """Make an environment of another Python that sees this one's packages; return its program."""
    subprocess.run([system_python, "-m", "venv", "--without-pip", str(folder)], check=True)
    program = folder / "bin" / "python"
    where = "import sysconfig; print(sysconfig.get_path('purelib'), sysconfig.get_python_version())"
    packages, version = subprocess.run(
        [program, "-c", where], capture_output=True, text=True, check=True
    ).stdout.split()
    if version != sysconfig.get_python_version():
        raise SystemExit(f"{system_python} is Python {version}: its packages are others than this one's")
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(ROOT)}
    Path(packages, "these.pth").write_text("".join(f"{path}\n" for path in sorted(paths)), encoding="utf-8")
    return program


if __name__ == "__main__":
    sys.exit(main())
