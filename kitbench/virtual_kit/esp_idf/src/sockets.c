/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP's sockets: TCP clients through the access point. A name that it leads to has an address made up here, by which
 * connect() finds the name again; nothing else is reachable. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "esp_log.h"
#include "kit/host.h"
#include "lwip/netdb.h"
#include "lwip/sockets.h"
#include "sockets.h"

#define FIRST 54 /* LWIP_SOCKET_OFFSET: FD_SETSIZE less the ten sockets */
#define MOST 10
#define NAMES_MOST 16
#define NAME_MOST 254
#define CONNECT_MS 18000 /* lwIP gives up after so long */
#define FOREVER_MS 3600000
#define WANT_READ (-0x6900)
#define WANT_WRITE (-0x6880)

struct kit_socket {
    bool is_open;
    int32_t connection; /* 0: not connected */
    int receive_ms;     /* SO_RCVTIMEO; 0: for ever */
    bool has_ended;
};

static const char *const TAG = "lwip";
static struct kit_socket s_sockets[MOST];
static char *s_names[NAMES_MOST];

static struct kit_socket *open_socket(int number)
{
    struct kit_socket *socket = number >= FIRST && number < FIRST + MOST ? &s_sockets[number - FIRST] : NULL;
    if (socket == NULL || !socket->is_open) {
        errno = EBADF;
        return NULL;
    }
    return socket;
}

bool kit_is_socket(int number)
{
    return number >= FIRST && number < FIRST + MOST && s_sockets[number - FIRST].is_open;
}

static int fail(int number)
{
    errno = number;
    return -1;
}

int lwip_socket(int domain, int type, int protocol)
{
    if (domain != AF_INET || type != SOCK_STREAM || (protocol != 0 && protocol != IPPROTO_TCP)) {
        ESP_LOGW(TAG, "the virtual kit has TCP over IPv4 only (docs/fidelity.md): socket(%d, %d, %d) fails", domain,
                 type, protocol);
        kit_lacks(domain != AF_INET ? "IPv6 sockets" : type == SOCK_DGRAM ? "UDP sockets" : "raw sockets");
        return fail(EPROTONOSUPPORT);
    }
    for (int i = 0; i < MOST; i++) {
        if (!s_sockets[i].is_open) {
            s_sockets[i] = (struct kit_socket){.is_open = true};
            return FIRST + i;
        }
    }
    return fail(ENFILE);
}

/* 198.18.0.0/15 is for tests (RFC 2544): its last number tells the name. */
static in_addr_t address_of(const char *name)
{
    struct in_addr numeric;
    if (kit_inet_aton(name, &numeric)) {
        return numeric.s_addr;
    }
    for (uint32_t i = 0; i < NAMES_MOST; i++) {
        if (s_names[i] == NULL) {
            s_names[i] = strdup(name);
        }
        if (s_names[i] != NULL && strcmp(s_names[i], name) == 0) {
            return htonl(0xc6120001u + i);
        }
    }
    return INADDR_NONE;
}

static const char *name_of(in_addr_t address, char *numeric)
{
    const uint32_t index = ntohl(address) - 0xc6120001u;
    if (index < NAMES_MOST && s_names[index] != NULL) {
        return s_names[index];
    }
    const struct in_addr plain = {address};
    return strcpy(numeric, kit_inet_ntoa(plain));
}

int lwip_connect(int s, const struct sockaddr *name, socklen_t namelen)
{
    struct kit_socket *socket = open_socket(s);
    if (socket == NULL) {
        return -1;
    }
    if (name == NULL || namelen < sizeof(struct sockaddr_in) || name->sa_family != AF_INET) {
        return fail(EINVAL);
    }
    if (socket->connection != 0) {
        return fail(EISCONN);
    }
    const struct sockaddr_in *to = (const struct sockaddr_in *)name;
    char numeric[INET_ADDRSTRLEN];
    const struct kit_tls_request request = {
        .host = name_of(to->sin_addr.s_addr, numeric),
        .port = ntohs(to->sin_port),
        .alpn = "",
        .timeout_ms = CONNECT_MS,
        .flags = KIT_TLS_PLAIN,
    };
    struct kit_tls_failure failure = {0};
    socket->connection = kit_tls_open(&request, &failure);
    if (socket->connection == 0) {
        return fail(failure.code == -0x8004 ? ECONNRESET : failure.code == -0x8001 ? EHOSTUNREACH : ETIMEDOUT);
    }
    return 0;
}

static int lack_server(int s)
{
    if (open_socket(s) == NULL) {
        return -1;
    }
    kit_lacks("sockets that wait for others to connect");
    return fail(EOPNOTSUPP);
}

int lwip_bind(int s, const struct sockaddr *name, socklen_t namelen)
{
    (void)name, (void)namelen;
    return lack_server(s);
}

int lwip_listen(int s, int backlog)
{
    (void)backlog;
    return lack_server(s);
}

