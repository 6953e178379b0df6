/* SPDX-License-Identifier: Apache-2.0 */
/* As in time.h: time-outs of 32 bits. */
#pragma once

#include_next <lwip/sockets.h>

#ifdef __cplusplus
extern "C" {
#endif

int lwip_setsockopt(int s, int level, int optname, const void *optval, socklen_t optlen) __asm__("kit4_setsockopt");
int select(int count, fd_set *__restrict readable, fd_set *__restrict writable, fd_set *__restrict failed,
           struct timeval *__restrict limit) __asm__("kit4_select");

#ifdef __cplusplus
}
#endif
