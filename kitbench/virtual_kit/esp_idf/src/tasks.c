/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "freertos/task.h"
#include "esp_log.h"
#include "kernel.h"
#include "stacks.h"

#define STACK_PATTERN 0xa5
/* The C library's printf needs more stack as WebAssembly than on the chip. */
#define STACK_EXTRA (12 * 1024)
#define STACK_MOST (256 * 1024)

static struct kit_task *s_tasks;
static struct kit_task *s_ended; /* deleted themselves: their memory goes when the next task is made */
/* Of the instance, not of the memory: each task runs in an instance of its own. */
static _Thread_local struct kit_task *s_current;

void __wasm_init_tls(void *block);

int64_t kit_ticks_us(TickType_t ticks)
{
    return ticks == portMAX_DELAY ? -1 : (int64_t)ticks * 1000000 / configTICK_RATE_HZ;
}

int64_t kit_deadline(TickType_t ticks)
{
    return ticks == portMAX_DELAY ? INT64_MAX : kit_time_us() + kit_ticks_us(ticks);
}

bool kit_wait_until(const void *object, int64_t deadline)
{
    if (deadline == INT64_MAX) {
        kit_block(object, -1);
        return true;
    }
    const int64_t left = deadline - kit_time_us();
    if (left <= 0) {
        return false;
    }
    kit_block(object, left);
    return true;
}

/* The instance's thread-local variables live below the task's stack top. */
static void init_thread_locals(struct kit_task *task)
{
    const size_t size = __builtin_wasm_tls_size();
    if (size > 0) {
        const size_t align = __builtin_wasm_tls_align();
        task->local = aligned_alloc(align < 16 ? 16 : align, (size + 15) & ~(size_t)15);
        __wasm_init_tls(task->local);
    }
    s_current = task;
}

static void forget(struct kit_task *task)
{
    for (struct kit_task **link = &s_tasks; *link != NULL; link = &(*link)->next) {
        if (*link == task) {
            *link = task->next;
            return;
        }
    }
}

void kit_task_entry(struct kit_task *task)
{
    init_thread_locals(task);
    task->function(task->parameters);
    /* As on the device: a task function must not return. */
    ESP_LOGE("FreeRTOS", "FreeRTOS Task \"%s\" should not return, Aborting now!", task->name);
    abort();
}

static void release(struct kit_task *task)
{
    free(task->local);
    free(task->charge);
    kit_stack_give_back(task->stack);
    if (task->owns_record) {
        free(task);
    }
}

void kit_release_ended_tasks(void)
{
    while (s_ended != NULL) {
        struct kit_task *task = s_ended;
        s_ended = task->next;
        release(task);
    }
}

static void prepare(struct kit_task *task, TaskFunction_t function, const char *name, void *parameters,
                    UBaseType_t priority)
{
    task->function = function;
    task->parameters = parameters;
    strncpy(task->name, name != NULL ? name : "", sizeof(task->name) - 1);
    task->priority = priority < configMAX_PRIORITIES ? priority : configMAX_PRIORITIES - 1;
    const uint32_t whole = task->stack_size + STACK_EXTRA;
    memset(task->stack, STACK_PATTERN, whole);
    task->stack_top = (uint8_t *)((uintptr_t)(task->stack + whole) & ~(uintptr_t)15);
    task->next = s_tasks;
    s_tasks = task;
}

static struct kit_task *create(TaskFunction_t function, const char *name, uint32_t stack_size, void *parameters,
                               UBaseType_t priority, struct kit_task *record, TaskHandle_t *handle)
{
    kit_release_ended_tasks();
    if (stack_size > STACK_MOST) {
        return NULL;
    }
    struct kit_task *task = record != NULL ? record : malloc(sizeof(*task));
    if (task == NULL) {
        return NULL;
    }
    memset(task, 0, sizeof(*task));
    task->owns_record = record == NULL;
    task->stack_size = stack_size;
    task->charge = task->owns_record ? malloc(stack_size) : NULL;
    task->stack = task->charge != NULL || !task->owns_record ? kit_stack_take(stack_size + STACK_EXTRA) : NULL;
    if (task->stack == NULL) {
        release(task);
        return NULL;
    }
    prepare(task, function, name, parameters, priority);
    if (handle != NULL) {
        *handle = task; /* before it starts: a task of higher priority may use it at once */
    }
    if (!kit_task_start(task, task->stack_top, task->stack, (int32_t)task->priority, task->name)) {
        forget(task);
        release(task);
        return NULL;
    }
    return task;
}

