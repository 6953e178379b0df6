/* SPDX-License-Identifier: Apache-2.0 */
/* Queues and queue sets' absence: see docs/fidelity.md. From the FreeRTOS reference manual. */
#pragma once

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kit_queue *QueueHandle_t;

#define queueSEND_TO_BACK ((BaseType_t)0)
#define queueSEND_TO_FRONT ((BaseType_t)1)
#define queueOVERWRITE ((BaseType_t)2)

QueueHandle_t xQueueCreate(const UBaseType_t length, const UBaseType_t item_size);
QueueHandle_t xQueueCreateStatic(const UBaseType_t length, const UBaseType_t item_size, uint8_t *storage,
                                 StaticQueue_t *buffer);
void vQueueDelete(QueueHandle_t queue);
BaseType_t xQueueGenericSend(QueueHandle_t queue, const void *const item, TickType_t ticks_to_wait,
                             const BaseType_t position);
BaseType_t xQueueReceive(QueueHandle_t queue, void *const buffer, TickType_t ticks_to_wait);
BaseType_t xQueuePeek(QueueHandle_t queue, void *const buffer, TickType_t ticks_to_wait);
BaseType_t xQueueReset(QueueHandle_t queue);
UBaseType_t uxQueueMessagesWaiting(const QueueHandle_t queue);
UBaseType_t uxQueueSpacesAvailable(const QueueHandle_t queue);

#define xQueueSend(queue, item, ticks) xQueueGenericSend(queue, item, ticks, queueSEND_TO_BACK)
#define xQueueSendToBack(queue, item, ticks) xQueueGenericSend(queue, item, ticks, queueSEND_TO_BACK)
#define xQueueSendToFront(queue, item, ticks) xQueueGenericSend(queue, item, ticks, queueSEND_TO_FRONT)
#define xQueueOverwrite(queue, item) xQueueGenericSend(queue, item, 0, queueOVERWRITE)
#define xQueueSendFromISR(queue, item, woken) (kit_not_woken(woken), xQueueGenericSend(queue, item, 0, queueSEND_TO_BACK))
#define xQueueSendToBackFromISR(queue, item, woken) xQueueSendFromISR(queue, item, woken)
#define xQueueSendToFrontFromISR(queue, item, woken) \
    (kit_not_woken(woken), xQueueGenericSend(queue, item, 0, queueSEND_TO_FRONT))
#define xQueueOverwriteFromISR(queue, item, woken) \
    (kit_not_woken(woken), xQueueGenericSend(queue, item, 0, queueOVERWRITE))
#define xQueueReceiveFromISR(queue, buffer, woken) (kit_not_woken(woken), xQueueReceive(queue, buffer, 0))
#define xQueuePeekFromISR(queue, buffer) xQueuePeek(queue, buffer, 0)
#define uxQueueMessagesWaitingFromISR(queue) uxQueueMessagesWaiting(queue)
#define xQueueIsQueueEmptyFromISR(queue) (uxQueueMessagesWaiting(queue) == 0)
#define xQueueIsQueueFullFromISR(queue) (uxQueueSpacesAvailable(queue) == 0)

#ifdef __cplusplus
}
#endif
