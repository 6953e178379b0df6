/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** Whether a part that answers on a single wire is at this pin; its resistor pulls the wire up. */
bool kit_is_wire(int pin);

/** Note what the firmware does to such a wire: pull it low, or let it go. */
void kit_wire_drive(int pin, bool is_low);

/** Return the level of such a wire that the firmware has let go. */
int kit_wire_level(int pin);

/** Let time pass without waiting, where the caller listens to a part; false where nobody does. */
bool kit_wire_delay(uint32_t us);
