/* SPDX-License-Identifier: Apache-2.0 */
/* In place of the C library's: newlib's microseconds are long. Little-endian, and padded, struct timeval stays the same. */
#ifndef __wasilibc___typedef_suseconds_t_h
#define __wasilibc___typedef_suseconds_t_h

typedef long suseconds_t;

#endif
