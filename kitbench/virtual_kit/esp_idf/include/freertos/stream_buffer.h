/* SPDX-License-Identifier: Apache-2.0 */
/* Stream buffers, from the FreeRTOS reference manual: bytes from one task or interrupt to one other. */
#pragma once

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kit_stream_buffer *StreamBufferHandle_t;
typedef struct {
    void *kit_record[8];
} StaticStreamBuffer_t;

StreamBufferHandle_t xStreamBufferCreate(size_t size, size_t trigger_level);
StreamBufferHandle_t xStreamBufferCreateStatic(size_t size, size_t trigger_level, uint8_t *storage,
                                               StaticStreamBuffer_t *record);
void vStreamBufferDelete(StreamBufferHandle_t buffer);
size_t xStreamBufferSend(StreamBufferHandle_t buffer, const void *data, size_t length, TickType_t ticks_to_wait);
size_t xStreamBufferReceive(StreamBufferHandle_t buffer, void *data, size_t length, TickType_t ticks_to_wait);
BaseType_t xStreamBufferReset(StreamBufferHandle_t buffer);
BaseType_t xStreamBufferIsEmpty(StreamBufferHandle_t buffer);
BaseType_t xStreamBufferIsFull(StreamBufferHandle_t buffer);
BaseType_t xStreamBufferSetTriggerLevel(StreamBufferHandle_t buffer, size_t trigger_level);
size_t xStreamBufferSpacesAvailable(StreamBufferHandle_t buffer);
size_t xStreamBufferBytesAvailable(StreamBufferHandle_t buffer);

#define xStreamBufferSendFromISR(buffer, data, length, woken) \
    (kit_not_woken(woken), xStreamBufferSend(buffer, data, length, 0))
#define xStreamBufferReceiveFromISR(buffer, data, length, woken) \
    (kit_not_woken(woken), xStreamBufferReceive(buffer, data, length, 0))

#ifdef __cplusplus
}
#endif