int lwip_accept(int s, struct sockaddr *addr, socklen_t *addrlen)
{
    (void)addr, (void)addrlen;
    return lack_server(s);
}

ssize_t lwip_send(int s, const void *data, size_t size, int flags)
{
    (void)flags;
    struct kit_socket *socket = open_socket(s);
    if (socket == NULL) {
        return -1;
    }
    if (socket->connection == 0) {
        return fail(ENOTCONN);
    }
    const int32_t sent = kit_tls_write(socket->connection, data, (int32_t)size);
    return sent >= 0 ? sent : fail(sent == WANT_WRITE ? EAGAIN : ECONNRESET);
}

ssize_t lwip_recv(int s, void *mem, size_t len, int flags)
{
    struct kit_socket *socket = open_socket(s);
    if (socket == NULL) {
        return -1;
    }
    if (socket->connection == 0) {
        return fail(ENOTCONN);
    }
    if ((flags & MSG_PEEK) != 0) {
        kit_lacks("recv() with MSG_PEEK");
        return fail(EOPNOTSUPP);
    }
    if (socket->has_ended) {
        return 0;
    }
    const int limit_ms = (flags & MSG_DONTWAIT) != 0 ? 0 : socket->receive_ms > 0 ? socket->receive_ms : FOREVER_MS;
    const int32_t count = kit_tls_read(socket->connection, mem, (int32_t)len, limit_ms);
    socket->has_ended = count == 0;
    return count >= 0 ? count : fail(count == WANT_READ ? EAGAIN : ECONNRESET);
}

ssize_t lwip_sendto(int s, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t tolen)
{
    (void)to, (void)tolen;
    return lwip_send(s, data, size, flags);
}

ssize_t lwip_recvfrom(int s, void *mem, size_t len, int flags, struct sockaddr *from, socklen_t *fromlen)
{
    (void)from, (void)fromlen;
    return lwip_recv(s, mem, len, flags);
}

int lwip_setsockopt(int s, int level, int optname, const void *optval, socklen_t optlen)
{
    struct kit_socket *socket = open_socket(s);
    if (socket == NULL) {
        return -1;
    }
    if (level == SOL_SOCKET && optname == SO_RCVTIMEO) {
        if (optval == NULL || optlen < sizeof(struct timeval)) {
            return fail(EINVAL);
        }
        const struct timeval *limit = optval;
        socket->receive_ms = (int)(limit->tv_sec * 1000 + limit->tv_usec / 1000);
        return 0;
    }
    /* Of no effect on what a program sees of its one connection. */
    const bool is_known = (level == SOL_SOCKET && (optname == SO_SNDTIMEO || optname == SO_KEEPALIVE ||
                                                   optname == SO_REUSEADDR || optname == SO_LINGER)) ||
                          level == IPPROTO_TCP;
    if (is_known) {
        return 0;
    }
    kit_lacks("a socket option other than time-outs and keep-alive");
    return fail(ENOPROTOOPT);
}

int lwip_getsockopt(int s, int level, int optname, void *optval, socklen_t *optlen)
{
    struct kit_socket *socket = open_socket(s);
    if (socket == NULL) {
        return -1;
    }
    if (level != SOL_SOCKET || (optname != SO_ERROR && optname != SO_TYPE)) {
        kit_lacks("a socket option to be read other than SO_ERROR and SO_TYPE");
        return fail(ENOPROTOOPT);
    }
    if (*optlen < sizeof(int)) {
        return fail(EINVAL);
    }
    *(int *)optval = optname == SO_TYPE ? SOCK_STREAM : 0;
    return 0;
}

int lwip_shutdown(int s, int how)
{
    (void)how;
    struct kit_socket *socket = open_socket(s);
    if (socket == NULL) {
        return -1;
    }
    if (socket->connection == 0) {
        return fail(ENOTCONN);
    }
    kit_tls_close(socket->connection);
    socket->has_ended = true;
    return 0;
}

int lwip_close(int s)
{
    struct kit_socket *socket = open_socket(s);
    if (socket == NULL) {
        return -1;
    }
    if (socket->connection != 0) {
        kit_tls_close(socket->connection);
    }
    *socket = (struct kit_socket){0};
    return 0;
}

/* Whether a read would answer; a socket that is not connected answers at once. */
static bool is_readable(const struct kit_socket *socket, int limit_ms)
{
    return socket->connection == 0 || socket->has_ended || kit_tls_pending(socket->connection) > 0 ||
           kit_tls_wait(socket->connection, limit_ms) != 0;
}

int select(int count, fd_set *restrict readable, fd_set *restrict writable, fd_set *restrict exceptional,
           struct timeval *restrict limit)
{
    return kit_select(count, readable, writable, exceptional, limit);
}

