/* SPDX-License-Identifier: Apache-2.0 */
#include "freertos/task.h"
#include "kernel.h"

static struct kit_task *target_of(TaskHandle_t task)
{
    return task != NULL ? task : xTaskGetCurrentTaskHandle();
}

BaseType_t xTaskGenericNotify(TaskHandle_t task, UBaseType_t index, uint32_t value, eNotifyAction action,
                              uint32_t *previous_value)
{
    (void)index;
    struct kit_task *target = target_of(task);
    BaseType_t result = pdPASS;
    if (previous_value != NULL) {
        *previous_value = target->notification;
    }
    switch (action) {
    case eSetBits:
        target->notification |= value;
        break;
    case eIncrement:
        target->notification++;
        break;
    case eSetValueWithOverwrite:
        target->notification = value;
        break;
    case eSetValueWithoutOverwrite:
        if (target->has_notification) {
            return pdFAIL;
        }
        target->notification = value;
        break;
    case eNoAction:
        break;
    }
    target->has_notification = true;
    kit_wake(&target->notification, true);
    return result;
}

BaseType_t xTaskGenericNotifyWait(UBaseType_t index, uint32_t clear_on_entry, uint32_t clear_on_exit, uint32_t *value,
                                  TickType_t ticks_to_wait)
{
    (void)index;
    struct kit_task *self = xTaskGetCurrentTaskHandle();
    const int64_t deadline = kit_deadline(ticks_to_wait);
    if (!self->has_notification) {
        self->notification &= ~clear_on_entry;
    }
    while (!self->has_notification && kit_wait_until(&self->notification, deadline)) {
    }
    if (value != NULL) {
        *value = self->notification;
    }
    if (!self->has_notification) {
        return pdFALSE;
    }
    self->notification &= ~clear_on_exit;
    self->has_notification = false;
    return pdTRUE;
}

uint32_t ulTaskGenericNotifyTake(UBaseType_t index, BaseType_t clear_on_exit, TickType_t ticks_to_wait)
{
    (void)index;
    struct kit_task *self = xTaskGetCurrentTaskHandle();
    const int64_t deadline = kit_deadline(ticks_to_wait);
    if (self->notification == 0) { /* once: whatever wakes it ends the wait, eNoAction, too */
        kit_wait_until(&self->notification, deadline);
    }
    const uint32_t value = self->notification;
    if (value != 0) {
        self->notification = clear_on_exit ? 0 : value - 1;
    }
    self->has_notification = false;
    return value;
}

BaseType_t xTaskGenericNotifyStateClear(TaskHandle_t task, UBaseType_t index)
{
    (void)index;
    struct kit_task *target = target_of(task);
    const bool had = target->has_notification;
    target->has_notification = false;
    return had ? pdPASS : pdFAIL;
}

uint32_t ulTaskGenericNotifyValueClear(TaskHandle_t task, UBaseType_t index, uint32_t bits_to_clear)
{
    (void)index;
    struct kit_task *target = target_of(task);
    const uint32_t value = target->notification;
    target->notification &= ~bits_to_clear;
    return value;
}
