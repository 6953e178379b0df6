/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

#include <stdio.h>

#include "esp_err.h"

#define ANSWER(name, format, ...) printf("C|" name "=" format "\n", __VA_ARGS__)
#define ANSWER_ERROR(name, call) ANSWER(name, "%s", esp_err_to_name(call))

void answer_c_library(void);
void answer_heap(void);
void answer_storage(void);
void answer_kernel(void);
void answer_events(void);
