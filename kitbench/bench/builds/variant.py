"""The variants of a firmware: where it keeps its private key."""

from enum import StrEnum
from pathlib import Path

from kitbench.errors import UsageError
from kitbench.spelling import did_you_mean

_FILE = "sdkconfig.ci."


class Variant(StrEnum):
    """Where the firmware keeps its private key.

    `EMBEDDED_EC_KEY` is the control of the absence scan: an EC key as in the secure element, but embedded. `NONE` is
    for projects without variants; their key is embedded, if they have one.
    """

    NONE = ""
    EMBEDDED_KEY = "embedded_key"
    EMBEDDED_EC_KEY = "embedded_ec_key"
    ATECC608A = "atecc608a"

    @property
    def firmware(self) -> str:
        """The firmware's configuration, as in `sdkconfig.ci.<configuration>`; "" for the project as it is."""
        if self in (Variant.NONE, Variant.ATECC608A):
            return self.value
        return "embedded_key"


#: By name, as the command line takes them.
NAMED: tuple[Variant, ...] = tuple(variant for variant in Variant if variant)


def variants_of(project: Path) -> tuple[Variant, ...]:
    """Return the variants that a project has a configuration for, none for a project that knows nothing of them."""
    return tuple(variant for variant in NAMED if (project / f"{_FILE}{variant.firmware}").is_file())


def check_asked(project: Path, variant: str | None) -> None:
    """Make sure that a variant which somebody asks a project for is one of its own, or one that the bench knows.

    Raises:
        UsageError: it is neither: the command is mistaken, and not the project.
    """
    if not variant or variant in NAMED or (project / f"{_FILE}{variant}").is_file():
        return
    known = {path.name.removeprefix(_FILE) for path in project.glob(f"{_FILE}*")} | set(NAMED)
    raise UsageError(f"--variant {variant}: {did_you_mean(variant, known)}", stage="build")
