/* SPDX-License-Identifier: Apache-2.0 */
/* cJSON: from a tree to text, in its own layout: tabs, ":\t" behind names, ", " between the elements of an array. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"

#define FIRST_ROOM 256

struct sink {
    char *data;
    size_t length;
    size_t room;
    bool is_fixed;
    bool has_failed;
    bool is_formatted;
};

static bool print_value(struct sink *sink, const cJSON *item, int depth);

static void make_room(struct sink *sink, size_t more)
{
    if (sink->length + more + 1 <= sink->room || sink->has_failed) {
        return;
    }
    const size_t room = (sink->length + more + 1) * 2;
    char *larger = sink->is_fixed ? NULL : cJSON_malloc(room);
    if (larger == NULL) {
        sink->has_failed = true;
        return;
    }
    memcpy(larger, sink->data, sink->length);
    cJSON_free(sink->data);
    sink->data = larger;
    sink->room = room;
}

static void put(struct sink *sink, const char *text)
{
    const size_t length = strlen(text);
    make_room(sink, length);
    if (!sink->has_failed) {
        memcpy(sink->data + sink->length, text, length);
        sink->length += length;
    }
}

static void put_number(struct sink *sink, const cJSON *item)
{
    char digits[32];
    const double value = item->valuedouble;
    if (isnan(value) || isinf(value)) {
        put(sink, "null");
        return;
    }
    if (value == (double)item->valueint) {
        snprintf(digits, sizeof(digits), "%d", item->valueint);
    } else {
        snprintf(digits, sizeof(digits), "%1.15g", value);
        if (strtod(digits, NULL) != value) {
            snprintf(digits, sizeof(digits), "%1.17g", value);
        }
    }
    put(sink, digits);
}

static void put_text(struct sink *sink, const char *text)
{
    put(sink, "\"");
    for (const char *at = text != NULL ? text : ""; *at != '\0'; at++) {
        static const char special[] = "\"\\\b\f\n\r\t";
        static const char letters[] = "\"\\bfnrt";
        char piece[8] = {*at, '\0'};
        const char *known = strchr(special, *at);
        if (known != NULL) {
            piece[0] = '\\';
            piece[1] = letters[known - special];
            piece[2] = '\0';
        } else if ((unsigned char)*at < ' ') {
            snprintf(piece, sizeof(piece), "\\u%04x", (unsigned)*at);
        }
        put(sink, piece);
    }
    put(sink, "\"");
}

static void put_tabs(struct sink *sink, int count)
{
    while (sink->is_formatted && count-- > 0) {
        put(sink, "\t");
    }
}

static bool print_array(struct sink *sink, const cJSON *item, int depth)
{
    put(sink, "[");
    for (const cJSON *child = item->child; child != NULL; child = child->next) {
        if (!print_value(sink, child, depth + 1)) {
            return false;
        }
        if (child->next != NULL) {
            put(sink, sink->is_formatted ? ", " : ",");
        }
    }
    put(sink, "]");
    return true;
}

static bool print_object(struct sink *sink, const cJSON *item, int depth)
{
    put(sink, sink->is_formatted ? "{\n" : "{");
    for (const cJSON *child = item->child; child != NULL; child = child->next) {
        put_tabs(sink, depth + 1);
        put_text(sink, child->string);
        put(sink, sink->is_formatted ? ":\t" : ":");
        if (!print_value(sink, child, depth + 1)) {
            return false;
        }
        put(sink, child->next != NULL ? "," : "");
        put(sink, sink->is_formatted ? "\n" : "");
    }
    put_tabs(sink, depth);
    put(sink, "}");
    return true;
}

static bool print_value(struct sink *sink, const cJSON *item, int depth)
{
    switch (item->type & 0xff) {
    case cJSON_NULL:
        put(sink, "null");
        break;
    case cJSON_False:
        put(sink, "false");
        break;
    case cJSON_True:
        put(sink, "true");
        break;
    case cJSON_Number:
        put_number(sink, item);
        break;
    case cJSON_Raw:
        put(sink, item->valuestring != NULL ? item->valuestring : "");
        return item->valuestring != NULL;
    case cJSON_String:
        put_text(sink, item->valuestring);
        break;
    case cJSON_Array:
        return print_array(sink, item, depth);
    case cJSON_Object:
        return print_object(sink, item, depth);
    default:
        return false;
    }
    return true;
}

static bool print(struct sink *sink, const cJSON *item)
{
    const bool is_whole = item != NULL && print_value(sink, item, 0);
    if (!is_whole || sink->has_failed) {
        return false;
    }
    sink->data[sink->length] = '\0';
    return true;
}

char *cJSON_PrintBuffered(const cJSON *item, int prebuffer, cJSON_bool format)
{
    if (prebuffer < 0) {
        return NULL;
    }
    struct sink sink = {.room = (size_t)prebuffer + 1, .is_formatted = format};
    sink.data = cJSON_malloc(sink.room);
    if (sink.data == NULL) {
        return NULL;
    }
    if (!print(&sink, item)) {
        cJSON_free(sink.data);
        return NULL;
    }
    return sink.data;
}

char *cJSON_Print(const cJSON *item)
{
    return cJSON_PrintBuffered(item, FIRST_ROOM, true);
}

char *cJSON_PrintUnformatted(const cJSON *item)
{
    return cJSON_PrintBuffered(item, FIRST_ROOM, false);
}

cJSON_bool cJSON_PrintPreallocated(cJSON *item, char *buffer, const int length, const cJSON_bool format)
{
    if (buffer == NULL || length <= 0) {
        return false;
    }
    struct sink sink = {.data = buffer, .room = (size_t)length, .is_fixed = true, .is_formatted = format};
    return print(&sink, item);
}
