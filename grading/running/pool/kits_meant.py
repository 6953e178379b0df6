"""Which kits a list means, asked of the bench: `all`, names of `bench.toml`, ports."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.confinement.python_process import python
from kitbench.errors import BenchError, UsageError
from kitbench.kit_list import STAND_INS, stages

from ...judgement import one_line
from ..child_process import child_environment

_WITHIN_S: Final = 60.0
_USAGE: Final = 3


@dataclass(frozen=True, slots=True)
class KitsMeant:
    """The attached kits of a list.

    Attributes:
        names: each as `--kit` takes it.
        missing: those of the list that are not there.
        kind: of all of them: `attached`, or `virtual` for those that somebody started as such.
    """

    names: tuple[str, ...]
    missing: tuple[str, ...]
    kind: str


def attached_kits(kits: str, bench: Path | None = None) -> KitsMeant | None:
    """Return the attached kits that a list means, None where it has none but stand-ins.

    Raises:
        UsageError: a name is nobody's, a kit stands there twice, or they are not alike.
        BenchError: the bench does not say.
    """
    attached = [stage for stage in stages(kits) if stage not in STAND_INS]
    if not attached:
        return None
    arguments = ["kits", "list", "--kit", ",".join(attached), "--json", *(["--bench", str(bench)] if bench else [])]
    try:
        command = python("-m", "kitbench", *arguments)
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_WITHIN_S, check=False, env=child_environment()
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BenchError("cannot ask which kits there are", stage="start") from error
    if done.returncode:
        said = one_line((done.stderr.strip().splitlines() or ["no message"])[-1])
        kind = UsageError if done.returncode == _USAGE else BenchError
        raise kind(said.removeprefix("kitbench: kit: ").rpartition(" [")[0] or said, stage="kit")
    return _parted(json.loads(done.stdout))


def _parted(listed: list[dict[str, Any]]) -> KitsMeant:
    """Return the kits that are there, and the others.

    Raises:
        UsageError: none is there, or they are of several kinds.
    """
    there = [one for one in listed if one["is_there"]]
    missing = tuple(str(one["name"]) for one in listed if not one["is_there"])
    if not there:
        raise UsageError(f"there is no {' and no '.join(missing)}", stage="kit", fix="kitbench kits scan --write")
    kinds = {str(one["kind"]) for one in there}
    if len(kinds) > 1:
        fix = "grade with one kind after the other"
        raise UsageError(f"the kits are not alike: {', '.join(sorted(kinds))}", stage="kit", fix=fix)
    return KitsMeant(tuple(str(one["name"]) for one in there), missing, kinds.pop())
