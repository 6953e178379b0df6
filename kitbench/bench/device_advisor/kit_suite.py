"""Runs the tests of Device Advisor on a kit, one after the other, and adds what the wire does not show."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from kitbench.bench.device_advisor.advisor_client import AdvisorClient, AdvisorRun
from kitbench.bench.device_advisor.build_facts import facts_for
from kitbench.bench.kits.running_kit import RunningKit
from kitbench.errors import REAL_KITS, BenchError, CloudError, KitError
from kitbench.local_iot_core.device_advisor.catalogue import TestCase

#: How often a test is asked for its verdict, in seconds.
_ASK_EVERY_S: Final = 0.1
#: Lines of the serial line in a report, for each test.
_SERIAL_LINES: Final = 25
_LONGEST_LINE: Final = 300
#: A line of ESP-IDF's log at level error, in colours or not.
_ERROR: Final = re.compile(r"(?:\x1b\[[0-9;]*m)?E \(")
#: How often a test is run where the bench fails.
_TRIES: Final = 2
_SEE_BENCH: Final = "kitbench doctor says what is wrong with the bench; then run the test again"
TLS_IS_THE_HOSTS: Final = "TLS is the host's here"
#: A kit that opened no connection in so many tests, from the first on, is not waited for in the others.
_SILENT_TESTS: Final = 2
_NO_CONNECTION: Final = f"the kit opened no connection in the first {_SILENT_TESTS} tests, and was not waited for"
_SEE_SERIAL: Final = "see the serial line of the first test for why the device does not come"


@dataclass(frozen=True, slots=True)
class KitSuite:
    """The tests on one kit.

    Attributes:
        device: the kit's thing or certificate by its ARN, as the API takes it; nothing where it is not known.
        has_own_tls: the kit's TLS is its own.
        settings: of its build.
        clean: removes keys from what the kit printed.
    """

    kit: RunningKit
    advisor: AdvisorClient
    device: Mapping[str, str]
    has_own_tls: bool
    settings: dict[str, Any]
    clean: Callable[[str], str]

    def run(self, cases: tuple[TestCase, ...]) -> Iterator[dict[str, Any]]:
        """Yield what the report says of each test; a kit that never comes costs the time of two tests."""
        silent: int | None = 0
        for case in cases:
            if case.judges_tls_stack and not self.has_own_tls:
                yield _not_judged(case, TLS_IS_THE_HOSTS, "judge it in QEMU or on a real kit")
            elif case.judges_wire and silent == _SILENT_TESTS:
                yield _not_judged(case, _NO_CONNECTION, _SEE_SERIAL)
            else:
                result = self._with_fact(case, self._judged(case))
                if case.judges_wire and silent is not None:
                    silent = silent + 1 if _never_came(result) else None
                yield result

    def _judged(self, case: TestCase) -> dict[str, Any]:
        """Return the verdict; what fails of the bench is tried again, and is never the device's failure."""
        faults: list[str] = []
        while len(faults) < _TRIES:
            try:
                return self._without_gaps(case, self._run_one(case)) | {"bench_faults": faults}
            except (BenchError, CloudError, OSError) as error:
                faults.append(self.clean(str(error)))
        reason = f"the bench failed {len(faults)} times: {faults[-1]}"
        return _not_judged(case, reason, _SEE_BENCH) | {"bench_faults": faults}

    def _without_gaps(self, case: TestCase, result: dict[str, Any]) -> dict[str, Any]:
        """Return a verdict that blames nobody for what a stand-in lacks; what the device did stays its deed."""
        lacks = self.kit.lacks()
        if not lacks or case.judges_deeds or result["outcome"].startswith("passed"):
            return result
        reason = f"not judged: this kit lacks {lacks}; the wire alone said: {result['reason']}"
        return result | {"outcome": "not judged", "status": "ERROR", "reason": reason, "fix": REAL_KITS}

    def _run_one(self, case: TestCase) -> dict[str, Any]:
        self.kit.hold()
        self.kit.forget_gaps()
        offset = self.kit.log_size()
        run = self.advisor.start(case, self.device)
        try:
            crash = self._watch(run)
        except (BenchError, CloudError, OSError):
            # Else the next test finds its endpoint taken.
            with suppress(CloudError):
                self.advisor.stop(run)
            raise
        result = self._end(run, offset)
        if crash:
            result |= {"outcome": "failed", "status": "FAIL", "reason": f"the kit crashed: {self.clean(crash)}"}
            result |= {"fix": "see the serial line for its backtrace"}
        return result

    def _watch(self, run: AdvisorRun) -> str:
        """Wait for the verdict on the wire; return how the kit crashed before it, "" where it did not."""
        try:
            self.kit.restart()
            while self.advisor.is_under_way(run):
                self.kit.check()
                time.sleep(_ASK_EVERY_S)
        except KitError as error:
            return str(error)
        return ""

    def _end(self, run: AdvisorRun, offset: int) -> dict[str, Any]:
        self.advisor.stop(run)  # one that has ended stays as it is
        self.kit.hold()
        result = self.advisor.result(run)
        said = [line[:_LONGEST_LINE] for line in self.clean(self.kit.log_since(offset)).splitlines() if line.strip()]
        result["serial"] = said[-_SERIAL_LINES:]
        if result["outcome"] == "not judged" and said:
            result["reason"] += f"; {_telling(said)}"
        return result

    def _with_fact(self, case: TestCase, result: dict[str, Any]) -> dict[str, Any]:
        fact = facts_for(case.id, self.settings)
        return result | ({"reason": f"{result['reason']}; {fact}"} if fact else {})


def _never_came(result: Mapping[str, Any]) -> bool:
    """Whether a test came to its end and saw no connection at all; a fault of the bench says nothing of the kit."""
    is_over = result["outcome"] == "not judged" and len(result["bench_faults"]) < _TRIES
    return is_over and not result["wire"]


def _telling(said: list[str]) -> str:
    """Return in words the last error that the kit logged, or its last line where it logged none."""
    errors = [line for line in said if _ERROR.match(line)]
    what = "last error was" if errors else "last line was"
    return f"the kit's {what} {(errors or said)[-1][:120]!r}"


def _not_judged(case: TestCase, reason: str, fix: str) -> dict[str, Any]:
    return {
        "id": case.id,
        "name": case.name,
        "in_qualification": case.in_qualification,
        "status": "ERROR",
        "outcome": "not judged",
        "reason": f"not judged: {reason}",
        "fix": fix,
        "seconds": 0.0,
        "wire": [],
        "serial": [],
        "bench_faults": [],
    }
