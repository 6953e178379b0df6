/* SPDX-License-Identifier: Apache-2.0 */
/* Names: those that the access point leads to resolve, no other does. */
#pragma once

#include "lwip/sockets.h"

#ifdef __cplusplus
extern "C" {
#endif

#define EAI_NONAME 200
#define EAI_SERVICE 201
#define EAI_FAIL 202
#define EAI_MEMORY 203
#define EAI_FAMILY 204
#define HOST_NOT_FOUND 210
#define NO_DATA 211
#define NO_RECOVERY 212
#define TRY_AGAIN 213
#define AI_PASSIVE 0x01
#define AI_CANONNAME 0x02
#define AI_NUMERICHOST 0x04
#define AI_NUMERICSERV 0x08

struct hostent {
    char *h_name;
    char **h_aliases;
    int h_addrtype;
    int h_length;
    char **h_addr_list;
};
#define h_addr h_addr_list[0]

struct addrinfo {
    int ai_flags;
    int ai_family;
    int ai_socktype;
    int ai_protocol;
    socklen_t ai_addrlen;
    struct sockaddr *ai_addr;
    char *ai_canonname;
    struct addrinfo *ai_next;
};

extern int h_errno;
struct hostent *lwip_gethostbyname(const char *name);
int lwip_getaddrinfo(const char *nodename, const char *servname, const struct addrinfo *hints, struct addrinfo **res);
void lwip_freeaddrinfo(struct addrinfo *ai);
#define gethostbyname(name) lwip_gethostbyname(name)
#define getaddrinfo(nodename, servname, hints, res) lwip_getaddrinfo(nodename, servname, hints, res)
#define freeaddrinfo(ai) lwip_freeaddrinfo(ai)

#ifdef __cplusplus
}
#endif
