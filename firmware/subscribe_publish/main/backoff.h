/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

#include <stdint.h>

/** Exponential back-off with jitter, so that a class of devices does not come back all at once. */
typedef struct {
    uint32_t base_ms; /*!< ceiling of the first wait */
    uint32_t max_ms;  /*!< ceiling of every later wait */
    uint32_t attempt; /*!< waits since the last success */
} backoff_t;

/**
 * @brief Return how long to wait before the next attempt, and count it
 *
 * The wait is between half of the ceiling and the ceiling; the ceiling doubles with every attempt.
 *
 * @param backoff state
 * @return milliseconds
 */
uint32_t backoff_next_ms(backoff_t *backoff);

/**
 * @brief Start over after a success
 *
 * @param backoff state
 */
void backoff_reset(backoff_t *backoff);
