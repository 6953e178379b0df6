/* SPDX-License-Identifier: Apache-2.0 */
/* esp_event: each loop is a queue, a list of handlers and, mostly, a task. */
#include <stdlib.h>
#include <string.h>
#include "esp_event.h"
#include "esp_log.h"
#include "kernel.h"
#include "kit/config.h"

#define DEFAULT_LOOP_PRIORITY 20

struct handler {
    esp_event_base_t base;
    int32_t id;
    esp_event_handler_t function;
    void *argument;
    bool removed;     /* unlinked when no dispatch is under way */
    int born_in;      /* the dispatch that it was added in, which does not call it; 0: none */
    struct handler *next;
};

struct event {
    esp_event_base_t base;
    int32_t id;
    void *data;
};

struct loop {
    QueueHandle_t queue;
    TaskHandle_t task;
    struct handler *handlers;
    int dispatching;
    int dispatches; /* so far */
};

static const char *const TAG = "event";

static struct loop *s_default;

static void sweep(struct loop *loop)
{
    if (loop->dispatching > 0) {
        return;
    }
    for (struct handler **link = &loop->handlers; *link != NULL;) {
        struct handler *handler = *link;
        if (handler->removed) {
            *link = handler->next;
            free(handler);
        } else {
            link = &handler->next;
        }
    }
}

static bool concerns(const struct handler *handler, const struct event *event)
{
    return !handler->removed && (handler->base == ESP_EVENT_ANY_BASE || handler->base == event->base) &&
           (handler->id == ESP_EVENT_ANY_ID || handler->id == event->id);
}

static void dispatch(struct loop *loop, const struct event *event)
{
    loop->dispatching++;
    const int number = ++loop->dispatches;
    for (struct handler *handler = loop->handlers; handler != NULL; handler = handler->next) {
        if (concerns(handler, event) && handler->born_in != number) {
            handler->function(handler->argument, event->base, event->id, event->data);
        }
    }
    loop->dispatching--;
    sweep(loop);
    free(event->data);
}

static void loop_task(void *argument)
{
    struct loop *loop = argument;
    for (;;) {
        struct event event;
        if (xQueueReceive(loop->queue, &event, portMAX_DELAY) == pdTRUE) {
            dispatch(loop, &event);
        }
    }
}

