/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of cJSON share. */
#pragma once

#include <stdbool.h>
#include "cJSON.h"

/** A new item of a type, or NULL. */
cJSON *kit_json_new(int type);

/** A copy of a text by cJSON's own allocator, or NULL. */
char *kit_json_copy(const char *text);

/** Put an item at the end of an array or object; its name is the caller's affair. */
void kit_json_append(cJSON *parent, cJSON *item);

/** Set both values of a number. */
void kit_json_set_number(cJSON *item, double number);
