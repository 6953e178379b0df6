"""Input that arrives between looking and waiting wakes the task nevertheless."""

import threading

from kitbench.virtual_kit.cpu.scheduler import ScheduledTask, Scheduler
from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram

_ECHO = """
#include <stdio.h>
void app_main(void)
{
    int number;
    printf("READY\\n");
    while (scanf("%d", &number) == 1) {
        printf("<%d>\\n", number);
    }
}
"""


def test_what_has_happened_needs_no_waiting() -> None:
    scheduler, task = Scheduler(), ScheduledTask(1, "reader", 1)
    scheduler.add(task)
    assert task.wait_turn(10)

    assert scheduler.block(task, 1, None, has_happened=lambda: True)


def test_what_has_not_happened_is_waited_for() -> None:
    scheduler, task = Scheduler(), ScheduledTask(1, "reader", 1)
    scheduler.add(task)
    assert task.wait_turn(10)
    waker = threading.Thread(target=lambda: scheduler.wake(1, everyone=True))

    def not_yet() -> bool:
        # Asked under the lock that `wake` takes: it wakes when the task waits, however slow the machine is.
        waker.start()
        return False

    assert scheduler.block(task, 1, 10, has_happened=not_yet)
    waker.join()


def test_no_line_is_lost(run_program: RunProgram) -> None:
    run = run_program(_ECHO)
    run.wait_for("READY")
    assert run.app is not None

    for number in range(200):
        run.app.uart_input(f"{number}\n".encode())
        run.wait_for(f"<{number}>")
