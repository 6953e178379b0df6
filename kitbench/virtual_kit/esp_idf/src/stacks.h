/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/** Return memory for a stack, aligned to 16; NULL when the module has no more. */
uint8_t *kit_stack_take(uint32_t size);

/** Give it back; NULL is nothing. */
void kit_stack_give_back(uint8_t *memory);
