"""Every kit flashed, connected and dumped once, side by side; the thing is one, so kits connect in turn."""

import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.bench.kits.bench_file import BenchFile
from kitbench.bench.kits.kit_choice import KitChoice, kits_meant, names_meant
from kitbench.bench.rehearsal.kit_hands import KitHands
from kitbench.bench.rehearsal.rehearsed_kit import RehearsedKit
from kitbench.bench.rehearsal.stage_set import StageSet, kin_of, open_stage_set, require_way
from kitbench.cloud.mqtt.observer import NothingCameError
from kitbench.errors import BenchError, KitbenchError

#: The most that a stage may take: 1.5 MB at 115200 baud, Wi-Fi and TLS, 4 MB at 115200 baud.
FLASHED_WITHIN_S: Final = 300.0
CONNECTED_WITHIN_S: Final = 45.0
DUMPED_WITHIN_S: Final = 600.0
_STOPS_WITHIN_S: Final = 10.0

#: Takes a kit's name and what is done with it now.
Report = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A rehearsal of the kits that `--kit` means.

    Attributes:
        kit: as the command line has it.
        cloud: `local` or `aws`.
        bench: what `bench.toml` says, and where that is.
    """

    kit: str
    cloud: str
    bench: BenchFile
    bench_path: Path

    def run(self, report: Report) -> list[RehearsedKit]:
        """Return what was found, in the order of the kits; what all of them need and fails is each one's reason.

        Raises:
            UsageError: `kit` names none that can be rehearsed.
        """
        named = dict(zip(names_meant(self.kit, self.bench.kits), kits_meant(self.kit, self.bench.kits), strict=True))
        found = {name: one for name, kit in named.items() if (one := self._hindered(name, kit)) is not None}
        able = {name: kit for name, kit in named.items() if name not in found}
        for one in found.values():
            report(one.name, f"unfit: {one.reason}")
        try:
            found |= self._run(able, report) if able else {}
        except KitbenchError as error:
            found |= {name: _unfit(name, {}, error) for name in able}
        return [found[name] for name in named]

    def _hindered(self, name: str, kit: KitChoice) -> RehearsedKit | None:
        try:
            require_way(kit, self.cloud, self.bench)
        except BenchError as error:
            return _unfit(name, {}, error)
        return None

    def _run(self, kits: Mapping[str, KitChoice], report: Report) -> dict[str, RehearsedKit]:
        def tell(line: str) -> None:
            report("", line)

        with tempfile.TemporaryDirectory(prefix="kitbench-run-") as text:
            folder = Path(text)
            with open_stage_set(list(kits.values()), self.cloud, self.bench, folder, tell) as stage_set:
                order = {"bench": str(self.bench_path), "log": str(folder / "kit.log")}
                turn = threading.Lock()

                def one(name: str) -> RehearsedKit:
                    return _OneKit(name, kits[name], stage_set, turn, report).rehearse(order | {"kit": name})

                with ThreadPoolExecutor(len(kits), thread_name_prefix="rehearsal") as pool:
                    return dict(zip(kits, pool.map(one, kits), strict=True))


@dataclass(frozen=True, slots=True)
class _OneKit:
    name: str
    kit: KitChoice
    stage_set: StageSet
    turn: threading.Lock
    report: Report

    def rehearse(self, order: Mapping[str, Any]) -> RehearsedKit:
        built = self.stage_set.builds[kin_of(self.kit)]
        seconds: dict[str, float] = {}
        try:
            with KitHands({**order, "build": str(built.folder), "ways": built.ways}) as hands:
                self._flash(hands, seconds)
                with self.turn:
                    self._connect(hands, seconds)
                identity = self._dump(hands, seconds)
        except KitbenchError as error:
            self.report(self.name, f"unfit: {error.message}")
            return _unfit(self.name, seconds, error)
        self.report(self.name, "fit")
        return RehearsedKit(self.name, seconds, identity)

    def _flash(self, hands: KitHands, seconds: dict[str, float]) -> None:
        self.report(self.name, "flash")
        began = time.monotonic()
        hands.answer("flash", within_s=FLASHED_WITHIN_S)
        seconds["flash"] = time.monotonic() - began

    def _connect(self, hands: KitHands, seconds: dict[str, float]) -> None:
        """Wait until the cloud tells of the kit: no other runs meanwhile, so that it is this one."""
        self.report(self.name, "connect")
        began, clock = time.monotonic(), time.time()
        hands.order("run")
        missed: NothingCameError | None = None
        try:
            self.stage_set.observer.wait_for_presence(
                self.stage_set.client_id, "connected", timeout_s=CONNECTED_WITHIN_S, after=clock, unless=hands.check
            )
        except NothingCameError as error:
            missed = error
        seconds["connect"] = time.monotonic() - began
        hands.order("stop")
        said = hands.answer("connect", within_s=_STOPS_WITHIN_S)["last_line"]
        if missed is not None:
            del seconds["connect"]
            why = f"it did not connect within {CONNECTED_WITHIN_S:g} s; its last line was {said!r}"
            raise BenchError(why, stage="connect", fix="look at Wi-Fi: [wifi] in bench.toml, and the access point")

    def _dump(self, hands: KitHands, seconds: dict[str, float]) -> str:
        self.report(self.name, "dump")
        dumped = hands.answer("dump", within_s=DUMPED_WITHIN_S)
        seconds["dump"] = dumped["seconds"]
        return f"{dumped['chip']} {dumped['mac']}, flash {dumped['bytes'] >> 20} MB"


def _unfit(name: str, seconds: dict[str, float], error: KitbenchError) -> RehearsedKit:
    return RehearsedKit(name, seconds, "", error.stage or "start", error.message, error.fix)