esp_err_t esp_event_loop_create(const esp_event_loop_args_t *event_loop_args, esp_event_loop_handle_t *event_loop)
{
    if (event_loop_args == NULL || event_loop == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    struct loop *loop = calloc(1, sizeof(*loop));
    if (loop == NULL) {
        return ESP_ERR_NO_MEM;
    }
    loop->queue = xQueueCreate((UBaseType_t)event_loop_args->queue_size, sizeof(struct event));
    if (loop->queue == NULL) {
        free(loop);
        return ESP_ERR_NO_MEM;
    }
    *event_loop = loop;
    if (event_loop_args->task_name != NULL &&
        xTaskCreatePinnedToCore(loop_task, event_loop_args->task_name, event_loop_args->task_stack_size, loop,
                                event_loop_args->task_priority, &loop->task,
                                event_loop_args->task_core_id) != pdPASS) {
        vQueueDelete(loop->queue);
        free(loop);
        return ESP_FAIL;
    }
    return ESP_OK;
}

esp_err_t esp_event_loop_delete(esp_event_loop_handle_t event_loop)
{
    struct loop *loop = event_loop;
    if (loop == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (loop->task != NULL) {
        vTaskDelete(loop->task);
    }
    struct event event;
    while (xQueueReceive(loop->queue, &event, 0) == pdTRUE) {
        free(event.data);
    }
    vQueueDelete(loop->queue);
    while (loop->handlers != NULL) {
        struct handler *handler = loop->handlers;
        loop->handlers = handler->next;
        free(handler);
    }
    free(loop);
    return ESP_OK;
}

esp_err_t esp_event_loop_create_default(void)
{
    if (s_default != NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    const esp_event_loop_args_t arguments = {
        .queue_size = CONFIG_ESP_SYSTEM_EVENT_QUEUE_SIZE,
        .task_name = "sys_evt",
        .task_stack_size = CONFIG_ESP_SYSTEM_EVENT_TASK_STACK_SIZE,
        .task_priority = DEFAULT_LOOP_PRIORITY,
        .task_core_id = 0,
    };
    return esp_event_loop_create(&arguments, (esp_event_loop_handle_t *)&s_default);
}

esp_err_t esp_event_loop_delete_default(void)
{
    if (s_default == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    struct loop *loop = s_default;
    s_default = NULL;
    return esp_event_loop_delete(loop);
}

esp_err_t esp_event_loop_run(esp_event_loop_handle_t event_loop, TickType_t ticks_to_run)
{
    struct loop *loop = event_loop;
    struct event event;
    const TickType_t start = xTaskGetTickCount();
    TickType_t left = ticks_to_run;
    while (xQueueReceive(loop->queue, &event, left) == pdTRUE) {
        dispatch(loop, &event);
        const TickType_t elapsed = xTaskGetTickCount() - start;
        if (ticks_to_run != portMAX_DELAY) {
            left = elapsed < ticks_to_run ? ticks_to_run - elapsed : 0;
        }
    }
    return ESP_OK;
}

static bool is_same(const struct handler *handler, esp_event_base_t base, int32_t id, esp_event_handler_t function)
{
    return !handler->removed && handler->function == function && handler->base == base && handler->id == id;
}

/* Whether a handler concerns this event and others, too. ESP-IDF keeps the order of registration by beginning a new node
 * of its list behind such a one. */
static bool is_more_general(const struct handler *handler, esp_event_base_t base, int32_t id)
{
    return !handler->removed && ((handler->base == ESP_EVENT_ANY_BASE && base != ESP_EVENT_ANY_BASE) ||
                                 (handler->base == base && handler->id == ESP_EVENT_ANY_ID && id != ESP_EVENT_ANY_ID));
}

/* The handler whose argument a second registration replaces: the first of the same function in the last node. */
static struct handler *replaceable(struct loop *loop, esp_event_base_t base, int32_t id, esp_event_handler_t function)
{
    struct handler *found = NULL;
    for (struct handler *handler = loop->handlers; handler != NULL; handler = handler->next) {
        if (is_more_general(handler, base, id)) {
            found = NULL;
        } else if (found == NULL && is_same(handler, base, id, function)) {
            found = handler;
        }
    }
    return found;
}

static esp_err_t add(struct loop *loop, esp_event_base_t base, int32_t id, esp_event_handler_t function,
                     void *argument, esp_event_handler_instance_t *instance)
{
    if (loop == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    KERNEL_ASSERT(function != NULL, "esp_event.c", __LINE__, "esp_event_handler_register_with_internal",
                  "event_handler");
    if (base == ESP_EVENT_ANY_BASE && id != ESP_EVENT_ANY_ID) {
        return ESP_ERR_INVALID_ARG;
    }
    struct handler **tail = &loop->handlers;
    for (; *tail != NULL; tail = &(*tail)->next) {
    }
    struct handler *handler = instance == NULL ? replaceable(loop, base, id, function) : NULL;
    if (handler != NULL) {
        ESP_LOGW(TAG, "handler already registered, overwriting");
        handler->argument = argument;
        return ESP_OK;
    }
    handler = calloc(1, sizeof(*handler));
    if (handler == NULL) {
        return ESP_ERR_NO_MEM;
    }
    *handler = (struct handler){.base = base,
                                .id = id,
                                .function = function,
                                .argument = argument,
                                .born_in = loop->dispatching > 0 ? loop->dispatches : 0};
    *tail = handler;
    if (instance != NULL) {
        *instance = handler;
    }
    return ESP_OK;
}

static esp_err_t drop(struct loop *loop, esp_event_base_t base, int32_t id, esp_event_handler_t function,
                      const struct handler *instance)
{
    if (loop == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    bool found = false;
    for (struct handler *handler = loop->handlers; handler != NULL; handler = handler->next) {
        /* Without an instance every registration of the function goes, instances, too. */
        if (instance != NULL ? handler == instance && !handler->removed : is_same(handler, base, id, function)) {
            handler->removed = true;
            found = true;
        }
    }
    sweep(loop);
    return instance != NULL && !found ? ESP_ERR_NOT_FOUND : ESP_OK;
}

esp_err_t esp_event_handler_register(esp_event_base_t event_base, int32_t event_id, esp_event_handler_t event_handler,
                                     void *event_handler_arg)
{
    return add(s_default, event_base, event_id, event_handler, event_handler_arg, NULL);
}

esp_err_t esp_event_handler_register_with(esp_event_loop_handle_t event_loop, esp_event_base_t event_base,
                                          int32_t event_id, esp_event_handler_t event_handler, void *event_handler_arg)
{
    return add(event_loop, event_base, event_id, event_handler, event_handler_arg, NULL);
}

esp_err_t esp_event_handler_instance_register_with(esp_event_loop_handle_t event_loop, esp_event_base_t event_base,
                                                   int32_t event_id, esp_event_handler_t event_handler,
                                                   void *event_handler_arg, esp_event_handler_instance_t *instance)
{
    esp_event_handler_instance_t unused;
    return add(event_loop, event_base, event_id, event_handler, event_handler_arg,
               instance != NULL ? instance : &unused);
}

esp_err_t esp_event_handler_instance_register(esp_event_base_t event_base, int32_t event_id,
                                              esp_event_handler_t event_handler, void *event_handler_arg,
                                              esp_event_handler_instance_t *instance)
{
    return esp_event_handler_instance_register_with(s_default, event_base, event_id, event_handler,
                                                    event_handler_arg, instance);
}

esp_err_t esp_event_handler_unregister(esp_event_base_t event_base, int32_t event_id,
                                       esp_event_handler_t event_handler)
{
    return drop(s_default, event_base, event_id, event_handler, NULL);
}

esp_err_t esp_event_handler_unregister_with(esp_event_loop_handle_t event_loop, esp_event_base_t event_base,
                                            int32_t event_id, esp_event_handler_t event_handler)
{
    return drop(event_loop, event_base, event_id, event_handler, NULL);
}

esp_err_t esp_event_handler_instance_unregister_with(esp_event_loop_handle_t event_loop, esp_event_base_t event_base,
                                                     int32_t event_id, esp_event_handler_instance_t instance)
{
    return instance == NULL ? ESP_ERR_INVALID_ARG : drop(event_loop, event_base, event_id, NULL, instance);
}

esp_err_t esp_event_handler_instance_unregister(esp_event_base_t event_base, int32_t event_id,
                                                esp_event_handler_instance_t instance)
{
    return esp_event_handler_instance_unregister_with(s_default, event_base, event_id, instance);
}

esp_err_t esp_event_post_to(esp_event_loop_handle_t event_loop, esp_event_base_t event_base, int32_t event_id,
                            const void *event_data, size_t event_data_size, TickType_t ticks_to_wait)
{
    struct loop *loop = event_loop;
    if (loop == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    if (event_base == ESP_EVENT_ANY_BASE || event_id == ESP_EVENT_ANY_ID) {
        return ESP_ERR_INVALID_ARG;
    }
    struct event event = {.base = event_base, .id = event_id};
    if (event_data != NULL && event_data_size > 0) {
        event.data = malloc(event_data_size);
        if (event.data == NULL) {
            return ESP_ERR_NO_MEM;
        }
        memcpy(event.data, event_data, event_data_size);
    }
    /* A loop that posts to itself must not wait for itself. */
    const bool itself = loop->task != NULL && loop->task == xTaskGetCurrentTaskHandle();
    if (xQueueSend(loop->queue, &event, itself ? 0 : ticks_to_wait) != pdTRUE) {
        free(event.data);
        return ESP_ERR_TIMEOUT;
    }
    return ESP_OK;
}

esp_err_t esp_event_post(esp_event_base_t event_base, int32_t event_id, const void *event_data,
                         size_t event_data_size, TickType_t ticks_to_wait)
{
    return esp_event_post_to(s_default, event_base, event_id, event_data, event_data_size, ticks_to_wait);
}
