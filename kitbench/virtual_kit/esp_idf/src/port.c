/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "gpio.h"
#include "kernel.h"

static uint32_t s_interrupts_disabled;
static uint32_t s_scheduler_suspended;

bool kit_is_scheduler_locked(void)
{
    return s_interrupts_disabled > 0 || s_scheduler_suspended > 0;
}

void vTaskSuspendAll(void)
{
    s_scheduler_suspended++;
}

BaseType_t xTaskResumeAll(void)
{
    configASSERT(s_scheduler_suspended > 0);
    s_scheduler_suspended--;
    return pdFALSE;
}

void kit_interrupts_disable(void)
{
    if (s_interrupts_disabled++ == 0) {
        kit_interrupts(1);
    }
}

void kit_interrupts_enable(void)
{
    if (s_interrupts_disabled > 0 && --s_interrupts_disabled == 0) {
        kit_interrupts(0);
    }
}

void vPortYield(void)
{
    kit_yield();
}

BaseType_t xPortGetCoreID(void)
{
    return 0;
}

BaseType_t xPortInIsrContext(void)
{
    return kit_in_interrupt();
}

void *pvPortMalloc(size_t size)
{
    return malloc(size);
}

void vPortFree(void *block)
{
    free(block);
}
