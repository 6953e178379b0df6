"""The kit's secure element, asked through the provisioning console of the `atecc608a` firmware, if that is on the kit.

The kit is restarted; nothing in it or in the chip is changed.
"""

from collections.abc import Callable
from typing import Final

from kitbench.doctor.check import Line, State
from kitbench.errors import KitError
from kitbench.kit.console import SecureElementInfo
from kitbench.kit.console_on_port import console_on

ANSWERS_WITHIN_S: Final = 6.0
SUBJECT: Final = "secure element"


def secure_element(port: str, *, expected_serial: str = "") -> Line:
    """Say which secure element answers on a port's kit; raises serial.SerialException."""
    with console_on(port, within_s=ANSWERS_WITHIN_S) as console:
        if console is None:
            return Line(
                SUBJECT,
                State.WARN,
                "the firmware on the kit has no provisioning console",
                "flash the variant: pytest -m hardware --variant atecc608a -k boots",
            )
        return judge(console.info, expected_serial)


def judge(ask: Callable[[], SecureElementInfo], expected_serial: str) -> Line:
    """Return the line for what the console says of its chip."""
    try:
        info = ask()
    except KitError as error:
        return Line(SUBJECT, State.FAIL, error.message, "check the chip's wiring: docs/bench-setup.md")
    seen = f"{info.serial}, revision {info.revision}"
    if expected_serial not in ("", info.serial):
        return Line(SUBJECT, State.FAIL, f"{seen}, expected {expected_serial}", "correct bench.toml, or the wiring")
    if not (info.config_locked and info.data_locked):
        fix = "lock it by its maker's own steps, once and for ever; kitbench never does"
        return Line(SUBJECT, State.FAIL, f"{seen}, not locked: it cannot sign", fix)
    return Line(SUBJECT, State.OK, f"{seen}, locked")
