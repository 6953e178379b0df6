/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "mqtt_packet.h"

#define HEADER_MOST 5
#define LENGTH_MOST 268435455
#define STRING_MOST 65535
#define FLAG_USERNAME 0x80
#define FLAG_PASSWORD 0x40
#define FLAG_WILL_RETAIN 0x20
#define FLAG_WILL 0x04
#define FLAG_CLEAN_SESSION 0x02

/* Writes the fields of a packet behind the room for its fixed header. */
typedef struct {
    uint8_t *data;
    size_t length;
} writer_t;

static size_t string_room(const char *text)
{
    return 2 + strlen(text);
}

static writer_t open_packet(size_t room)
{
    const bool fits = room <= LENGTH_MOST;
    return (writer_t){.data = fits ? malloc(HEADER_MOST + room) : NULL, .length = HEADER_MOST};
}

static void put_byte(writer_t *writer, uint8_t value)
{
    writer->data[writer->length++] = value;
}

static void put_word(writer_t *writer, uint16_t value)
{
    put_byte(writer, (uint8_t)(value >> 8));
    put_byte(writer, (uint8_t)value);
}

static void put_bytes(writer_t *writer, const void *data, size_t length)
{
    if (length > 0) {
        memcpy(writer->data + writer->length, data, length);
        writer->length += length;
    }
}

static void put_string(writer_t *writer, const char *text)
{
    put_word(writer, (uint16_t)strlen(text));
    put_bytes(writer, text, strlen(text));
}

/* Move the fields up to a fixed header of the length that they need. */
static mqtt_packet_t close_packet(writer_t *writer, uint8_t first)
{
    const size_t body = writer->length - HEADER_MOST;
    uint8_t header[HEADER_MOST] = {first};
    size_t header_length = 1;
    size_t rest = body;
    do {
        header[header_length] = rest & 0x7F;
        rest >>= 7;
        header[header_length++] |= rest > 0 ? 0x80 : 0;
    } while (rest > 0);
    memmove(writer->data + header_length, writer->data + HEADER_MOST, body);
    memcpy(writer->data, header, header_length);
    return (mqtt_packet_t){.data = writer->data, .length = header_length + body};
}

static bool is_string(const char *text)
{
    return text == NULL || strlen(text) <= STRING_MOST;
}

static size_t connect_room(const mqtt_connect_fields_t *fields)
{
    size_t room = 16 + (fields->client_id ? string_room(fields->client_id) : 2);
    room += fields->will_topic ? string_room(fields->will_topic) + 2 + fields->will_length : 0;
    room += fields->username ? string_room(fields->username) : 0;
    return room + (fields->password ? string_room(fields->password) : 0);
}

static uint8_t connect_flags(const mqtt_connect_fields_t *fields)
{
    uint8_t flags = fields->clean_session ? FLAG_CLEAN_SESSION : 0;
    if (fields->will_topic) {
        flags |= FLAG_WILL | (uint8_t)((fields->will_qos & 3) << 3) | (fields->will_retain ? FLAG_WILL_RETAIN : 0);
    }
    flags |= fields->username ? FLAG_USERNAME : 0;
    return flags | (fields->username && fields->password ? FLAG_PASSWORD : 0);
}

mqtt_packet_t mqtt_encode_connect(const mqtt_connect_fields_t *fields)
{
    const bool are_strings = is_string(fields->client_id) && is_string(fields->will_topic) &&
                             is_string(fields->username) && is_string(fields->password) &&
                             fields->will_length <= STRING_MOST;
    writer_t writer = open_packet(connect_room(fields));
    if (!are_strings || writer.data == NULL) {
        free(writer.data);
        return (mqtt_packet_t){0};
    }
    put_string(&writer, fields->is_3_1 ? "MQIsdp" : "MQTT");
    put_byte(&writer, fields->is_3_1 ? 3 : 4);
    put_byte(&writer, connect_flags(fields));
    put_word(&writer, fields->keepalive_s);
    put_string(&writer, fields->client_id ? fields->client_id : "");
    if (fields->will_topic) {
        put_string(&writer, fields->will_topic);
        put_word(&writer, (uint16_t)fields->will_length);
        put_bytes(&writer, fields->will_message, fields->will_length);
    }
    if (fields->username) {
        put_string(&writer, fields->username);
    }
    if (fields->username && fields->password) {
        put_string(&writer, fields->password);
    }
    return close_packet(&writer, MQTT_CONNECT << 4);
}

