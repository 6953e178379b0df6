/* SPDX-License-Identifier: Apache-2.0 */
/* The formats of int32_t and its relations, where they are long (kit/long_int32.h). */
#pragma once

#include_next <inttypes.h>

#ifdef KIT_LONG_INT32
#undef PRId32
#undef PRIi32
#undef PRIo32
#undef PRIu32
#undef PRIx32
#undef PRIX32
#undef SCNd32
#undef SCNi32
#undef SCNo32
#undef SCNu32
#undef SCNx32
#define PRId32 "ld"
#define PRIi32 "li"
#define PRIo32 "lo"
#define PRIu32 "lu"
#define PRIx32 "lx"
#define PRIX32 "lX"
#define SCNd32 "ld"
#define SCNi32 "li"
#define SCNo32 "lo"
#define SCNu32 "lu"
#define SCNx32 "lx"
#endif
