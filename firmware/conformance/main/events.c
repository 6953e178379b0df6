/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "answer.h"
#include "esp_event.h"

ESP_EVENT_DEFINE_BASE(CONFORMANCE_EVENT);

static esp_event_loop_handle_t s_loop;
static char s_trace[32];
static int s_length;

static void note(void *argument, esp_event_base_t base, int32_t id, void *data)
{
    if (s_length < (int)sizeof(s_trace) - 1) {
        s_trace[s_length++] = *(const char *)argument;
    }
}

static void add_another(void *argument, esp_event_base_t base, int32_t id, void *data)
{
    note(argument, base, id, data);
    esp_event_handler_register_with(s_loop, CONFORMANCE_EVENT, 4, note, "N");
}

static const char *trace_of(int32_t id)
{
    s_length = 0;
    esp_event_post_to(s_loop, CONFORMANCE_EVENT, id, NULL, 0, 0);
    esp_event_loop_run(s_loop, 5);
    s_trace[s_length] = '\0';
    return s_trace;
}

void answer_events(void)
{
    esp_event_handler_instance_t second;
    esp_event_handler_instance_t third;
    esp_event_loop_args_t arguments = {.queue_size = 4};
    esp_event_loop_create(&arguments, &s_loop);
    esp_event_handler_register_with(s_loop, CONFORMANCE_EVENT, 1, note, "1");
    esp_event_handler_register_with(s_loop, CONFORMANCE_EVENT, ESP_EVENT_ANY_ID, note, "A");
    esp_event_handler_register_with(s_loop, ESP_EVENT_ANY_BASE, ESP_EVENT_ANY_ID, note, "B");
    esp_event_handler_instance_register_with(s_loop, CONFORMANCE_EVENT, 1, note, "2", &second);
    esp_event_handler_instance_register_with(s_loop, CONFORMANCE_EVENT, 1, note, "3", &third);
    ANSWER("order of handlers", "%s", trace_of(1));
    esp_event_handler_register_with(s_loop, CONFORMANCE_EVENT, 1, note, "9");
    ANSWER("registered again", "%s", trace_of(1));
    esp_event_handler_unregister_with(s_loop, CONFORMANCE_EVENT, 1, note);
    ANSWER("unregistered", "%s", trace_of(1));
    esp_event_handler_register_with(s_loop, CONFORMANCE_EVENT, 4, add_another, "R");
    ANSWER("registered by a handler", "%s", trace_of(4));
    esp_event_loop_delete(s_loop);
}
