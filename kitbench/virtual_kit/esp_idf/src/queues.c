/* SPDX-License-Identifier: Apache-2.0 */
/* Queues, and semaphores as queues of items without size, as in FreeRTOS itself. */
#include <stdlib.h>
#include <string.h>
#include "freertos/queue.h"
#include "freertos/semphr.h"
#include "kernel.h"

struct kit_queue {
    uint8_t *storage;
    UBaseType_t length;
    UBaseType_t item_size;
    UBaseType_t count;
    UBaseType_t head;
    struct kit_task *holder; /* of a mutex */
    UBaseType_t depth;       /* of a recursive mutex */
    uint8_t is_mutex;
    uint8_t owns_record;
    uint8_t owns_storage;
    uint8_t room_wait; /* its address is what senders wait for */
};

static struct kit_queue *init(UBaseType_t length, UBaseType_t item_size, uint8_t *storage, void *buffer)
{
    _Static_assert(sizeof(StaticQueue_t) >= sizeof(struct kit_queue), "StaticQueue_t must hold a queue");
    KERNEL_ASSERT(length > 0, "queue.c", 479, "xQueueGenericCreate", "uxQueueLength > ( UBaseType_t ) 0");
    struct kit_queue *queue = buffer != NULL ? buffer : malloc(sizeof(*queue));
    if (queue == NULL) {
        return NULL;
    }
    memset(queue, 0, sizeof(*queue));
    queue->length = length;
    queue->item_size = item_size;
    queue->owns_record = buffer == NULL;
    queue->storage = storage;
    if (storage == NULL && item_size > 0) {
        queue->storage = calloc(length, item_size);
        queue->owns_storage = true;
        if (queue->storage == NULL) {
            vQueueDelete(queue);
            return NULL;
        }
    }
    return queue;
}

QueueHandle_t xQueueCreate(const UBaseType_t length, const UBaseType_t item_size)
{
    return init(length, item_size, NULL, NULL);
}

QueueHandle_t xQueueCreateStatic(const UBaseType_t length, const UBaseType_t item_size, uint8_t *storage,
                                 StaticQueue_t *buffer)
{
    return init(length, item_size, storage, buffer);
}

void vQueueDelete(QueueHandle_t queue)
{
    configASSERT(queue);
    if (queue->owns_storage) {
        free(queue->storage);
    }
    if (queue->owns_record) {
        free(queue);
    }
}

static uint8_t *slot(const struct kit_queue *queue, UBaseType_t index)
{
    return queue->storage + (size_t)((queue->head + index) % queue->length) * queue->item_size;
}

static void put(struct kit_queue *queue, const void *item, BaseType_t position)
{
    UBaseType_t index = queue->count;
    if (position == queueSEND_TO_FRONT) {
        queue->head = (queue->head + queue->length - 1) % queue->length;
        index = 0;
    } else if (position == queueOVERWRITE && queue->count == queue->length) {
        index = queue->length - 1;
        queue->count--;
    }
    queue->count++;
    if (queue->item_size > 0) {
        memcpy(slot(queue, index), item, queue->item_size);
    }
}

BaseType_t xQueueGenericSend(QueueHandle_t queue, const void *const item, TickType_t ticks_to_wait,
                             const BaseType_t position)
{
    KERNEL_ASSERT(queue != NULL, "queue.c", __LINE__, "xQueueGenericSend", "pxQueue");
    configASSERT(item != NULL || queue->item_size == 0);
    const int64_t deadline = kit_deadline(ticks_to_wait);
    while (queue->count == queue->length && position != queueOVERWRITE) {
        if (ticks_to_wait == 0 || !kit_wait_until(&queue->room_wait, deadline)) {
            return errQUEUE_FULL;
        }
    }
    put(queue, item, position);
    kit_wake(queue, false);
    return pdPASS;
}

static bool wait_for_item(QueueHandle_t queue, TickType_t ticks_to_wait)
{
    const int64_t deadline = kit_deadline(ticks_to_wait);
    while (queue->count == 0) {
        if (ticks_to_wait == 0 || !kit_wait_until(queue, deadline)) {
            return false;
        }
    }
    return true;
}

BaseType_t xQueueReceive(QueueHandle_t queue, void *const buffer, TickType_t ticks_to_wait)
{
    KERNEL_ASSERT(queue != NULL, "queue.c", __LINE__, "xQueueReceive", "( pxQueue )");
    if (!wait_for_item(queue, ticks_to_wait)) {
        return errQUEUE_EMPTY;
    }
    if (queue->item_size > 0) {
        memcpy(buffer, slot(queue, 0), queue->item_size);
    }
    queue->head = (queue->head + 1) % queue->length;
    queue->count--;
    kit_wake(&queue->room_wait, false);
    return pdPASS;
}

