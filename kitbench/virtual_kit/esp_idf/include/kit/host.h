/* SPDX-License-Identifier: Apache-2.0 */
/* What the shims import from the virtual kit. Nothing else is importable: this list is the sandbox's only door. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define KIT_IMPORT(name) __attribute__((import_module("env"), import_name(#name)))

/* Tasks. A task's handle is the address of its record; 0 stands for the calling task. */
KIT_IMPORT(kit_task_start)
int32_t kit_task_start(void *task, void *stack_top, void *stack_bottom, int32_t priority, const char *name);
KIT_IMPORT(kit_task_end) void kit_task_end(void *task);
KIT_IMPORT(kit_task_priority) void kit_task_priority(void *task, int32_t priority);
KIT_IMPORT(kit_task_suspend) void kit_task_suspend(void *task);
KIT_IMPORT(kit_task_resume) void kit_task_resume(void *task);
KIT_IMPORT(kit_task_abort_delay) int32_t kit_task_abort_delay(void *task);
KIT_IMPORT(kit_task_state) int32_t kit_task_state(void *task);

/* Wait until kit_wake(object): 1, or until the time-out in simulated microseconds (negative: for ever): 0. */
KIT_IMPORT(kit_block) int32_t kit_host_block(const void *object, int64_t timeout_us);
int32_t kit_block(const void *object, int64_t timeout_us); /* src/single_wire.c */
KIT_IMPORT(kit_wake) void kit_wake(const void *object, int32_t everyone);
KIT_IMPORT(kit_yield) void kit_yield(void);
KIT_IMPORT(kit_interrupts) void kit_interrupts(int32_t disabled);
KIT_IMPORT(kit_time_us) int64_t kit_host_time_us(void);
int64_t kit_time_us(void); /* src/single_wire.c */

/* UART0. kit_block(KIT_UART_RX, …) waits for input. */
#define KIT_UART_RX ((const void *)1)
KIT_IMPORT(kit_uart_write) void kit_uart_write(const void *data, int32_t size);
KIT_IMPORT(kit_uart_read) int32_t kit_uart_read(void *data, int32_t size);
KIT_IMPORT(kit_uart_available) int32_t kit_uart_available(void);

/* Deep sleep: ends the app; the timer in simulated microseconds (negative: none) starts the chip over. What is at `data`
 * is kept, and given back by kit_rtc_restore() to the app that wakes up from it: 1, else 0. */
KIT_IMPORT(kit_deep_sleep) void kit_deep_sleep(int64_t timer_us, const void *data, int32_t size);
KIT_IMPORT(kit_rtc_restore) int32_t kit_rtc_restore(void *data, int32_t size);

/* What the app asks for at this moment and the kit lacks, as an instructor reads it ("UDP sockets"): from now on nothing
 * that the app does or leaves undone is held against it. */
KIT_IMPORT(kit_lacks) void kit_lacks(const char *feature);

/* System. */
KIT_IMPORT(kit_restart) void kit_restart(void);
KIT_IMPORT(kit_random) void kit_random(void *data, int32_t size);
KIT_IMPORT(kit_mac) void kit_mac(uint8_t *mac);
KIT_IMPORT(kit_reset_reason) int32_t kit_reset_reason(void); /* an esp_reset_reason_t */
KIT_IMPORT(kit_app_offset) int32_t kit_app_offset(void);
KIT_IMPORT(kit_flash_size) int32_t kit_flash_size(void);
KIT_IMPORT(kit_access_points) int32_t kit_access_points(void);
/* Why a station does not get in, a wifi_err_reason_t, or 0; both fields as in wifi_sta_config_t. */
KIT_IMPORT(kit_wifi_refusal) int32_t kit_wifi_refusal(const uint8_t ssid[32], const uint8_t password[64]);
/* The network's name with its NUL, and its length; 0 where every name is right. */
KIT_IMPORT(kit_wifi_name) int32_t kit_wifi_name(char name[33]);