void kit_add_system_tasks(void)
{
    static const struct {
        const char *name;
        UBaseType_t priority;
        uint32_t stack_size;
    } tasks[] = {{"IDLE0", 0, 1536}, {"IDLE1", 0, 1536}, {"ipc0", 24, 1280}, {"ipc1", 24, 1280}};
    for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++) {
        struct kit_task *task = calloc(1, sizeof(*task));
        task->owns_record = true;
        task->stack_size = tasks[i].stack_size;
        task->charge = malloc(tasks[i].stack_size);
        task->priority = tasks[i].priority;
        strcpy(task->name, tasks[i].name);
        task->next = s_tasks;
        s_tasks = task;
    }
}

BaseType_t xTaskCreatePinnedToCore(TaskFunction_t function, const char *const name, const uint32_t stack_size,
                                   void *const parameters, UBaseType_t priority, TaskHandle_t *const created_task,
                                   const BaseType_t core)
{
    (void)core;
    struct kit_task *task = create(function, name, stack_size, parameters, priority, NULL, created_task);
    return task != NULL ? pdPASS : errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY;
}

BaseType_t xTaskCreate(TaskFunction_t function, const char *const name, const configSTACK_DEPTH_TYPE stack_size,
                       void *const parameters, UBaseType_t priority, TaskHandle_t *const created_task)
{
    return xTaskCreatePinnedToCore(function, name, stack_size, parameters, priority, created_task, tskNO_AFFINITY);
}

TaskHandle_t xTaskCreateStaticPinnedToCore(TaskFunction_t function, const char *const name, const uint32_t stack_size,
                                           void *const parameters, UBaseType_t priority, StackType_t *const stack,
                                           StaticTask_t *const task_buffer, const BaseType_t core)
{
    (void)core;
    (void)stack; /* too small for WebAssembly */
    _Static_assert(sizeof(StaticTask_t) >= sizeof(struct kit_task), "StaticTask_t must hold a task");
    return create(function, name, stack_size, parameters, priority, (struct kit_task *)task_buffer, NULL);
}

TaskHandle_t xTaskCreateStatic(TaskFunction_t function, const char *const name, const uint32_t stack_size,
                               void *const parameters, UBaseType_t priority, StackType_t *const stack,
                               StaticTask_t *const task_buffer)
{
    return xTaskCreateStaticPinnedToCore(function, name, stack_size, parameters, priority, stack, task_buffer,
                                         tskNO_AFFINITY);
}

void vTaskDelete(TaskHandle_t task)
{
    struct kit_task *victim = task != NULL ? task : s_current;
    forget(victim);
    if (victim != s_current) {
        kit_task_end(victim);
        release(victim);
        return;
    }
    victim->next = s_ended;
    s_ended = victim;
    kit_task_end(NULL);
    __builtin_unreachable();
}

void vTaskDelay(const TickType_t ticks)
{
    if (ticks == 0) {
        kit_yield();
        return;
    }
    kit_block(NULL, kit_ticks_us(ticks));
}

BaseType_t xTaskDelayUntil(TickType_t *const previous_wake_time, const TickType_t increment)
{
    *previous_wake_time += increment;
    const int32_t left = (int32_t)(*previous_wake_time - xTaskGetTickCount());
    if (left <= 0) {
        return pdFALSE;
    }
    vTaskDelay((TickType_t)left);
    return pdTRUE;
}

BaseType_t xTaskAbortDelay(TaskHandle_t task)
{
    return kit_task_abort_delay(task) ? pdPASS : pdFAIL;
}

UBaseType_t uxTaskPriorityGet(const TaskHandle_t task)
{
    return (task != NULL ? task : s_current)->priority;
}

void vTaskPrioritySet(TaskHandle_t task, UBaseType_t priority)
{
    struct kit_task *target = task != NULL ? task : s_current;
    target->priority = priority;
    kit_task_priority(target, (int32_t)priority);
}

