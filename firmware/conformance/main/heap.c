/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "answer.h"
#include "esp_system.h"

void answer_heap(void)
{
    void *volatile block = malloc(0);
    ANSWER("malloc 0", "%d", block != NULL);
    block = malloc(1000000);
    ANSWER("malloc 1 MB", "%d", block != NULL);
    uint32_t left = esp_get_free_heap_size();
    ANSWER("free heap", "%d", left > 150000 && left < 320000);
    ANSWER("least free heap", "%d", esp_get_minimum_free_heap_size() <= left);
}
