/* SPDX-License-Identifier: Apache-2.0 */
/* Message buffers, from the FreeRTOS reference manual: stream buffers of whole messages, each with 4 bytes of length. */
#pragma once

#include "freertos/stream_buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef StreamBufferHandle_t MessageBufferHandle_t;
typedef StaticStreamBuffer_t StaticMessageBuffer_t;

MessageBufferHandle_t xMessageBufferCreate(size_t size);
MessageBufferHandle_t xMessageBufferCreateStatic(size_t size, uint8_t *storage, StaticMessageBuffer_t *record);
size_t xStreamBufferNextMessageLengthBytes(StreamBufferHandle_t buffer);

#define vMessageBufferDelete(buffer) vStreamBufferDelete(buffer)
#define xMessageBufferSend(buffer, data, length, ticks) xStreamBufferSend(buffer, data, length, ticks)
#define xMessageBufferSendFromISR(buffer, data, length, woken) xStreamBufferSendFromISR(buffer, data, length, woken)
#define xMessageBufferReceive(buffer, data, length, ticks) xStreamBufferReceive(buffer, data, length, ticks)
#define xMessageBufferReceiveFromISR(buffer, data, length, woken) \
    xStreamBufferReceiveFromISR(buffer, data, length, woken)
#define xMessageBufferReset(buffer) xStreamBufferReset(buffer)
#define xMessageBufferIsEmpty(buffer) xStreamBufferIsEmpty(buffer)
#define xMessageBufferIsFull(buffer) xStreamBufferIsFull(buffer)
#define xMessageBufferSpaceAvailable(buffer) xStreamBufferSpacesAvailable(buffer)
#define xMessageBufferSpacesAvailable(buffer) xStreamBufferSpacesAvailable(buffer)
#define xMessageBufferNextLengthBytes(buffer) xStreamBufferNextMessageLengthBytes(buffer)

#ifdef __cplusplus
}
#endif
