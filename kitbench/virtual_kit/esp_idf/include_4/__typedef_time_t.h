/* SPDX-License-Identifier: Apache-2.0 */
/* In place of the C library's: ESP-IDF 4's time is of 32 bits. */
#ifndef __wasilibc___typedef_time_t_h
#define __wasilibc___typedef_time_t_h

typedef long time_t;

#endif
