/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "der_writer.h"

#include <string.h>

void der_start(der_writer_t *writer, uint8_t *buffer, size_t size)
{
    *writer = (der_writer_t) { .buffer = buffer, .next = size, .end = size };
}

size_t der_size(const der_writer_t *writer)
{
    return writer->end - writer->next;
}

void der_bytes(der_writer_t *writer, const void *data, size_t size)
{
    if (writer->overflow || size > writer->next) {
        writer->overflow = true;
        return;
    }
    writer->next -= size;
    memcpy(writer->buffer + writer->next, data, size);
}

static void put_byte(der_writer_t *writer, uint8_t byte)
{
    der_bytes(writer, &byte, 1);
}

void der_wrap(der_writer_t *writer, uint8_t tag, size_t size_before)
{
    size_t size = der_size(writer) - size_before;
    if (size < 0x80) {
        put_byte(writer, (uint8_t)size);
    } else if (size < 0x100) {
        put_byte(writer, (uint8_t)size);
        put_byte(writer, 0x81);
    } else {
        put_byte(writer, (uint8_t)size);
        put_byte(writer, (uint8_t)(size >> 8));
        put_byte(writer, 0x82);
    }
    put_byte(writer, tag);
}

void der_unsigned(der_writer_t *writer, const uint8_t *value, size_t size)
{
    size_t before = der_size(writer);
    while (size > 1 && value[0] == 0) {
        value++;
        size--;
    }
    der_bytes(writer, value, size);
    if ((value[0] & 0x80) != 0) {
        put_byte(writer, 0); /* or it would be negative */
    }
    der_wrap(writer, DER_INTEGER, before);
}
