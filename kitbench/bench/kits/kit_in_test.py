"""The kit that a test has in hand: how to stop it, how it crashed, and what it leaves behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kitbench.bench.builds.firmware_build import FirmwareBuild
from kitbench.bench.kits.kit_core_dump import core_dump_of, keep_core_dump
from kitbench.bench.kits.kit_crash import NO_CRASH, KitCrash, crash_in
from kitbench.bench.kits.running_kit import RunningKit
from kitbench.bench.records.evidence import Evidence


@dataclass(frozen=True, slots=True)
class KitInTest:
    """A kit with the firmware that it runs, during one test.

    Attributes:
        test: its name, under which evidence is kept.
    """

    kit: RunningKit
    firmware: FirmwareBuild
    evidence: Evidence
    test: str

    def hold(self) -> None:
        """Hold the kit in reset; any thread may call it."""
        self.kit.hold()

    def crash(self) -> KitCrash:
        """Return how the kit crashed so far."""
        return crash_in(self.kit.serial_log(), self.firmware.elf)

    def core_dump(self) -> str:
        """Return what the core dump in its flash says, kept as evidence; the kit is of no use afterwards."""
        return keep_core_dump(core_dump_of(self.kit, self.firmware), self.evidence, self.test)

    def lacks(self) -> str:
        """Return what its firmware asked the kit for in vain, "" for nothing."""
        return self.kit.lacks()

    def forget_gaps(self) -> None:
        """Forget it: another test begins."""
        self.kit.forget_gaps()

    def put_away(self) -> None:
        """Silence the kit; keep what it printed, and the backtrace of a crash."""
        self.kit.park()
        self.evidence.append("serial.log", f"=== {self.test}\n{self.kit.serial_log()}\n")
        if crash := self.crash().backtrace:
            self.evidence.append("backtraces.txt", f"=== {self.test}\n{crash}\n")


class LiveBench:
    """What is alive on the bench at this moment: fixtures enter it and leave it, and a run's hooks ask it.

    A kit that was left still tells how it crashed, until the next one comes: errors of a test's end are explained, too.
    """

    def __init__(self) -> None:
        self._kit: KitInTest | None = None
        self._is_in_hand = False
        self._cloud_answers: Callable[[], bool] | None = None

    @contextmanager
    def with_kit(self, kit: KitInTest) -> Iterator[None]:
        """Have a kit in hand; it is put away at the end, as a kit that runs on empties the free tier."""
        self._kit, self._is_in_hand = kit, True
        try:
            yield
        finally:
            self._is_in_hand = False
            kit.put_away()

    @contextmanager
    def with_cloud(self, answers: Callable[[], bool]) -> Iterator[None]:
        """Have a cloud that can be asked whether it is still there."""
        self._cloud_answers = answers
        try:
            yield
        finally:
            self._cloud_answers = None

    def hold_kit(self) -> None:
        """Hold the kit in hand in reset, if there is one; any thread may call it."""
        if self._kit is not None and self._is_in_hand:
            self._kit.hold()

    def crash(self) -> KitCrash:
        """Return how the kit of this test crashed."""
        return self._kit.crash() if self._kit is not None else NO_CRASH

    def lacks(self) -> str:
        """Return what the firmware of this test asked its kit for in vain, "" for nothing."""
        return self._kit.lacks() if self._kit is not None else ""

    def core_dump(self) -> str:
        """Return what the core dump of the kit in hand says, "" when it left none."""
        return self._kit.core_dump() if self._kit is not None and self._is_in_hand else ""

    def cloud_answers(self) -> bool:
        """Say whether the cloud still answers; where nobody can ask it, nobody says that it does not."""
        return self._cloud_answers is None or self._cloud_answers()

    def forget_kit(self) -> None:
        """Let go of a test's kit: its crash and its gaps explain nothing of the next test."""
        if self._kit is not None:
            self._kit.forget_gaps()
        self._kit = None
