/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "freertos/event_groups.h"
#include "kernel.h"

#define CONTROL_BITS 0xff000000UL

struct waiter {
    EventBits_t bits;
    bool all;
    bool clear;
    bool done;
    EventBits_t seen;
    struct waiter *next;
};

struct kit_event_group {
    EventBits_t bits;
    struct waiter *waiters;
    bool owns_record;
};

EventGroupHandle_t xEventGroupCreateStatic(StaticEventGroup_t *buffer)
{
    _Static_assert(sizeof(StaticEventGroup_t) >= sizeof(struct kit_event_group), "must hold an event group");
    struct kit_event_group *group = buffer != NULL ? (void *)buffer : malloc(sizeof(*group));
    if (group != NULL) {
        memset(group, 0, sizeof(*group));
        group->owns_record = buffer == NULL;
    }
    return group;
}

EventGroupHandle_t xEventGroupCreate(void)
{
    return xEventGroupCreateStatic(NULL);
}

void vEventGroupDelete(EventGroupHandle_t group)
{
    configASSERT(group);
    for (struct waiter *waiter = group->waiters; waiter != NULL; waiter = waiter->next) {
        waiter->done = true;
        waiter->seen = 0;
    }
    kit_wake(group, true);
    if (group->owns_record) {
        free(group);
    }
}

static bool satisfied(EventBits_t bits, EventBits_t wanted, bool all)
{
    return all ? (bits & wanted) == wanted : (bits & wanted) != 0;
}

/* As FreeRTOS: whoever is satisfied by the new bits is served before any of them is cleared. */
EventBits_t xEventGroupSetBits(EventGroupHandle_t group, const EventBits_t bits)
{
    configASSERT(group);
    configASSERT((bits & CONTROL_BITS) == 0);
    EventBits_t clear = 0;
    bool woke = false;
    group->bits |= bits;
    for (struct waiter *waiter = group->waiters; waiter != NULL; waiter = waiter->next) {
        if (!waiter->done && satisfied(group->bits, waiter->bits, waiter->all)) {
            waiter->done = true;
            waiter->seen = group->bits;
            clear |= waiter->clear ? waiter->bits : 0;
            woke = true;
        }
    }
    group->bits &= ~clear;
    const EventBits_t result = group->bits;
    if (woke) {
        kit_wake(group, true);
    }
    return result;
}

EventBits_t xEventGroupClearBits(EventGroupHandle_t group, const EventBits_t bits)
{
    configASSERT(group);
    const EventBits_t before = group->bits;
    group->bits &= ~bits;
    return before;
}

static void unlink_waiter(EventGroupHandle_t group, const struct waiter *waiter)
{
    for (struct waiter **link = &group->waiters; *link != NULL; link = &(*link)->next) {
        if (*link == waiter) {
            *link = waiter->next;
            return;
        }
    }
}

static EventBits_t wait(EventGroupHandle_t group, struct waiter *waiter, TickType_t ticks_to_wait)
{
    const int64_t deadline = kit_deadline(ticks_to_wait);
    waiter->next = group->waiters;
    group->waiters = waiter;
    while (!waiter->done && kit_wait_until(group, deadline)) {
    }
    if (waiter->done) {
        const EventBits_t seen = waiter->seen;
        if (seen != 0) { /* 0: the group was deleted, and is gone */
            unlink_waiter(group, waiter);
        }
        return seen;
    }
    unlink_waiter(group, waiter);
    return group->bits;
}

EventBits_t xEventGroupWaitBits(EventGroupHandle_t group, const EventBits_t bits, const BaseType_t clear_on_exit,
                                const BaseType_t wait_for_all, TickType_t ticks_to_wait)
{
    configASSERT(group);
    configASSERT(bits != 0 && (bits & CONTROL_BITS) == 0);
    if (satisfied(group->bits, bits, wait_for_all) || ticks_to_wait == 0) {
        const EventBits_t seen = group->bits;
        if (clear_on_exit && satisfied(seen, bits, wait_for_all)) {
            group->bits &= ~bits;
        }
        return seen;
    }
    struct waiter waiter = {.bits = bits, .all = wait_for_all, .clear = clear_on_exit};
    return wait(group, &waiter, ticks_to_wait);
}

EventBits_t xEventGroupSync(EventGroupHandle_t group, const EventBits_t bits_to_set, const EventBits_t bits_to_wait,
                            TickType_t ticks_to_wait)
{
    configASSERT(group);
    const EventBits_t before = group->bits;
    if (((before | bits_to_set) & bits_to_wait) == bits_to_wait) {
        xEventGroupSetBits(group, bits_to_set);
        group->bits &= ~bits_to_wait;
        return before | bits_to_set;
    }
    if (ticks_to_wait == 0) {
        return xEventGroupSetBits(group, bits_to_set);
    }
    struct waiter waiter = {.bits = bits_to_wait, .all = true, .clear = true};
    xEventGroupSetBits(group, bits_to_set);
    return wait(group, &waiter, ticks_to_wait);
}
