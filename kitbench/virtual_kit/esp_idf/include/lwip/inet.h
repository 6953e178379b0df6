/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 addresses as numbers and as text. */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t in_addr_t;
typedef uint16_t in_port_t;

struct in_addr {
    in_addr_t s_addr;
};

struct in6_addr {
    union {
        uint32_t u32_addr[4];
        uint8_t u8_addr[16];
    } un;
};

#define INADDR_NONE ((uint32_t)0xffffffffUL)
#define INADDR_LOOPBACK ((uint32_t)0x7f000001UL)
#define INADDR_ANY ((uint32_t)0x00000000UL)
#define INADDR_BROADCAST ((uint32_t)0xffffffffUL)
#define INET_ADDRSTRLEN 16
#define INET6_ADDRSTRLEN 46

#define htons(x) ((uint16_t)__builtin_bswap16((uint16_t)(x)))
#define ntohs(x) htons(x)
#define htonl(x) ((uint32_t)__builtin_bswap32((uint32_t)(x)))
#define ntohl(x) htonl(x)

in_addr_t kit_inet_addr(const char *text);
int kit_inet_aton(const char *text, struct in_addr *address);
char *kit_inet_ntoa(struct in_addr address);
const char *kit_inet_ntop(int family, const void *source, char *text, uint32_t size);
int kit_inet_pton(int family, const char *text, void *address);
#define inet_addr(text) kit_inet_addr(text)
#define inet_aton(text, address) kit_inet_aton(text, address)
#define inet_ntoa(address) kit_inet_ntoa(*(struct in_addr *)&(address))
#define inet_ntop(family, source, text, size) kit_inet_ntop(family, source, text, size)
#define inet_pton(family, text, address) kit_inet_pton(family, text, address)

#ifdef __cplusplus
}
#endif
