/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/** Call `visit` with each region of the chip's heap, lowest address first. */
void kit_heap_foreach_region(void (*visit)(uint32_t address, uint32_t size));
