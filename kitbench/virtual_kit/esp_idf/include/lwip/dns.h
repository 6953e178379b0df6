/* SPDX-License-Identifier: Apache-2.0 */
/* Examples include it without using it; names are resolved by lwip/netdb.h. */
#pragma once

#include "lwip/err.h"
#include "lwip/ip_addr.h"