/* Panics; {pc} in the text stands for the caller's address. */
enum { KIT_PANIC_ABORT = 0, KIT_PANIC_TEXT = 1, KIT_PANIC_ERROR_CHECK = 2 };
/* Exceptions of the CPU: no text, and the address in place of its size. */
enum { KIT_PANIC_LOAD = 4, KIT_PANIC_STORE = 5, KIT_PANIC_DIVIDE = 6 };
KIT_IMPORT(kit_panic) void kit_panic(int32_t kind, const char *text, int32_t size);

/* Flash, by offset; each returns an esp_err_t. */
KIT_IMPORT(kit_flash_read) int32_t kit_flash_read(int32_t offset, void *data, int32_t size);
KIT_IMPORT(kit_flash_write) int32_t kit_flash_write(int32_t offset, const void *data, int32_t size);
KIT_IMPORT(kit_flash_erase) int32_t kit_flash_erase(int32_t offset, int32_t size);

/* Real time, for the network's time-outs, which the clock factor leaves alone. */
KIT_IMPORT(kit_real_time_us) int64_t kit_real_time_us(void);

/* TLS. Sizes of PEM include the closing NUL, as esp-tls has it; alpn is a list with commas. */
enum {
    KIT_TLS_SECURE_ELEMENT = 1,
    KIT_TLS_PLAIN = 2,
    KIT_TLS_SKIP_NAME = 4,
    KIT_TLS_CHECK_DATES = 8,
    KIT_TLS_ANY_SERVER = 16, /* where no CA is given */
};
struct kit_tls_request {
    const char *host;
    uint32_t port;
    const void *ca;
    uint32_t ca_size;
    const void *certificate;
    uint32_t certificate_size;
    const void *key;
    uint32_t key_size;
    const char *server_name;
    const char *alpn;
    uint32_t timeout_ms;
    uint32_t flags;
    uint32_t now; /* seconds of the wall clock, for KIT_TLS_CHECK_DATES */
};
struct kit_tls_failure {
    int32_t code; /* mbedTLS's, or an esp_err_t negated */
    int32_t verify_flags;
    int32_t stack_code; /* mbedTLS's, positive, behind an esp_err_t */
};
KIT_IMPORT(kit_tls_open) int32_t kit_tls_open(const struct kit_tls_request *request, struct kit_tls_failure *failure);
/* Whether the access point leads to a host of this name, on whatever port. */
KIT_IMPORT(kit_resolves) int32_t kit_resolves(const char *host);
KIT_IMPORT(kit_tls_read) int32_t kit_tls_read(int32_t connection, void *data, int32_t size, int32_t timeout_ms);
KIT_IMPORT(kit_tls_write) int32_t kit_tls_write(int32_t connection, const void *data, int32_t size);
KIT_IMPORT(kit_tls_wait) int32_t kit_tls_wait(int32_t connection, int32_t timeout_ms);
KIT_IMPORT(kit_tls_pending) int32_t kit_tls_pending(int32_t connection);
KIT_IMPORT(kit_tls_close) void kit_tls_close(int32_t connection);

/* The secure element; returns an ATCA_STATUS. */
enum kit_atca {
    KIT_ATCA_INIT,
    KIT_ATCA_RELEASE,
    KIT_ATCA_WAKEUP,
    KIT_ATCA_IDLE,
    KIT_ATCA_SLEEP,
    KIT_ATCA_INFO,
    KIT_ATCA_READ_SERIAL_NUMBER,
    KIT_ATCA_READ_CONFIG_ZONE,
    KIT_ATCA_IS_LOCKED,
    KIT_ATCA_IS_SLOT_LOCKED,
    KIT_ATCA_IS_PRIVATE,
    KIT_ATCA_GET_PUBKEY,
    KIT_ATCA_GENKEY,
    KIT_ATCA_SIGN,
    KIT_ATCA_VERIFY_EXTERN,
    KIT_ATCA_READ_ZONE,
    KIT_ATCA_RANDOM,
    KIT_ATCA_NONCE,
    KIT_ATCA_COUNTER_READ,
    KIT_ATCA_COUNTER_INCREMENT,
    KIT_ATCA_SHA,
};
KIT_IMPORT(kit_atca)
int32_t kit_atca(int32_t call, uint32_t first, uint32_t second, const void *data, int32_t size, void *answer,
                 int32_t room);

