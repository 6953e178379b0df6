/* SPDX-License-Identifier: Apache-2.0 */
/* What the FreeRTOS shims share. One task runs at a time and gives way only in kit_block, kit_wake and kit_yield. */
#pragma once

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "kit/host.h"

void __assert_func(const char *file, int line, const char *function, const char *expression)
    __attribute__((noreturn));

/* A kernel's assertion in the words of ESP-IDF's own: name of the function, line and text there. */
#define KERNEL_ASSERT(condition, file, line, function, text) \
    ((void)((condition) ? (void)0 : __assert_func(file, line, function, text)))

struct kit_task {
    TaskFunction_t function;
    void *parameters;
    char name[configMAX_TASK_NAME_LEN];
    UBaseType_t priority;
    uint8_t *stack;      /* NULL: a task of the system's that does not run here */
    void *charge;        /* what the stack takes of the chip's heap; NULL: the caller's own */
    uint32_t stack_size; /* as asked for */
    uint8_t *stack_top;
    bool owns_stack;
    bool owns_record;
    bool has_notification;
    uint32_t notification;
    void *local;   /* the instance's thread-local variables */
    void *storage; /* vTaskSetThreadLocalStoragePointer */
    struct kit_task *next;
};

/** Microseconds of `ticks`, or -1 for portMAX_DELAY. */
int64_t kit_ticks_us(TickType_t ticks);

/** When a wait of `ticks` that begins now is over; INT64_MAX for portMAX_DELAY. */
int64_t kit_deadline(TickType_t ticks);

/** Wait for `object` until `deadline`; false when it is over. */
bool kit_wait_until(const void *object, int64_t deadline);

/** Free what tasks that deleted themselves have left, as the idle task does. */
void kit_release_ended_tasks(void);

/** Add the tasks of ESP-IDF's own that do nothing here but are there: names, priorities, memory. */
void kit_add_system_tasks(void);

/** Whether interrupts are disabled or the scheduler is suspended, so that no other task may run. */
bool kit_is_scheduler_locked(void);
