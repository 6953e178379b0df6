/* SPDX-License-Identifier: Apache-2.0 */
/* Deprecated in ESP-IDF 5, and still there. */
#pragma once

#include <esp_event.h> /* of the generation that is built */
