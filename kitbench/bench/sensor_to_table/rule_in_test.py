"""A student's rule in a test: whether it was triggered, what it wrote, and why an action failed."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from kitbench.cloud.mqtt.observer import Observer
from kitbench.cloud.rule_to_table.making import MadeRule
from kitbench.errors import KitError

_LOOK_EVERY_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class RuleInTest:
    """The rule with its table, made for the run as it was handed in.

    Attributes:
        no_table: why the table is not the student's but one that stands in for it; None where it is the student's.
    """

    made: MadeRule
    observer: Observer
    no_table: KitError | None = None

    def require_table(self) -> None:
        """Raise KitError where no table was handed in that can be read."""
        if self.no_table is not None:
            raise KitError(self.no_table.message, stage=self.no_table.stage)

    def rows(self) -> list[dict[str, Any]]:
        """Return the table's rows; raises CloudError."""
        return self.made.rows()

    def failures(self) -> list[str]:
        """Return why actions failed, in the cloud's words, the oldest first."""
        reports = [one.payload for one in self.observer.messages() if one.topic == self.made.error_topic]
        return [reason for report in reports for reason in _reasons(report)]

    def wait_until_triggered(self, *, within_s: float) -> bool:
        """Wait until the rule has written a row or failed to; False where nothing came of it in time."""
        return self._wait(lambda: bool(self.failures() or self.rows()), within_s)

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
