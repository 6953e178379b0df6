/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tags of X.690 that a certificate request needs. */
#define DER_INTEGER 0x02
#define DER_BIT_STRING 0x03
#define DER_OBJECT_IDENTIFIER 0x06
#define DER_UTF8_STRING 0x0c
#define DER_SEQUENCE 0x30
#define DER_SET 0x31
#define DER_CONTEXT_0 0xa0

/** Writes DER from the end of a buffer towards its beginning, so that each length is known before it is written. */
typedef struct {
    uint8_t *buffer;
    size_t next;   /*!< offset of the byte written last */
    size_t end;    /*!< size of the buffer */
    bool overflow; /*!< something did not fit */
} der_writer_t;

/** @brief Start at the end of a buffer. */
void der_start(der_writer_t *writer, uint8_t *buffer, size_t size);

/** @brief Return how many bytes have been written. */
size_t der_size(const der_writer_t *writer);

/** @brief Put bytes before what has been written. */
void der_bytes(der_writer_t *writer, const void *data, size_t size);

/** @brief Put tag and length before everything that has been written since it was `size_before` bytes long. */
void der_wrap(der_writer_t *writer, uint8_t tag, size_t size_before);

/** @brief Put a positive integer, most significant byte first. */
void der_unsigned(der_writer_t *writer, const uint8_t *value, size_t size);
