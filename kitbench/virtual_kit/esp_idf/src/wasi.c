/* SPDX-License-Identifier: Apache-2.0 */
/* The few WASI calls that the C library makes, answered here: no module imports WASI. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include "kit/host.h"
#include "lwip/sockets.h"
#include "sleep.h"
#include "sockets.h"

#define WASI_EAGAIN 6
#define WASI_EBADF 8
#define WASI_ECONNRESET 15
#define WASI_ENOSYS 52
#define WASI_ENOTCONN 53
#define WASI_ESPIPE 70
#define FILETYPE_CHARACTER_DEVICE 2
#define STDIN 0
#define STDERR 2
#define LINE_MOST 256

struct wasi_piece {
    uint8_t *data;
    uint32_t size;
};

/* A socket's error as the C library wants it, which makes errno of it again. */
static int32_t wasi_error(void)
{
    return errno == EAGAIN ? WASI_EAGAIN : errno == ENOTCONN ? WASI_ENOTCONN : WASI_ECONNRESET;
}

/* ESP-IDF's console turns each newline into carriage return and newline. */
static void write_console(const uint8_t *data, uint32_t size)
{
    uint8_t line[LINE_MOST];
    uint32_t length = 0;
    for (uint32_t i = 0; i < size; i++) {
        if (data[i] == '\n') {
            line[length++] = '\r';
        }
        line[length++] = data[i];
        if (length >= sizeof(line) - 1) {
            kit_uart_write(line, (int32_t)length);
            length = 0;
        }
    }
    if (length > 0) {
        kit_uart_write(line, (int32_t)length);
    }
}

int32_t __imported_wasi_snapshot_preview1_fd_write(int32_t fd, int32_t pieces, int32_t count, int32_t written)
{
    if (kit_is_socket(fd) && count > 0) {
        const struct wasi_piece *first = (const struct wasi_piece *)pieces;
        const ssize_t sent = lwip_send(fd, first->data, first->size, 0);
        *(uint32_t *)written = sent > 0 ? (uint32_t)sent : 0;
        return sent >= 0 ? 0 : wasi_error();
    }
    if (fd <= STDIN || fd > STDERR) {
        return WASI_EBADF;
    }
    const struct wasi_piece *piece = (const struct wasi_piece *)pieces;
    uint32_t total = 0;
    for (int32_t i = 0; i < count; i++) {
        write_console(piece[i].data, piece[i].size);
        total += piece[i].size;
    }
    *(uint32_t *)written = total;
    return 0;
}

/* Blocks until something was typed; carriage returns arrive as newlines. */
int32_t __imported_wasi_snapshot_preview1_fd_read(int32_t fd, int32_t pieces, int32_t count, int32_t read)
{
    if (kit_is_socket(fd) && count > 0) {
        const struct wasi_piece *first = (const struct wasi_piece *)pieces;
        const ssize_t received = lwip_recv(fd, first->data, first->size, 0);
        *(int32_t *)read = received > 0 ? (int32_t)received : 0;
        return received >= 0 ? 0 : wasi_error();
    }
    if (fd != STDIN || count < 1) {
        return WASI_EBADF;
    }
    const struct wasi_piece *piece = (const struct wasi_piece *)pieces;
    while (piece->size == 0 && count > 1) {
        piece++;
        count--;
    }
    while (piece->size > 0 && kit_uart_available() == 0) {
        kit_block(KIT_UART_RX, -1);
    }
    const int32_t length = kit_uart_read(piece->data, (int32_t)piece->size);
    for (int32_t i = 0; i < length; i++) {
        if (piece->data[i] == '\r') {
            piece->data[i] = '\n';
        }
    }
    *(int32_t *)read = length;
    return 0;
}

int32_t __imported_wasi_snapshot_preview1_fd_fdstat_get(int32_t fd, int32_t result)
{
    if (fd < STDIN || fd > STDERR) {
        return WASI_EBADF;
    }
    uint8_t *stat = (uint8_t *)result;
    memset(stat, 0, 24);
    stat[0] = FILETYPE_CHARACTER_DEVICE;
    return 0;
}

int32_t __imported_wasi_snapshot_preview1_fd_seek(int32_t fd, int64_t offset, int32_t whence, int32_t result)
{
    (void)fd;
    (void)offset;
    (void)whence;
    (void)result;
    return WASI_ESPIPE;
}

