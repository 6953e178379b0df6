"""The options of an on-kit run, from the command line and from `bench.toml`."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import pytest

from kitbench.cloud.meter import DEFAULT_BUDGET
from kitbench.errors import UsageError
from kitbench.pytest_plugin.bench_file import CLOUDS, USUAL_FILE, BenchFile, read_bench_file
from kitbench.pytest_plugin.firmware_build import FirmwareSource


class Variant(StrEnum):
    """Where the firmware keeps its private key.

    `EMBEDDED_EC_KEY` is the control of the absence scan: an EC key as in the secure element, but embedded.
    """

    EMBEDDED_KEY = "embedded_key"
    EMBEDDED_EC_KEY = "embedded_ec_key"
    ATECC608A = "atecc608a"

    @property
    def firmware(self) -> str:
        """The firmware's configuration, as in `sdkconfig.ci.<configuration>`."""
        return "atecc608a" if self is Variant.ATECC608A else "embedded_key"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user asked for; nothing has been looked for yet.

    Attributes:
        kit: `auto`, `virtual`, `qemu`, a port such as `/dev/ttyUSB0`, `COM3`, `rfc2217://host:port`, a name in
            `bench.toml`, several ports and names with commas between them, or `all` kits of `bench.toml`.
        cloud: `local` or `aws`, or None when nobody said.
        source: the ESP-IDF project to build, and the SDK that it may need.
        variants: the variants asked for; empty for all that kit and tests suit.
        budget: messages that the run may cost.
        clock_factor: how much faster than real time a virtual kit's delays and timers run.
        report: where the run report goes, or None.
        evidence: the folder for logs, messages, pictures and verdicts, or None.
        bench: what `bench.toml` says.
    """

    kit: str
    cloud: str | None
    source: FirmwareSource
    variants: tuple[Variant, ...]
    budget: int
    clock_factor: float
    report: Path | None
    evidence: Path | None
    bench: BenchFile = field(default_factory=BenchFile)


def add_options(parser: pytest.Parser) -> None:
    """Declare the options that `pytest --help` lists under "kitbench"."""
    group = parser.getgroup("kitbench", "kitbench: ESP32 kits on AWS IoT Core")
    group.addoption(
        "--kit",
        metavar="KIT",
        help="auto (default: the one ESP32 attached), virtual, qemu, all, or ports and names, as red,blue",
    )
    group.addoption("--cloud", choices=CLOUDS, help="local or aws; no default, as aws may cost money (or: bench.toml)")
    group.addoption("--bench", metavar="FILE", default=USUAL_FILE, help=f"bench description (default: {USUAL_FILE})")
    group.addoption("--project", metavar="DIR", default="firmware/subscribe_publish", help="ESP-IDF project to build")
    group.addoption("--esp-aws-iot", metavar="DIR", help="recursive checkout of esp-aws-iot, for projects that use it")
    group.addoption("--variant", action="append", choices=[v.value for v in Variant], help="run this variant only")
    group.addoption("--budget", type=int, metavar="N", help=f"messages the run may cost (default: {DEFAULT_BUDGET})")
    group.addoption(
        "--clock-factor", type=float, default=1.0, metavar="F", help="a virtual kit's delays run F times faster"
    )
    group.addoption("--run-report", metavar="FILE", help="write the run report (JSON) here")
    group.addoption("--evidence", metavar="DIR", help="keep serial log, cloud messages, flash map and verdict here")


def read_options(config: pytest.Config) -> RunOptions:
    """Return the options, the command line winning over `bench.toml`.

    Raises:
        UsageError: `bench.toml` is not as it should be, or no message may be sent.
    """
    bench = read_bench_file(Path(config.getoption("--bench")))
    budget = next((n for n in (config.getoption("--budget"), bench.budget) if n is not None), DEFAULT_BUDGET)
    if budget < 1:
        raise UsageError(f"--budget {budget}: a run needs one message at least", stage="options")
    names = config.getoption("--variant") or []
    return RunOptions(
        kit=str(config.getoption("--kit") or bench.kit or "auto"),
        cloud=config.getoption("--cloud") or bench.cloud,
        source=FirmwareSource(
            project=(config.rootpath / config.getoption("--project")).resolve(),
            esp_aws_iot=_path_or_none(config.getoption("--esp-aws-iot")),
        ),
        variants=tuple(Variant(name) for name in names),
        budget=budget,
        bench=bench,
        clock_factor=config.getoption("--clock-factor"),
        report=_path_or_none(config.getoption("--run-report")),
        evidence=_path_or_none(config.getoption("--evidence")),
    )


def _path_or_none(text: str | None) -> Path | None:
    return Path(text).resolve() if text else None
