/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "mqtt_outbox.h"

outbox_item_t *outbox_add(outbox_t *outbox, mqtt_packet_t packet, mqtt_packet_type_t type, uint16_t id, int64_t now_ms)
{
    outbox_item_t *item = calloc(1, sizeof(*item));
    if (item == NULL) {
        free(packet.data);
        return NULL;
    }
    item->packet = packet;
    item->type = type;
    item->id = id;
    item->qos = type == MQTT_PUBLISH ? mqtt_packet_qos(packet.data) : 0;
    item->created_ms = now_ms;
    outbox_item_t **end = &outbox->first;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = item;
    outbox->size += packet.length;
    return item;
}

outbox_item_t *outbox_oldest(const outbox_t *outbox, outbox_state_t state)
{
    outbox_item_t *item = outbox->first;
    while (item != NULL && item->state != state) {
        item = item->next;
    }
    return item;
}

void outbox_remove(outbox_t *outbox, outbox_item_t *item)
{
    outbox_item_t **link = &outbox->first;
    while (*link != NULL && *link != item) {
        link = &(*link)->next;
    }
    if (*link == item) {
        *link = item->next;
        outbox->size -= item->packet.length;
        free(item->packet.data);
        free(item);
    }
}

bool outbox_acknowledge(outbox_t *outbox, mqtt_packet_type_t type, uint16_t id)
{
    for (outbox_item_t *item = outbox->first; item != NULL; item = item->next) {
        if (item->type == type && item->id == id) {
            outbox_remove(outbox, item);
            return true;
        }
    }
    return false;
}

int outbox_expire_one(outbox_t *outbox, int64_t now_ms, int64_t age_ms)
{
    for (outbox_item_t *item = outbox->first; item != NULL; item = item->next) {
        if (now_ms - item->created_ms > age_ms) {
            const int id = item->id;
            outbox_remove(outbox, item);
            return id;
        }
    }
    return -1;
}

void outbox_clear(outbox_t *outbox)
{
    while (outbox->first != NULL) {
        outbox_remove(outbox, outbox->first);
    }
}
