/* SPDX-License-Identifier: Apache-2.0 */
/* Stream and message buffers: a ring of bytes with one writer and one reader. */
#include <stdlib.h>
#include <string.h>
#include "freertos/message_buffer.h"
#include "kernel.h"

#define LENGTH_SIZE sizeof(uint32_t)

struct kit_stream_buffer {
    uint8_t *ring;
    size_t size;
    size_t at;     /* of the first byte that was not read */
    size_t filled;
    size_t trigger;
    bool is_of_messages;
    bool owns_memory;
    int waiting;
};

static StreamBufferHandle_t prepare(struct kit_stream_buffer *buffer, uint8_t *ring, size_t size, size_t trigger)
{
    *buffer = (struct kit_stream_buffer){.ring = ring, .size = size, .trigger = trigger > 0 ? trigger : 1};
    return buffer;
}

StreamBufferHandle_t xStreamBufferCreate(size_t size, size_t trigger_level)
{
    configASSERT(size > 0 && trigger_level <= size);
    struct kit_stream_buffer *buffer = malloc(sizeof(*buffer) + size + 1); /* a byte more, as FreeRTOS takes it */
    if (buffer != NULL) {
        prepare(buffer, (uint8_t *)(buffer + 1), size, trigger_level)->owns_memory = true;
    }
    return buffer;
}

/* Of the storage FreeRTOS leaves a byte free. */
StreamBufferHandle_t xStreamBufferCreateStatic(size_t size, size_t trigger_level, uint8_t *storage,
                                               StaticStreamBuffer_t *record)
{
    _Static_assert(sizeof(StaticStreamBuffer_t) >= sizeof(struct kit_stream_buffer), "must hold a stream buffer");
    configASSERT(storage && record && size > 1 && trigger_level <= size);
    return prepare((struct kit_stream_buffer *)record, storage, size - 1, trigger_level);
}

MessageBufferHandle_t xMessageBufferCreate(size_t size)
{
    configASSERT(size > LENGTH_SIZE);
    StreamBufferHandle_t buffer = xStreamBufferCreate(size, 0);
    if (buffer != NULL) {
        buffer->is_of_messages = true;
    }
    return buffer;
}

MessageBufferHandle_t xMessageBufferCreateStatic(size_t size, uint8_t *storage, StaticMessageBuffer_t *record)
{
    configASSERT(size > LENGTH_SIZE);
    StreamBufferHandle_t buffer = xStreamBufferCreateStatic(size, 0, storage, record);
    buffer->is_of_messages = true;
    return buffer;
}

void vStreamBufferDelete(StreamBufferHandle_t buffer)
{
    configASSERT(buffer);
    if (buffer->owns_memory) {
        free(buffer);
    }
}

static void put(StreamBufferHandle_t buffer, const void *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        buffer->ring[(buffer->at + buffer->filled++) % buffer->size] = ((const uint8_t *)data)[i];
    }
}

static void peek(StreamBufferHandle_t buffer, void *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        ((uint8_t *)data)[i] = buffer->ring[(buffer->at + i) % buffer->size];
    }
}

static void take(StreamBufferHandle_t buffer, void *data, size_t length)
{
    peek(buffer, data, length);
    buffer->at = (buffer->at + length) % buffer->size;
    buffer->filled -= length;
}

/* Wait until at least so much is filled (or free); whoever waits is counted, for a reset. */
static void wait_for(StreamBufferHandle_t buffer, size_t wanted, bool is_free, TickType_t ticks)
{
    const int64_t deadline = kit_deadline(ticks);
    buffer->waiting++;
    while ((is_free ? buffer->size - buffer->filled : buffer->filled) < wanted && kit_wait_until(buffer, deadline)) {
    }
    buffer->waiting--;
}

size_t xStreamBufferSend(StreamBufferHandle_t buffer, const void *data, size_t length, TickType_t ticks_to_wait)
{
    configASSERT(buffer && data);
    const uint32_t header = (uint32_t)length;
    size_t wanted = length + (buffer->is_of_messages ? LENGTH_SIZE : 0);
    if (wanted > buffer->size) { /* a message that never fits is not waited for; of a stream, what fits is sent */
        ticks_to_wait = buffer->is_of_messages ? 0 : ticks_to_wait;
        wanted = buffer->is_of_messages ? wanted : buffer->size;
    }
    if (ticks_to_wait > 0) {
        wait_for(buffer, wanted, true, ticks_to_wait);
    }
    const size_t space = buffer->size - buffer->filled;
    if (buffer->is_of_messages && space < wanted) {
        return 0;
    }
    if (buffer->is_of_messages) {
        put(buffer, &header, LENGTH_SIZE);
    }
    const size_t sent = length < buffer->size - buffer->filled ? length : buffer->size - buffer->filled;
    put(buffer, data, sent);
    if (buffer->filled >= buffer->trigger) {
        kit_wake(buffer, true);
    }
    return sent;
}

size_t xStreamBufferReceive(StreamBufferHandle_t buffer, void *data, size_t length, TickType_t ticks_to_wait)
{
    configASSERT(buffer && data);
    if (ticks_to_wait > 0 && buffer->filled == 0) { /* what is there is taken at once, below the trigger, too */
        wait_for(buffer, buffer->trigger, false, ticks_to_wait);
    }
    size_t taken = buffer->filled;
    if (buffer->is_of_messages && taken > 0) {
        taken = xStreamBufferNextMessageLengthBytes(buffer);
        if (taken > length) { /* it stays */
            return 0;
        }
        uint32_t header;
        take(buffer, &header, LENGTH_SIZE);
    }
    taken = taken < length ? taken : length;
    take(buffer, data, taken);
    kit_wake(buffer, true);
    return taken;
}

size_t xStreamBufferNextMessageLengthBytes(StreamBufferHandle_t buffer)
{
    configASSERT(buffer);
    uint32_t length = 0;
    if (buffer->is_of_messages && buffer->filled > LENGTH_SIZE) {
        peek(buffer, &length, LENGTH_SIZE);
    }
    return length;
}

BaseType_t xStreamBufferReset(StreamBufferHandle_t buffer)
{
    configASSERT(buffer);
    if (buffer->waiting > 0) {
        return pdFAIL;
    }
    buffer->at = buffer->filled = 0;
    return pdPASS;
}

BaseType_t xStreamBufferIsEmpty(StreamBufferHandle_t buffer)
{
    configASSERT(buffer);
    return buffer->filled == 0;
}

BaseType_t xStreamBufferIsFull(StreamBufferHandle_t buffer)
{
    return xStreamBufferSpacesAvailable(buffer) <= (buffer->is_of_messages ? LENGTH_SIZE : 0);
}

BaseType_t xStreamBufferSetTriggerLevel(StreamBufferHandle_t buffer, size_t trigger_level)
{
    configASSERT(buffer);
    if (trigger_level > buffer->size) {
        return pdFALSE;
    }
    buffer->trigger = trigger_level > 0 ? trigger_level : 1;
    return pdTRUE;
}

size_t xStreamBufferSpacesAvailable(StreamBufferHandle_t buffer)
{
    configASSERT(buffer);
    return buffer->size - buffer->filled;
}

size_t xStreamBufferBytesAvailable(StreamBufferHandle_t buffer)
{
    configASSERT(buffer);
    return buffer->filled;
}