int32_t __imported_wasi_snapshot_preview1_fd_close(int32_t fd)
{
    (void)fd;
    return WASI_EBADF;
}

/* zig's C library answers close() with an import of its own. */
int close(int fd)
{
    return lwip_close(fd);
}

int32_t __imported_wasi_snapshot_preview1_fd_prestat_get(int32_t fd, int32_t result)
{
    (void)fd;
    (void)result;
    return WASI_EBADF;
}

int32_t __imported_wasi_snapshot_preview1_fd_prestat_dir_name(int32_t fd, int32_t path, int32_t length)
{
    (void)fd;
    (void)path;
    (void)length;
    return WASI_EBADF;
}

int32_t __imported_wasi_snapshot_preview1_fd_fdstat_set_flags(int32_t fd, int32_t flags)
{
    (void)fd;
    (void)flags;
    return WASI_ENOSYS;
}

int32_t __imported_wasi_snapshot_preview1_path_open(int32_t dir, int32_t a, int32_t b, int32_t c, int32_t d, int64_t e,
                                                    int64_t f, int32_t g, int32_t h)
{
    (void)dir, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    return WASI_ENOSYS;
}

int32_t __imported_wasi_snapshot_preview1_environ_sizes_get(int32_t count, int32_t size)
{
    *(uint32_t *)count = 0;
    *(uint32_t *)size = 0;
    return 0;
}

int32_t __imported_wasi_snapshot_preview1_environ_get(int32_t environment, int32_t buffer)
{
    (void)environment;
    (void)buffer;
    return 0;
}

int32_t __imported_wasi_snapshot_preview1_clock_res_get(int32_t clock, int32_t result)
{
    (void)clock;
    *(uint64_t *)result = 1000;
    return 0;
}

/* Microseconds that the wall clock is ahead of the time since boot: the chip starts in 1970. */
static int64_t s_wall_clock_offset_us;

int32_t __imported_wasi_snapshot_preview1_clock_time_get(int32_t clock, int64_t precision, int32_t result)
{
    (void)precision;
    const int64_t offset = clock == 0 ? s_wall_clock_offset_us : 0;
    *(int64_t *)result = (kit_time_us() + offset) * 1000;
    return 0;
}

int settimeofday(const struct timeval *now, const struct timezone *zone)
{
    (void)zone;
    if (now == NULL) {
        errno = EINVAL;
        return -1;
    }
    s_wall_clock_offset_us = (int64_t)now->tv_sec * 1000000 + now->tv_usec - kit_time_us();
    return 0;
}

int64_t kit_get_wall_clock_us(void)
{
    return kit_time_us() + s_wall_clock_offset_us;
}

void kit_set_wall_clock_us(int64_t now_us)
{
    s_wall_clock_offset_us = now_us - kit_time_us();
}

int32_t __imported_wasi_snapshot_preview1_random_get(int32_t buffer, int32_t size)
{
    kit_random((void *)buffer, size);
    return 0;
}

int32_t __imported_wasi_snapshot_preview1_sched_yield(void)
{
    kit_yield();
    return 0;
}

/* sleep(), usleep() and nanosleep() come here: one relative clock subscription. */
int32_t __imported_wasi_snapshot_preview1_poll_oneoff(int32_t subscriptions, int32_t events, int32_t count,
                                                      int32_t happened)
{
    enum { SUBSCRIPTION_TAG = 8, SUBSCRIPTION_TIMEOUT = 24, EVENT_SIZE = 32 };
    const uint8_t *subscription = (const uint8_t *)subscriptions;
    if (count != 1 || subscription[SUBSCRIPTION_TAG] != 0) {
        return WASI_ENOSYS;
    }
    uint64_t nanoseconds;
    memcpy(&nanoseconds, subscription + SUBSCRIPTION_TIMEOUT, sizeof(nanoseconds));
    kit_block(NULL, (int64_t)(nanoseconds / 1000));
    memset((void *)events, 0, EVENT_SIZE);
    *(uint32_t *)happened = 1;
    return 0;
}

_Noreturn void __imported_wasi_snapshot_preview1_proc_exit(int32_t status)
{
    (void)status;
    kit_panic(KIT_PANIC_ABORT, NULL, 0);
    __builtin_unreachable();
}
