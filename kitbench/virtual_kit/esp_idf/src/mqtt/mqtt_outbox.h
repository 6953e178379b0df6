/* SPDX-License-Identifier: Apache-2.0 */
/* Packets that wait to be sent or acknowledged, oldest first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "mqtt_packet.h"

typedef enum {
    OUTBOX_QUEUED,
    OUTBOX_TRANSMITTED,
} outbox_state_t;

typedef struct outbox_item {
    struct outbox_item *next;
    mqtt_packet_t packet; /* owned */
    mqtt_packet_type_t type;
    uint16_t id; /* 0 with QoS 0 */
    int qos;
    outbox_state_t state;
    int64_t created_ms;
    int64_t sent_ms;
} outbox_item_t;

typedef struct {
    outbox_item_t *first;
    size_t size; /* bytes of all packets */
} outbox_t;

/* Takes the packet over, also when it fails: NULL without memory. */
outbox_item_t *outbox_add(outbox_t *outbox, mqtt_packet_t packet, mqtt_packet_type_t type, uint16_t id, int64_t now_ms);
outbox_item_t *outbox_oldest(const outbox_t *outbox, outbox_state_t state);
void outbox_remove(outbox_t *outbox, outbox_item_t *item);

/* Remove the packet of this type and id; false when there is none. */
bool outbox_acknowledge(outbox_t *outbox, mqtt_packet_type_t type, uint16_t id);

/* Remove one packet that is older than `age_ms`; its id, -1 when there is none. */
int outbox_expire_one(outbox_t *outbox, int64_t now_ms, int64_t age_ms);
void outbox_clear(outbox_t *outbox);
