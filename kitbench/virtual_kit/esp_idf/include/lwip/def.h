/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP's small macros. */
#pragma once

#include "lwip/inet.h"

#define LWIP_MAX(x, y) (((x) > (y)) ? (x) : (y))
#define LWIP_MIN(x, y) (((x) < (y)) ? (x) : (y))
#define LWIP_ARRAYSIZE(x) (sizeof(x) / sizeof((x)[0]))
#define lwip_htons(x) htons(x)
#define lwip_htonl(x) htonl(x)
#define lwip_ntohs(x) ntohs(x)
#define lwip_ntohl(x) ntohl(x)
