"""Follows a reading: what the board's sensor measures is in a message, on the serial line and in a row.

Where the sensor is simulated it measures a temperature that nobody can guess; where it is real, message, serial line
and row have to agree on a plausible one.
"""

import random
import time
from dataclasses import dataclass
from typing import Any, Final

from kitbench.bench.bench_board import BenchBoard, BenchPart
from kitbench.bench.kits.running_kit import RunningKit
from kitbench.bench.sensor_to_table.reading import TOLERANCE, count_near, numbers_in, numbers_of
from kitbench.bench.sensor_to_table.rule_in_test import RuleInTest
from kitbench.bench.traffic.arrivals import Arrivals
from kitbench.cloud.mqtt.message import Message
from kitbench.errors import BenchError, KitError

SENSORS: Final = ("AHT20", "AHT10")
#: What a room can have, and a sensor measures.
_PLAUSIBLE: Final = (-20.0, 60.0)
#: Steps of 0.01 °C between these, so that a guess is right once in several hundred.
_STEPS: Final = range(-900, 5900)
_LOOK_EVERY_S: Final = 0.25
_RANDOM: Final = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class ReadingTrail:
    """What a reading is followed through."""

    board: BenchBoard
    kit: RunningKit
    arrivals: Arrivals
    rule: RuleInTest

    def follow(self, *, within_s: float) -> None:
        """Follow one reading from the sensor to the table.

        Args:
            within_s: for each of message, serial line and row.

        Raises:
            KitError: it is nowhere, or not everywhere.
            BenchError: the board has no sensor for it.
        """
        sensor = self._sensor()
        if self.board.is_simulated:
            self._follow_value(sensor, self._unguessable(), within_s)
        else:
            self._agree(within_s)

    def _sensor(self) -> BenchPart:
        parts = self.board.description.of_kind(*SENSORS)
        if not parts:
            raise BenchError(f"board {self.board.description.name} has no {' or '.join(SENSORS)}", stage="board")
        return self.board[parts[0].name]

    def _unguessable(self) -> float:
        """Return a temperature that neither a message nor the serial line has shown so far."""
        seen = (*numbers_in(self.kit.serial_log()), *(n for one in self._messages() for n in numbers_in(one.text)))
        # Whole numbers are in counters, dates and log lines.
        candidates = [step / 100 for step in _STEPS if 20 <= step % 100 <= 80]
        fresh = [value for value in candidates if not count_near(seen, value, 2 * TOLERANCE)]
        return _RANDOM.choice(fresh)

    def _messages(self) -> list[Message]:
        return self.arrivals.messages()

    def _follow_value(self, sensor: BenchPart, value: float, within_s: float) -> None:
        offset = self.kit.log_size()
        sensor.set(temperature=value)
        what = f"the sensor's {value:.2f} °C"
        message = self._await_message(value, within_s, what)
        if (count := count_near(numbers_in(message.text), value)) != 1:
            raise KitError(f"{what} stands {count} times in the message {message.text[:80]!r}", stage="reading")
        self._await_line(value, offset, within_s, what)
        self._require_row(value, within_s, what)

    def _await_message(self, value: float, within_s: float, what: str) -> Message:
        deadline = time.monotonic() + within_s
        while True:
            for message in self._messages():
                if count_near(numbers_in(message.text), value):
                    return message
            if time.monotonic() > deadline:
                last = self._messages()[-1].text[:80] if self._messages() else "nothing"
                raise KitError(f"{what} came in no message; the last was {last!r}", stage="reading")
            self.kit.check()
            time.sleep(_LOOK_EVERY_S)

    def _await_line(self, value: float, offset: int, within_s: float, what: str) -> None:
        deadline = time.monotonic() + within_s
        while not count_near(numbers_in(self.kit.log_since(offset)), value):
            if time.monotonic() > deadline:
                raise KitError(f"{what} is in a message, but not on the serial line", stage="reading")
            self.kit.check()
            time.sleep(_LOOK_EVERY_S)

    def _require_row(self, value: float, within_s: float, what: str) -> None:
        rows = self.rule.wait_for_row(lambda row: count_near(numbers_of(row), value) > 0, within_s=within_s)
        if not rows:
            raise KitError(f"{what} is in no row: {self._why_no_row()}", stage="reading")
        if (count := count_near(numbers_of(rows[0]), value)) != 1:
            raise KitError(f"{what} stands {count} times in the row {_shown(rows[0])}", stage="reading")
        sent = sum(count_near(numbers_in(one.text), value) > 0 for one in self._messages())
        if len(rows) > max(sent, 1):
            raise KitError(f"{what} is in {len(rows)} rows, and came in {sent} messages", stage="reading")

    def _agree(self, within_s: float) -> None:
        lowest, highest = _PLAUSIBLE
        rows = self.rule.wait_for_row(
            lambda row: any(
                lowest <= number <= highest
                and count_near(numbers_in(self.kit.serial_log()), number)
                and any(count_near(numbers_in(one.text), number) for one in self._messages())
                for number in numbers_of(row)
            ),
            within_s=within_s,
        )
        if not rows:
            why = self._why_no_row()
            what = f"a temperature of {lowest:g} to {highest:g} °C that is in a message and on the serial line"
            raise KitError(f"no row has {what}, too: {why}", stage="reading")

    def _why_no_row(self) -> str:
        if failures := self.rule.failures():
            return failures[-1]
        rows = self.rule.rows()
        return f"the last of {len(rows)} rows is {_shown(rows[-1])}" if rows else "the table is empty"


def _shown(row: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(row.items()))[:120]
