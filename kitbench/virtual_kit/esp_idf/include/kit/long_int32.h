/* SPDX-License-Identifier: Apache-2.0 */
/* int32_t and uint32_t as ESP-IDF 5's compiler has them: long, so that %d for one is wrong. Before 5.0 they were int.
 * Included before everything else in the project's own files; both are 32 bits here, too. */
#pragma once

#define KIT_LONG_INT32 1

typedef long int32_t;
typedef unsigned long uint32_t;
#define __DEFINED_int32_t
#define __DEFINED_uint32_t
