"""Writes the folder that is uploaded to Gradescope as an autograder."""

import csv
import io
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.errors import BenchError, UsageError
from kitbench.witness.bench_key import FOLDER as KEYS_FOLDER

from ..hand_in.class_folder import CHECKS_FOLDER, ROSTER_FILE, TEMPLATE_FOLDER
from ..roster import RosterEntry

SETTINGS_FILE: Final = "autograder.json"
CLASS_FOLDER: Final = "class"
RUBRIC_FILE: Final = "rubric.toml"
GRADER_KEY_FILE: Final = "grader-key.txt"
WHEELS: Final = "kitbench-*.whl"

#: What Gradescope runs: once for the image, and for each submission.
SCRIPTS: Final = ("setup.sh", "run_autograder")
_SCRIPTS_FOLDER: Final = Path(__file__).parent / "scripts"


@dataclass(frozen=True, slots=True)
class Autograder:
    """What an autograder consists of.

    Attributes:
        rubric: the rubric's text.
        checks: on-kit checks of the class's own, None for none.
        template: the project that was handed out, None for the reference project.
        bench_keys: the folder of public keys that are trusted, None for none.
        grader_key: opens bundles; None where students hand in none.
        wheel: of kitbench.
        settings: options of the run.
    """

    roster: tuple[RosterEntry, ...]
    rubric: str
    checks: Path | None
    template: Path | None
    bench_keys: Path | None
    grader_key: Path | None
    wheel: Path
    settings: dict[str, Any]

    def write(self, folder: Path) -> None:
        """Write the autograder into a folder that is not there, or empty.

        Raises:
            UsageError: it holds something.
            BenchError: it cannot be written.
        """
        try:
            if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                raise UsageError(f"{folder} holds other things", stage="autograder", fix="name a folder of its own")
            class_folder = folder / CLASS_FOLDER
            class_folder.mkdir(mode=0o700, parents=True)
            self._write_scripts(folder)
            (folder / SETTINGS_FILE).write_text(json.dumps(self.settings, indent=1) + "\n", encoding="utf-8")
            (class_folder / ROSTER_FILE).write_text(roster_text(self.roster), encoding="utf-8")
            (class_folder / RUBRIC_FILE).write_text(self.rubric, encoding="utf-8")
            shutil.copy(self.wheel, folder)
            self._copy_folders(class_folder)
            if self.grader_key is not None:
                (folder / GRADER_KEY_FILE).touch(mode=0o600)
                (folder / GRADER_KEY_FILE).write_bytes(self.grader_key.read_bytes())
        except OSError as error:
            raise BenchError(f"cannot write {folder}: {error}", stage="autograder") from error

    def _write_scripts(self, folder: Path) -> None:
        for name in SCRIPTS:
            shutil.copyfile(_SCRIPTS_FOLDER / name, folder / name)
            (folder / name).chmod(0o755)

    def _copy_folders(self, class_folder: Path) -> None:
        skip = shutil.ignore_patterns("__pycache__", "build", ".git", "*.pem", "*.key")
        for source, name in ((self.checks, CHECKS_FOLDER), (self.template, TEMPLATE_FOLDER)):
            if source is not None:
                shutil.copytree(source, class_folder / name, ignore=skip)
        if self.bench_keys is not None:
            (class_folder / KEYS_FOLDER).mkdir()
            for key in sorted(self.bench_keys.glob("*.pub")):
                shutil.copy(key, class_folder / KEYS_FOLDER)


def roster_text(roster: Iterable[RosterEntry]) -> str:
    """Return a roster with what finds and judges a submission; names stay at home."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "endpoint", "certificate_sha256", "certificate_sha256_atecc608a", "email"])
    for one in roster:
        writer.writerow(
            [one.id, one.endpoint, one.certificate_sha256, one.certificate_sha256_atecc608a, one.person.email]
        )
    return text.getvalue()


def find_wheel(given: Path | None) -> Path:
    """Return the wheel that is installed in the container: the one that was named, or the only one in `dist/`.

    Raises:
        UsageError: there is none, or more than one.
    """
    found = [given] if given is not None else sorted(Path("dist").glob(WHEELS))
    if len(found) != 1 or not found[0].is_file() or not found[0].match(WHEELS):
        problem = (
            f"{found[0]} is no wheel of kitbench" if len(found) == 1 else f"dist/ has {len(found)} wheels of kitbench"
        )
        raise UsageError(problem, stage="autograder", fix="build one (uv build --wheel), and name it with --wheel")
    return found[0]
