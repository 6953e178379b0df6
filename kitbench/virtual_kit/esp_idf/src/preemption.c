/* SPDX-License-Identifier: Apache-2.0 */
/* Time slicing: the app's own code asks at each basic block whether the host wants another task to run.
 *
 * Only files compiled with APP_FLAGS call this. The C library and the shims are never interrupted. */
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "kit/host.h"
#include "kernel.h"

/* Set by the host when a task of at least the running task's priority became ready. */
volatile int32_t kit_preempt;

void __sanitizer_cov_trace_pc(void)
{
    if (kit_preempt != 0 && !kit_is_scheduler_locked()) {
        kit_preempt = 0;
        kit_yield();
    }
}