void vTaskSuspend(TaskHandle_t task)
{
    kit_task_suspend(task != NULL ? task : s_current);
}

void vTaskResume(TaskHandle_t task)
{
    kit_task_resume(task);
}

BaseType_t xTaskResumeFromISR(TaskHandle_t task)
{
    kit_task_resume(task);
    return pdFALSE;
}

TickType_t xTaskGetTickCount(void)
{
    return (TickType_t)(kit_time_us() * configTICK_RATE_HZ / 1000000);
}

TickType_t xTaskGetTickCountFromISR(void)
{
    return xTaskGetTickCount();
}

UBaseType_t uxTaskGetNumberOfTasks(void)
{
    UBaseType_t count = 0;
    for (const struct kit_task *task = s_tasks; task != NULL; task = task->next) {
        count++;
    }
    return count;
}

char *pcTaskGetName(TaskHandle_t task)
{
    return (task != NULL ? task : s_current)->name;
}

TaskHandle_t xTaskGetHandle(const char *name)
{
    for (struct kit_task *task = s_tasks; task != NULL; task = task->next) {
        if (strncmp(task->name, name, sizeof(task->name) - 1) == 0) {
            return task;
        }
    }
    return NULL;
}

TaskHandle_t xTaskGetCurrentTaskHandle(void)
{
    return s_current;
}

TaskHandle_t xTaskGetCurrentTaskHandleForCPU(BaseType_t core)
{
    return core == 0 ? s_current : NULL;
}

TaskHandle_t xTaskGetIdleTaskHandle(void)
{
    return xTaskGetHandle("IDLE0");
}

BaseType_t xTaskGetSchedulerState(void)
{
    return taskSCHEDULER_RUNNING;
}

BaseType_t xTaskGetAffinity(TaskHandle_t task)
{
    (void)task;
    return 0;
}

eTaskState eTaskGetState(TaskHandle_t task)
{
    if (task == s_current) {
        return eRunning;
    }
    if (task->stack == NULL) {
        return task->priority == tskIDLE_PRIORITY ? eReady : eBlocked;
    }
    return (eTaskState)kit_task_state(task);
}

/* The stack is larger than the task asked for: what is left is told as the same part of what it asked for. */
UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t task)
{
    const struct kit_task *target = task != NULL ? task : s_current;
    if (target->stack == NULL) {
        return target->stack_size / 2;
    }
    uint32_t untouched = 0;
    const uint32_t whole = target->stack_size + STACK_EXTRA;
    while (untouched < whole && target->stack[untouched] == STACK_PATTERN) {
        untouched++;
    }
    return (UBaseType_t)((uint64_t)untouched * target->stack_size / whole);
}

configSTACK_DEPTH_TYPE uxTaskGetStackHighWaterMark2(TaskHandle_t task)
{
    return uxTaskGetStackHighWaterMark(task);
}

uint8_t *pxTaskGetStackStart(TaskHandle_t task)
{
    return (task != NULL ? task : s_current)->stack;
}

void *pvTaskGetThreadLocalStoragePointer(TaskHandle_t task, BaseType_t index)
{
    (void)index;
    return (task != NULL ? task : s_current)->storage;
}

void vTaskSetThreadLocalStoragePointer(TaskHandle_t task, BaseType_t index, void *value)
{
    (void)index;
    (task != NULL ? task : s_current)->storage = value;
}

void vTaskSetTimeOutState(TimeOut_t *const time_out)
{
    time_out->xOverflowCount = 0;
    time_out->xTimeOnEntering = xTaskGetTickCount();
}

BaseType_t xTaskCheckForTimeOut(TimeOut_t *const time_out, TickType_t *const ticks_to_wait)
{
    if (*ticks_to_wait == portMAX_DELAY) {
        return pdFALSE;
    }
    const TickType_t elapsed = xTaskGetTickCount() - time_out->xTimeOnEntering;
    if (elapsed >= *ticks_to_wait) {
        *ticks_to_wait = 0;
        return pdTRUE;
    }
    *ticks_to_wait -= elapsed;
    vTaskSetTimeOutState(time_out);
    return pdFALSE;
}
