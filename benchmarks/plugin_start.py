"""What kitbench adds to every pytest session: CPU seconds of one trivial test, with the plugin and without.

Usage: `python benchmarks/plugin_start.py [--rounds 7]`. Ends with status 1 when it adds more than a tenth.
The two take turns and each one's quietest session counts, as other processes only ever add. Both have their byte code
at hand, as from the second session on everybody has: PYTHONDONTWRITEBYTECODE would let each compile the lot.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

MOST = 1.10
WAYS = {"with kitbench": (), "-p no:kitbench": ("-p", "no:kitbench")}


def session_seconds(folder: str, options: tuple[str, ...]) -> float:
    """Return the processor time of one session in a process of its own."""
    before = os.times()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "byte_code")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, *options, folder]
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> int:
    """Print the seconds of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    best = dict.fromkeys(WAYS, float("inf"))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test_it.py").write_text("def test_it(): assert 1 + 1 == 2\n")
        for _ in range(1 + rounds):  # the first writes the byte code, and is no one's quietest
            for way, options in WAYS.items():
                best[way] = min(best[way], session_seconds(folder, options))
    for way, seconds in best.items():
        print(f"{way:<16}{seconds:6.2f} s CPU")
    ratio = best["with kitbench"] / best["-p no:kitbench"]
    print(f"ratio           {ratio:6.2f} (at most {MOST:.2f})")
    return ratio > MOST


if __name__ == "__main__":
    raise SystemExit(main())
