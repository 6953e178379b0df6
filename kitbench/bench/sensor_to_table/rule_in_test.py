"""A student's rule in a test: whether it was triggered, what it wrote, and why an action failed."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from kitbench.cloud.mqtt.observer import Observer
from kitbench.cloud.rule_to_table.making import MadeRule
from kitbench.errors import BenchError, KitError

_LOOK_EVERY_S: Final = 0.3


@dataclass(slots=True)
class RuleInTest:
    """The rule with its table, made for the run as it was handed in.

    Attributes:
        no_table: why the table is not the student's but one that stands in for it; None where it is the student's.
    """

    made: MadeRule
    observer: Observer
    no_table: KitError | None = None
    _is_led: bool = field(default=False, init=False)

    def require_table(self) -> None:
        """Raise KitError where no table was handed in that can be read."""
        if self.no_table is not None:
            raise KitError(self.no_table.message, stage=self.no_table.stage)

    def rows(self) -> list[dict[str, Any]]:
        """Return the table's rows that are the rule's own doing; raises CloudError."""
        return [] if self._is_led else self.made.rows()

    def failures(self) -> list[str]:
        """Return why actions of the rule's own doing failed, in the cloud's words, the oldest first."""
        return [] if self._is_led else self._all_failures()

    def _all_failures(self) -> list[str]:
        reports = [one.payload for one in self.observer.messages() if one.topic == self.made.error_topic]
        return [reason for report in reports for reason in _reasons(report)]

    def wait_until_triggered(self, *, within_s: float) -> bool:
        """Wait until the rule has written a row or failed to; False where nothing came of it in time."""
        return self._wait(lambda: bool(self.failures() or self.rows()), within_s)

    def why_no_row(self, topic: str, *, within_s: float) -> str:
        """Return why the table takes no row of the statement's shape, "" where it has taken one.

        A rule that is switched off, or listens elsewhere, is led to the kit's topic: so the table is judged and not the
        rule, which shows nothing of its own afterwards.

        Raises:
            BenchError: nothing came of a message of the kit's even so.
        """
        if not self._is_led and not self.wait_until_triggered(within_s=within_s):
            self.made.listen_to(topic)
            self._is_led = True
        if not self._wait(lambda: bool(self.made.rows() or self._all_failures()), within_s):
            raise BenchError(f"no row was tried, even of the statement on {topic}", stage="table")
        return "" if self.made.rows() else self._all_failures()[-1]

    def wait_for_row(self, accepts: Callable[[dict[str, Any]], bool], *, within_s: float) -> list[dict[str, Any]]:
        """Return the rows that are accepted, once there is one; none where none came in time."""
        self._wait(lambda: any(map(accepts, self.rows())), within_s)
        return [row for row in self.rows() if accepts(row)]

    @staticmethod
    def _wait(condition: Callable[[], bool], within_s: float) -> bool:
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_EVERY_S)
        return True


def _reasons(report: bytes) -> list[str]:
    try:
        failures = json.loads(report)["failures"]
        return [str(failure["errorMessage"])[:300] for failure in failures]
    except (ValueError, KeyError, TypeError):
        return ["an action failed, for a reason that nobody can read"]