/* NVS; each returns an esp_err_t. `kind` is a nvs_type_t; for strings and blobs kit_nvs_get takes the address of the
 * length instead of the size. */
KIT_IMPORT(kit_nvs_init) int32_t kit_nvs_init(const char *label);
KIT_IMPORT(kit_nvs_deinit) int32_t kit_nvs_deinit(const char *label);
KIT_IMPORT(kit_nvs_commit) int32_t kit_nvs_commit(uint32_t handle);
KIT_IMPORT(kit_nvs_erase) int32_t kit_nvs_erase(const char *label);
KIT_IMPORT(kit_nvs_open)
int32_t kit_nvs_open(const char *label, const char *name_space, int32_t writable, uint32_t *handle);
KIT_IMPORT(kit_nvs_set)
int32_t kit_nvs_set(uint32_t handle, const char *key, int32_t kind, const void *data, uint32_t size);
KIT_IMPORT(kit_nvs_get)
int32_t kit_nvs_get(uint32_t handle, const char *key, int32_t kind, void *data, uintptr_t size);
KIT_IMPORT(kit_nvs_remove) int32_t kit_nvs_remove(uint32_t handle, const char *key);
/* The `index`th entry of a namespace ("" for all) and a type (NVS_TYPE_ANY for all), as a nvs_entry_info_t. */
KIT_IMPORT(kit_nvs_entry)
int32_t kit_nvs_entry(const char *label, const char *name_space, int32_t kind, int32_t index, void *info);
/* Four numbers, as a nvs_stats_t; and how many entries a handle's namespace takes. */
KIT_IMPORT(kit_nvs_stats) int32_t kit_nvs_stats(const char *label, void *stats);
KIT_IMPORT(kit_nvs_used) int32_t kit_nvs_used(uint32_t handle, uint32_t *count);
KIT_IMPORT(kit_nvs_close) void kit_nvs_close(uint32_t handle);

/* Task watchdog. A time-out of 0 switches it off; subscribe, feed and status return whether there was something to do. */
KIT_IMPORT(kit_task_wdt_configure) void kit_task_wdt_configure(int32_t timeout_ms, int32_t panic);
KIT_IMPORT(kit_task_wdt_subscribe) int32_t kit_task_wdt_subscribe(void *task, int32_t subscribed);
KIT_IMPORT(kit_task_wdt_feed) int32_t kit_task_wdt_feed(void *task);
KIT_IMPORT(kit_task_wdt_status) int32_t kit_task_wdt_status(void *task);

/* Parts on the table. kit_i2c runs a script (src/i2c.c) on the bus at two pins and returns how many bytes were read, -1 where
 * nothing acknowledged; kit_lamp says for how many millionths of the time a pin is high, -1 where it drives nothing; kit_wire
 * says that a wire was let go after a low, and returns how many levels the part answers with, each in microseconds, the
 * first one high; kit_millivolts returns -1 for an open pin. Lamps and wires are told of at their own pins only. */
KIT_IMPORT(kit_i2c)
int32_t kit_i2c(int32_t sda, int32_t scl, const void *script, int32_t size, void *answer, int32_t room);
KIT_IMPORT(kit_lamp_pins) int64_t kit_lamp_pins(void);
KIT_IMPORT(kit_wire_pins) int64_t kit_wire_pins(void);
KIT_IMPORT(kit_lamp) void kit_lamp(int32_t pin, int32_t high, int32_t frequency);
KIT_IMPORT(kit_wire) int32_t kit_wire(int32_t pin, int32_t low_us, uint16_t *durations, int32_t room);
KIT_IMPORT(kit_millivolts) int32_t kit_millivolts(int32_t pin);

/* The host's wall clock, in microseconds since 1970, which the access point gives as network time. */
KIT_IMPORT(kit_wall_clock_us) int64_t kit_wall_clock_us(void);
