/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** Turn the lamp as a message says; other messages are let alone. */
void lamp_obey(const char *text, int size);
