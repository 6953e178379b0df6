/* SPDX-License-Identifier: Apache-2.0 */
/* Included by programs of the legacy MCPWM driver; what it has in ESP-IDF is the driver's own. */
#pragma once

#include "soc/soc_caps.h"
