/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP's sockets as ESP-IDF 5.1 has them, as far as a TCP client needs them: `src/sockets.c` leads them through the access
 * point. Other kinds of sockets, listening and datagrams are refused with an errno. */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>
#include "lwip/inet.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint8_t sa_family_t;
typedef uint32_t socklen_t;

struct sockaddr {
    uint8_t sa_len;
    sa_family_t sa_family;
    char sa_data[14];
};

struct sockaddr_in {
    uint8_t sin_len;
    sa_family_t sin_family;
    in_port_t sin_port;
    struct in_addr sin_addr;
    char sin_zero[8];
};

struct sockaddr_in6 {
    uint8_t sin6_len;
    sa_family_t sin6_family;
    in_port_t sin6_port;
    uint32_t sin6_flowinfo;
    struct in6_addr sin6_addr;
    uint32_t sin6_scope_id;
};

struct sockaddr_storage {
    uint8_t s2_len;
    sa_family_t ss_family;
    char s2_data1[2];
    uint32_t s2_data2[3];
    uint32_t s2_data3[3];
};

struct linger {
    int l_onoff;
    int l_linger;
};

#define AF_UNSPEC 0
#define AF_INET 2
#define AF_INET6 10
#define PF_INET AF_INET
#define PF_UNSPEC AF_UNSPEC
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define IPPROTO_IP 0
#define IPPROTO_ICMP 1
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_IPV6 41
#define SOL_SOCKET 0xfff
#define SO_REUSEADDR 0x0004
#define SO_KEEPALIVE 0x0008
#define SO_BROADCAST 0x0020
#define SO_LINGER 0x0080
#define SO_SNDTIMEO 0x1005
#define SO_RCVTIMEO 0x1006
#define SO_ERROR 0x1007
#define SO_TYPE 0x1008
#define TCP_NODELAY 0x01
#define TCP_KEEPALIVE 0x02
#define TCP_KEEPIDLE 0x03
#define TCP_KEEPINTVL 0x04
#define TCP_KEEPCNT 0x05
#define MSG_PEEK 0x01
#define MSG_WAITALL 0x02
#define MSG_DONTWAIT 0x08
#define MSG_MORE 0x10
#define SHUT_RD 0
#define SHUT_WR 1
#define SHUT_RDWR 2

int lwip_socket(int domain, int type, int protocol);
int lwip_connect(int s, const struct sockaddr *name, socklen_t namelen);
int lwip_bind(int s, const struct sockaddr *name, socklen_t namelen);
int lwip_listen(int s, int backlog);
int lwip_accept(int s, struct sockaddr *addr, socklen_t *addrlen);
ssize_t lwip_send(int s, const void *data, size_t size, int flags);
ssize_t lwip_recv(int s, void *mem, size_t len, int flags);
ssize_t lwip_sendto(int s, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t tolen);
ssize_t lwip_recvfrom(int s, void *mem, size_t len, int flags, struct sockaddr *from, socklen_t *fromlen);
int lwip_setsockopt(int s, int level, int optname, const void *optval, socklen_t optlen);
int lwip_getsockopt(int s, int level, int optname, void *optval, socklen_t *optlen);
int lwip_shutdown(int s, int how);
int lwip_close(int s);

#define socket(domain, type, protocol) lwip_socket(domain, type, protocol)
#define connect(s, name, namelen) lwip_connect(s, name, namelen)
#define bind(s, name, namelen) lwip_bind(s, name, namelen)
#define listen(s, backlog) lwip_listen(s, backlog)
#define accept(s, addr, addrlen) lwip_accept(s, addr, addrlen)
#define send(s, data, size, flags) lwip_send(s, data, size, flags)
#define recv(s, mem, len, flags) lwip_recv(s, mem, len, flags)
#define sendto(s, data, size, flags, to, tolen) lwip_sendto(s, data, size, flags, to, tolen)
#define recvfrom(s, mem, len, flags, from, fromlen) lwip_recvfrom(s, mem, len, flags, from, fromlen)
#define setsockopt(s, level, optname, optval, optlen) lwip_setsockopt(s, level, optname, optval, optlen)
#define getsockopt(s, level, optname, optval, optlen) lwip_getsockopt(s, level, optname, optval, optlen)
#define shutdown(s, how) lwip_shutdown(s, how)
#define closesocket(s) lwip_close(s)

#ifdef __cplusplus
}
#endif
