/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT 3.1.1 control packets (OASIS standard, section 2 and 3) as bytes. Encoders return malloc'ed packets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "mqtt_client.h"

typedef enum {
    MQTT_CONNECT = 1,
    MQTT_CONNACK = 2,
    MQTT_PUBLISH = 3,
    MQTT_PUBACK = 4,
    MQTT_SUBSCRIBE = 8,
    MQTT_SUBACK = 9,
    MQTT_UNSUBSCRIBE = 10,
    MQTT_UNSUBACK = 11,
    MQTT_PINGREQ = 12,
    MQTT_PINGRESP = 13,
    MQTT_DISCONNECT = 14,
} mqtt_packet_type_t;

/* A control packet to send; `data` is NULL when there was no memory or a field was too long. */
typedef struct {
    uint8_t *data;
    size_t length;
} mqtt_packet_t;

typedef struct {
    const char *client_id; /* NULL: an empty one */
    const char *username;
    const char *password;
    const char *will_topic;
    const char *will_message;
    size_t will_length;
    int will_qos;
    bool will_retain;
    bool clean_session;
    uint16_t keepalive_s;
    bool is_3_1; /* protocol name MQIsdp instead of MQTT */
} mqtt_connect_fields_t;

typedef struct {
    size_t topic_offset;
    size_t topic_length;
    size_t payload_offset;
    uint16_t id; /* 0 with QoS 0 */
} mqtt_publish_fields_t;

mqtt_packet_t mqtt_encode_connect(const mqtt_connect_fields_t *fields);
mqtt_packet_t mqtt_encode_publish(const char *topic, const char *payload, size_t length, int qos, bool retain,
                                  uint16_t id);
mqtt_packet_t mqtt_encode_subscribe(const esp_mqtt_topic_t *topics, int count, uint16_t id);
mqtt_packet_t mqtt_encode_unsubscribe(const char *topic, uint16_t id);
mqtt_packet_t mqtt_encode_puback(uint16_t id);

/* PINGREQ or DISCONNECT. */
mqtt_packet_t mqtt_encode_empty(mqtt_packet_type_t type);

mqtt_packet_type_t mqtt_packet_type(const uint8_t *packet);
int mqtt_packet_qos(const uint8_t *packet);

/* Whether the flags of the first byte are those that its type must have. */
bool mqtt_is_valid_first_byte(uint8_t first);

/* Length of the fixed header, 0 while more bytes are needed, -1 when it is malformed; *total is the packet's length. */
int mqtt_decode_length(const uint8_t *packet, size_t available, size_t *total);

/* False when the first `available` bytes of a PUBLISH do not hold a whole topic and id. */
bool mqtt_decode_publish(const uint8_t *packet, size_t available, size_t header, size_t total,
                         mqtt_publish_fields_t *fields);