int kit_select(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, const struct timeval *limit)
{
    enum { SLICE_MS = 20 };
    const int64_t end = limit == NULL ? INT64_MAX
                                      : kit_real_time_us() + (int64_t)limit->tv_sec * 1000000 + limit->tv_usec;
    fd_set wanted;
    FD_ZERO(&wanted);
    if (readable != NULL) {
        wanted = *readable;
        FD_ZERO(readable);
    }
    if (exceptional != NULL) {
        FD_ZERO(exceptional);
    }
    int found = 0;
    for (int s = FIRST; writable != NULL && s < count; s++) { /* writes wait where they are made */
        found += FD_ISSET(s, writable) != 0;
    }
    do {
        for (int s = FIRST; s < count && s < FIRST + MOST; s++) {
            if (FD_ISSET(s, &wanted) && kit_is_socket(s) && is_readable(&s_sockets[s - FIRST], found ? 0 : SLICE_MS)) {
                FD_SET(s, readable);
                found++;
            }
        }
        if (found == 0 && (readable == NULL || wanted.__nfds == 0)) {
            kit_block(NULL, limit == NULL ? -1 : (int64_t)limit->tv_sec * 1000000 + limit->tv_usec);
            return 0;
        }
    } while (found == 0 && kit_real_time_us() < end);
    return found;
}

int kit_inet_aton(const char *text, struct in_addr *address)
{
    unsigned part[4];
    char rest;
    if (sscanf(text, "%u.%u.%u.%u%c", &part[0], &part[1], &part[2], &part[3], &rest) != 4 || part[0] > 255 ||
        part[1] > 255 || part[2] > 255 || part[3] > 255) {
        return 0;
    }
    address->s_addr = part[0] | part[1] << 8 | part[2] << 16 | part[3] << 24;
    return 1;
}

in_addr_t kit_inet_addr(const char *text)
{
    struct in_addr address;
    return kit_inet_aton(text, &address) ? address.s_addr : INADDR_NONE;
}

char *kit_inet_ntoa(struct in_addr address)
{
    static char text[INET_ADDRSTRLEN];
    const uint8_t *part = (const uint8_t *)&address.s_addr;
    snprintf(text, sizeof(text), "%d.%d.%d.%d", part[0], part[1], part[2], part[3]);
    return text;
}

const char *kit_inet_ntop(int family, const void *source, char *text, uint32_t size)
{
    if (family != AF_INET || size < INET_ADDRSTRLEN) {
        errno = family != AF_INET ? EAFNOSUPPORT : ENOSPC;
        return NULL;
    }
    return strcpy(text, kit_inet_ntoa(*(const struct in_addr *)source));
}

int kit_inet_pton(int family, const char *text, void *address)
{
    return family == AF_INET ? kit_inet_aton(text, address) : fail(EAFNOSUPPORT);
}

int h_errno;

static in_addr_t resolve(const char *name)
{
    struct in_addr numeric;
    if (name == NULL || strlen(name) > NAME_MOST) {
        return INADDR_NONE;
    }
    return kit_inet_aton(name, &numeric) || kit_resolves(name) ? address_of(name) : INADDR_NONE;
}

struct hostent *lwip_gethostbyname(const char *name)
{
    static struct hostent host;
    static char *addresses[2];
    static char *aliases[1];
    static struct in_addr address;
    static char kept[NAME_MOST + 1];
    address.s_addr = resolve(name);
    if (address.s_addr == INADDR_NONE) {
        h_errno = HOST_NOT_FOUND;
        return NULL;
    }
    addresses[0] = (char *)&address;
    host = (struct hostent){strcpy(kept, name), aliases, AF_INET, sizeof(address), addresses};
    return &host;
}

struct found {
    struct addrinfo info;
    struct sockaddr_in address;
};

int lwip_getaddrinfo(const char *nodename, const char *servname, const struct addrinfo *hints, struct addrinfo **res)
{
    if (nodename == NULL || res == NULL) {
        return EAI_NONAME;
    }
    if (hints != NULL && hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET) {
        kit_lacks("IPv6 sockets");
        return EAI_FAMILY;
    }
    const int port = servname != NULL ? atoi(servname) : 0;
    if (servname != NULL && (port <= 0 || port > 0xffff)) {
        return EAI_SERVICE;
    }
    const in_addr_t address = resolve(nodename);
    if (address == INADDR_NONE) {
        return EAI_FAIL;
    }
    struct found *found = calloc(1, sizeof(*found));
    if (found == NULL) {
        return EAI_MEMORY;
    }
    found->address = (struct sockaddr_in){
        .sin_len = sizeof(found->address), .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {address}};
    found->info = (struct addrinfo){
        .ai_family = AF_INET,
        .ai_socktype = hints != NULL && hints->ai_socktype != 0 ? hints->ai_socktype : SOCK_STREAM,
        .ai_protocol = hints != NULL ? hints->ai_protocol : 0,
        .ai_addrlen = sizeof(found->address),
        .ai_addr = (struct sockaddr *)&found->address,
    };
    *res = &found->info;
    return 0;
}

void lwip_freeaddrinfo(struct addrinfo *ai)
{
    free(ai);
}