mqtt_packet_t mqtt_encode_publish(const char *topic, const char *payload, size_t length, int qos, bool retain,
                                  uint16_t id)
{
    writer_t writer = open_packet(string_room(topic) + 2 + length);
    if (!is_string(topic) || writer.data == NULL) {
        free(writer.data);
        return (mqtt_packet_t){0};
    }
    put_string(&writer, topic);
    if (qos > 0) {
        put_word(&writer, id);
    }
    put_bytes(&writer, payload, length);
    return close_packet(&writer, (uint8_t)(MQTT_PUBLISH << 4 | qos << 1 | (retain ? 1 : 0)));
}

mqtt_packet_t mqtt_encode_subscribe(const esp_mqtt_topic_t *topics, int count, uint16_t id)
{
    size_t room = 2;
    for (int i = 0; i < count; i++) {
        room += string_room(topics[i].filter) + 1;
    }
    writer_t writer = open_packet(room);
    if (writer.data == NULL) {
        return (mqtt_packet_t){0};
    }
    put_word(&writer, id);
    for (int i = 0; i < count; i++) {
        if (!is_string(topics[i].filter) || topics[i].filter[0] == '\0') {
            free(writer.data);
            return (mqtt_packet_t){0};
        }
        put_string(&writer, topics[i].filter);
        put_byte(&writer, (uint8_t)(topics[i].qos & 3));
    }
    return close_packet(&writer, MQTT_SUBSCRIBE << 4 | 2);
}

mqtt_packet_t mqtt_encode_unsubscribe(const char *topic, uint16_t id)
{
    writer_t writer = open_packet(2 + string_room(topic));
    if (!is_string(topic) || topic[0] == '\0' || writer.data == NULL) {
        free(writer.data);
        return (mqtt_packet_t){0};
    }
    put_word(&writer, id);
    put_string(&writer, topic);
    return close_packet(&writer, MQTT_UNSUBSCRIBE << 4 | 2);
}

mqtt_packet_t mqtt_encode_puback(uint16_t id)
{
    writer_t writer = open_packet(2);
    if (writer.data == NULL) {
        return (mqtt_packet_t){0};
    }
    put_word(&writer, id);
    return close_packet(&writer, MQTT_PUBACK << 4);
}

mqtt_packet_t mqtt_encode_empty(mqtt_packet_type_t type)
{
    writer_t writer = open_packet(0);
    return writer.data == NULL ? (mqtt_packet_t){0} : close_packet(&writer, (uint8_t)(type << 4));
}

mqtt_packet_type_t mqtt_packet_type(const uint8_t *packet)
{
    return packet[0] >> 4;
}

int mqtt_packet_qos(const uint8_t *packet)
{
    return packet[0] >> 1 & 3;
}

bool mqtt_is_valid_first_byte(uint8_t first)
{
    const uint8_t flags = first & 0x0F;
    switch (first >> 4) {
    case MQTT_PUBLISH:
        return (flags & 0x06) != 0x06;
    case MQTT_CONNACK:
    case MQTT_PUBACK:
    case MQTT_SUBACK:
    case MQTT_UNSUBACK:
    case MQTT_PINGRESP:
        return flags == 0;
    default:
        return false; /* what a server never sends, and the packets of QoS 2 */
    }
}

int mqtt_decode_length(const uint8_t *packet, size_t available, size_t *total)
{
    size_t value = 0;
    for (size_t i = 1; i < HEADER_MOST; i++) {
        if (i >= available) {
            return 0;
        }
        value |= (size_t)(packet[i] & 0x7F) << (7 * (i - 1));
        if (!(packet[i] & 0x80)) {
            *total = i + 1 + value;
            return (int)i + 1;
        }
    }
    return -1;
}

bool mqtt_decode_publish(const uint8_t *packet, size_t available, size_t header, size_t total,
                         mqtt_publish_fields_t *fields)
{
    const size_t id_length = mqtt_packet_qos(packet) > 0 ? 2 : 0;
    if (available < header + 2) {
        return false;
    }
    fields->topic_offset = header + 2;
    fields->topic_length = (size_t)packet[header] << 8 | packet[header + 1];
    fields->payload_offset = fields->topic_offset + fields->topic_length + id_length;
    if (fields->payload_offset > available || fields->payload_offset > total) {
        return false;
    }
    const uint8_t *id = packet + fields->topic_offset + fields->topic_length;
    fields->id = id_length ? (uint16_t)(id[0] << 8 | id[1]) : 0;
    return true;
}
