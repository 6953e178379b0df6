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
KIT_IMPORT(kit_block) int32_t kit_block(const void *object, int64_t timeout_us);
KIT_IMPORT(kit_wake) void kit_wake(const void *object, int32_t everyone);
KIT_IMPORT(kit_yield) void kit_yield(void);
KIT_IMPORT(kit_interrupts) void kit_interrupts(int32_t disabled);
KIT_IMPORT(kit_time_us) int64_t kit_time_us(void);

/* UART0. kit_block(KIT_UART_RX, …) waits for input. */
#define KIT_UART_RX ((const void *)1)
KIT_IMPORT(kit_uart_write) void kit_uart_write(const void *data, int32_t size);
KIT_IMPORT(kit_uart_read) int32_t kit_uart_read(void *data, int32_t size);
KIT_IMPORT(kit_uart_available) int32_t kit_uart_available(void);

/* System. */
KIT_IMPORT(kit_restart) void kit_restart(void);
KIT_IMPORT(kit_random) void kit_random(void *data, int32_t size);
KIT_IMPORT(kit_mac) void kit_mac(uint8_t *mac);
KIT_IMPORT(kit_reset_cause) int32_t kit_reset_cause(void);
KIT_IMPORT(kit_app_offset) int32_t kit_app_offset(void);
KIT_IMPORT(kit_flash_size) int32_t kit_flash_size(void);
KIT_IMPORT(kit_access_points) int32_t kit_access_points(void);

/* Panics; {pc} in the text stands for the caller's address. */
enum { KIT_PANIC_ABORT = 0, KIT_PANIC_TEXT = 1, KIT_PANIC_ERROR_CHECK = 2 };
KIT_IMPORT(kit_panic) void kit_panic(int32_t kind, const char *text, int32_t size);

/* Flash, by offset; each returns an esp_err_t. */
KIT_IMPORT(kit_flash_read) int32_t kit_flash_read(int32_t offset, void *data, int32_t size);
KIT_IMPORT(kit_flash_write) int32_t kit_flash_write(int32_t offset, const void *data, int32_t size);
KIT_IMPORT(kit_flash_erase) int32_t kit_flash_erase(int32_t offset, int32_t size);
