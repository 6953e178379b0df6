/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "backoff.h"

#include "esp_random.h"

/* Doubling more often than this would overflow before it is capped. */
#define MAX_DOUBLINGS 16

uint32_t backoff_next_ms(backoff_t *backoff)
{
    uint32_t doublings = backoff->attempt < MAX_DOUBLINGS ? backoff->attempt : MAX_DOUBLINGS;
    uint64_t ceiling = (uint64_t)backoff->base_ms << doublings;
    if (ceiling > backoff->max_ms) {
        ceiling = backoff->max_ms;
    }
    backoff->attempt++;
    uint32_t half = (uint32_t)(ceiling / 2);
    return half + esp_random() % (half + 1);
}

void backoff_reset(backoff_t *backoff)
{
    backoff->attempt = 0;
}
