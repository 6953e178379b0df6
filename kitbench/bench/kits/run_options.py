"""What the user asked of an on-kit run."""

from dataclasses import dataclass, field
from pathlib import Path

from kitbench.bench.builds.firmware_build import FirmwareSource
from kitbench.bench.builds.identity_place import IdentityPlace
from kitbench.bench.builds.variant import Variant
from kitbench.bench.kits.bench_file import BenchFile
from kitbench.bench.lab_address import LabAddress
from kitbench.board.board import Board
from kitbench.board.board_file import read_board
from kitbench.traffic_rules import TrafficRules


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user asked for; nothing has been looked for yet.

    Attributes:
        kit: `auto`, `virtual`, `qemu`, a port such as `/dev/ttyUSB0`, `COM3`, `rfc2217://host:port`, a name in
            `bench.toml`, several ports and names with commas between them, or `all` kits of `bench.toml`.
        cloud: `local` or `aws`, or None when nobody said.
        build: the folder of a finished build to test as it is, or None: then the project is built.
        identity: where the device's identity is.
        device_certificate: the device's own certificate (PEM), or None.
        source: the ESP-IDF project to build, and the SDK that it may need.
        variants: the variants asked for; empty for all that kit and tests suit.
        budget: messages that the run may cost.
        clock_factor: how much faster than real time a virtual kit's delays and timers run.
        report: where the run report goes, or None.
        evidence: the folder for logs, messages, pictures and verdicts, or None.
        bench: what `bench.toml` says.
        board: what is wired to the kit's pins.
        relay: where attached kits come in, None where they go their own way to the cloud.
        rule: a student's `rule.json`, or None; `table` the `table.json` that belongs to it.
        traffic: what the class's rubric asks of the kit's messages.
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
    build: Path | None = None
    identity: IdentityPlace = IdentityPlace.SOURCE
    device_certificate: Path | None = None
    relay: LabAddress | None = None
    traffic: TrafficRules = field(default_factory=TrafficRules)
    rule: Path | None = None
    table: Path | None = None
    board: Board = field(default_factory=lambda: read_board(None))
