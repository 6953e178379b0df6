"""The lines of a rehearsal."""

from kitbench.bench.rehearsal.rehearsed_kit import RehearsedKit
from kitbench.doctor.check import Line, State
from kitbench.doctor.rehearsal import lines_of

FIT = RehearsedKit("red", {"flash": 7.0, "connect": 4.25, "dump": 12.0}, "ESP32 24:0a:c4:00:00:01, flash 4 MB")
UNFIT = RehearsedKit("blue", {"flash": 7.0}, stage="connect", reason="it did not", fix="look at Wi-Fi")


def test_unfit_kit_has_its_stage_its_reason_and_its_fix() -> None:
    fit, unfit, whole = lines_of([FIT, UNFIT], 61.2)

    assert fit.detail == "ESP32 24:0a:c4:00:00:01, flash 4 MB: flash 7.0 s, connect 4.2 s, dump 12.0 s"
    assert unfit == Line("kit blue", State.FAIL, "connect: it did not (before that flash 7.0 s)", "look at Wi-Fi")
    assert whole.state is State.FAIL
    assert whole.detail == "1 of 2 kits were flashed, connected and were dumped, in 61 s; unfit: blue"


def test_fit_kits_leave_nothing_to_mend() -> None:
    assert [line.state for line in lines_of([FIT], 5)] == [State.OK, State.OK]
