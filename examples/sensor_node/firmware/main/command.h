/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

/* Obey a command such as {"interval_ms": 500}; `text` need not end with a zero. */
void command_obey(const char *text, int length);

/* The time between two readings that was last asked for. */
int command_interval_ms(void);
