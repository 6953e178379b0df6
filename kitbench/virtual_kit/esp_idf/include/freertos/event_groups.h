/* SPDX-License-Identifier: Apache-2.0 */
/* Event groups, from the FreeRTOS reference manual. */
#pragma once

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kit_event_group *EventGroupHandle_t;
typedef TickType_t EventBits_t;

EventGroupHandle_t xEventGroupCreate(void);
EventGroupHandle_t xEventGroupCreateStatic(StaticEventGroup_t *buffer);
void vEventGroupDelete(EventGroupHandle_t group);
EventBits_t xEventGroupWaitBits(EventGroupHandle_t group, const EventBits_t bits, const BaseType_t clear_on_exit,
                                const BaseType_t wait_for_all, TickType_t ticks_to_wait);
EventBits_t xEventGroupSetBits(EventGroupHandle_t group, const EventBits_t bits);
EventBits_t xEventGroupClearBits(EventGroupHandle_t group, const EventBits_t bits);
EventBits_t xEventGroupSync(EventGroupHandle_t group, const EventBits_t bits_to_set, const EventBits_t bits_to_wait,
                            TickType_t ticks_to_wait);

#define xEventGroupGetBits(group) xEventGroupClearBits(group, 0)
#define xEventGroupGetBitsFromISR(group) xEventGroupClearBits(group, 0)
#define xEventGroupClearBitsFromISR(group, bits) (xEventGroupClearBits(group, bits), pdPASS)
#define xEventGroupSetBitsFromISR(group, bits, woken) \
    (kit_not_woken(woken), xEventGroupSetBits(group, bits), pdPASS)

#ifdef __cplusplus
}
#endif