BaseType_t xQueuePeek(QueueHandle_t queue, void *const buffer, TickType_t ticks_to_wait)
{
    KERNEL_ASSERT(queue != NULL, "queue.c", __LINE__, "xQueuePeek", "( pxQueue )");
    if (!wait_for_item(queue, ticks_to_wait)) {
        return errQUEUE_EMPTY;
    }
    if (queue->item_size > 0) {
        memcpy(buffer, slot(queue, 0), queue->item_size);
    }
    kit_wake(queue, false); /* the item is still there: the next one may have it */
    return pdPASS;
}

BaseType_t xQueueReset(QueueHandle_t queue)
{
    configASSERT(queue);
    queue->count = 0;
    queue->head = 0;
    kit_wake(&queue->room_wait, true);
    return pdPASS;
}

UBaseType_t uxQueueMessagesWaiting(const QueueHandle_t queue)
{
    configASSERT(queue);
    return queue->count;
}

UBaseType_t uxQueueSpacesAvailable(const QueueHandle_t queue)
{
    configASSERT(queue);
    return queue->length - queue->count;
}

SemaphoreHandle_t xSemaphoreCreateCountingStatic(UBaseType_t max_count, UBaseType_t initial_count,
                                                 StaticSemaphore_t *buffer)
{
    struct kit_queue *queue = init(max_count, 0, NULL, buffer);
    if (queue != NULL) {
        queue->count = initial_count;
    }
    return queue;
}

SemaphoreHandle_t xSemaphoreCreateCounting(UBaseType_t max_count, UBaseType_t initial_count)
{
    return xSemaphoreCreateCountingStatic(max_count, initial_count, NULL);
}

SemaphoreHandle_t xSemaphoreCreateBinary(void)
{
    return xSemaphoreCreateCounting(1, 0);
}

SemaphoreHandle_t xSemaphoreCreateBinaryStatic(StaticSemaphore_t *buffer)
{
    return xSemaphoreCreateCountingStatic(1, 0, buffer);
}

SemaphoreHandle_t xSemaphoreCreateMutexStatic(StaticSemaphore_t *buffer)
{
    struct kit_queue *queue = xSemaphoreCreateCountingStatic(1, 1, buffer);
    if (queue != NULL) {
        queue->is_mutex = true;
    }
    return queue;
}

SemaphoreHandle_t xSemaphoreCreateMutex(void)
{
    return xSemaphoreCreateMutexStatic(NULL);
}

SemaphoreHandle_t xSemaphoreCreateRecursiveMutex(void)
{
    return xSemaphoreCreateMutexStatic(NULL);
}

SemaphoreHandle_t xSemaphoreCreateRecursiveMutexStatic(StaticSemaphore_t *buffer)
{
    return xSemaphoreCreateMutexStatic(buffer);
}

void vSemaphoreDelete(SemaphoreHandle_t semaphore)
{
    vQueueDelete(semaphore);
}

BaseType_t xSemaphoreTake(SemaphoreHandle_t semaphore, TickType_t ticks_to_wait)
{
    KERNEL_ASSERT(semaphore != NULL, "queue.c", 1653, "xQueueSemaphoreTake", "( pxQueue )");
    if (xQueueReceive(semaphore, NULL, ticks_to_wait) != pdPASS) {
        return pdFALSE;
    }
    semaphore->holder = semaphore->is_mutex ? xTaskGetCurrentTaskHandle() : NULL;
    return pdTRUE;
}

BaseType_t xSemaphoreGive(SemaphoreHandle_t semaphore)
{
    KERNEL_ASSERT(semaphore != NULL, "queue.c", __LINE__, "xQueueGenericSend", "pxQueue");
    if (semaphore->is_mutex) {
        configASSERT(semaphore->holder == NULL || semaphore->holder == xTaskGetCurrentTaskHandle());
        semaphore->holder = NULL;
    }
    return xQueueGenericSend(semaphore, NULL, 0, queueSEND_TO_BACK);
}

BaseType_t xSemaphoreTakeRecursive(SemaphoreHandle_t mutex, TickType_t ticks_to_wait)
{
    configASSERT(mutex);
    if (mutex->holder != xTaskGetCurrentTaskHandle() && xSemaphoreTake(mutex, ticks_to_wait) != pdTRUE) {
        return pdFALSE;
    }
    mutex->depth++;
    return pdTRUE;
}

BaseType_t xSemaphoreGiveRecursive(SemaphoreHandle_t mutex)
{
    configASSERT(mutex);
    if (mutex->holder != xTaskGetCurrentTaskHandle() || mutex->depth == 0) {
        return pdFALSE;
    }
    return --mutex->depth > 0 ? pdTRUE : xSemaphoreGive(mutex);
}

TaskHandle_t xSemaphoreGetMutexHolder(SemaphoreHandle_t mutex)
{
    configASSERT(mutex);
    return mutex->holder;
}

UBaseType_t uxSemaphoreGetCount(SemaphoreHandle_t semaphore)
{
    return uxQueueMessagesWaiting(semaphore);
}
