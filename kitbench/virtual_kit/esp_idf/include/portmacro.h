/* SPDX-License-Identifier: Apache-2.0 */
/* ESP-IDF makes the port's own folder an include folder, too. */
#pragma once

#include "freertos/portmacro.h"
