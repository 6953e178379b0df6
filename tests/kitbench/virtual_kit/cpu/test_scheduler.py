"""FreeRTOS's kernel as apps use it: tasks, queues, semaphores, event groups, notifications, timers."""

import re

from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram

_HEADERS = """
#include <stdio.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "freertos/queue.h"
#include "freertos/semphr.h"
#include "freertos/event_groups.h"
#include "freertos/timers.h"
#include "esp_timer.h"
#include "esp_event.h"
"""


def test_queue_hands_items_from_task_to_task_in_order(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
static QueueHandle_t queue;
static void sender(void *arg) {
    for (int i = 0; i < 5; i++) { xQueueSend(queue, &i, portMAX_DELAY); }
    vTaskDelete(NULL);
}
void app_main(void) {
    int sum = 0, item;
    queue = xQueueCreate(2, sizeof(int));
    xTaskCreate(sender, "sender", 2048, NULL, 5, NULL);
    for (int i = 0; i < 5; i++) { xQueueReceive(queue, &item, portMAX_DELAY); printf("item %d\\n", item); sum += item; }
    printf("sum %d\\n", sum);
}
"""
    )

    text = run.wait_for("sum 10")

    assert [line for line in text.splitlines() if line.startswith("item")] == [f"item {n}" for n in range(5)]


def test_task_of_higher_priority_runs_first_and_one_of_lower_waits(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
static volatile int said;
static void say(void *word) { printf("%s ", (const char *)word); said++; vTaskDelete(NULL); }
void app_main(void) {
    xTaskCreate(say, "low", 2048, "low", 0, NULL);
    xTaskCreate(say, "high", 2048, "high", 10, NULL);
    printf("main ");
    while (said < 2) { vTaskDelay(1); }
    printf("end\\n");
}
"""
    )

    assert "high main low end" in run.wait_for("end\r\n")


def test_event_group_wakes_who_waits_for_all_bits_and_clears_them(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
static EventGroupHandle_t group;
static void setter(void *arg) {
    vTaskDelay(2); xEventGroupSetBits(group, BIT0);
    xEventGroupWaitBits(group, BIT3, pdFALSE, pdFALSE, portMAX_DELAY);
    vTaskDelay(2); xEventGroupSetBits(group, BIT1); vTaskDelete(NULL);
}
void app_main(void) {
    group = xEventGroupCreate();
    xTaskCreate(setter, "setter", 2048, NULL, 5, NULL);
    EventBits_t any = xEventGroupWaitBits(group, BIT0 | BIT1, pdFALSE, pdFALSE, portMAX_DELAY);
    xEventGroupSetBits(group, BIT3);
    EventBits_t all = xEventGroupWaitBits(group, BIT0 | BIT1, pdTRUE, pdTRUE, portMAX_DELAY);
    EventBits_t late = xEventGroupWaitBits(group, BIT2, pdTRUE, pdTRUE, 3);
    printf("bits %x %x %x\\n", (unsigned)any, (unsigned)all, (unsigned)late);
}
"""
    )

    run.wait_for("bits 1 b 8")


def test_mutex_keeps_others_out_and_semaphore_counts(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
static SemaphoreHandle_t mutex, done;
static int inside, worst;
static void worker(void *arg) {
    for (int i = 0; i < 3; i++) {
        xSemaphoreTake(mutex, portMAX_DELAY);
        if (++inside > worst) { worst = inside; }
        vTaskDelay(1);
        inside--;
        xSemaphoreGive(mutex);
    }
    xSemaphoreGive(done);
    vTaskDelete(NULL);
}
void app_main(void) {
    mutex = xSemaphoreCreateMutex();
    done = xSemaphoreCreateCounting(3, 0);
    for (int i = 0; i < 3; i++) { xTaskCreate(worker, "worker", 2048, NULL, 3, NULL); }
    for (int i = 0; i < 3; i++) { xSemaphoreTake(done, portMAX_DELAY); }
    printf("worst %d, refused %d\\n", worst, (int)xSemaphoreTake(done, 1));
}
"""
    )

    run.wait_for("worst 1, refused 0")


def test_notifications_timers_and_events_arrive(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
ESP_EVENT_DEFINE_BASE(PROBE);
static TaskHandle_t main_task;
static void on_event(void *arg, esp_event_base_t base, int32_t id, void *data) {
    printf("event %s %d %d in %s\\n", base, (int)id, *(int *)data, pcTaskGetName(NULL));
}
static void on_timer(TimerHandle_t timer) { xTaskNotifyGive(main_task); }
static void on_esp_timer(void *arg) { xTaskNotify(main_task, 16, eSetBits); }
void app_main(void) {
    main_task = xTaskGetCurrentTaskHandle();
    esp_event_loop_create_default();
    esp_event_handler_register(PROBE, ESP_EVENT_ANY_ID, on_event, NULL);
    int number = 77;
    esp_event_post(PROBE, 4, &number, sizeof(number), portMAX_DELAY);
    TimerHandle_t timer = xTimerCreate("t", 2, pdTRUE, NULL, on_timer);
    xTimerStart(timer, 0);
    printf("took %u\\n", (unsigned)ulTaskNotifyTake(pdTRUE, portMAX_DELAY));
    printf("took %u\\n", (unsigned)ulTaskNotifyTake(pdTRUE, portMAX_DELAY));
    xTimerDelete(timer, 0);
    const esp_timer_create_args_t args = {.callback = on_esp_timer, .name = "e"};
    esp_timer_handle_t once;
    esp_timer_create(&args, &once);
    esp_timer_start_once(once, 20000);
    uint32_t value = 0;
    xTaskNotifyWait(0, UINT32_MAX, &value, portMAX_DELAY);
    printf("value %u\\n", (unsigned)value);
}
"""
    )

    text = run.wait_for("value 16")

    assert "event PROBE 4 77 in sys_evt" in text
    assert text.count("took 1") == 2


def test_clock_factor_shortens_delays_and_keeps_their_length_on_the_kits_clock(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
void app_main(void) {
    TickType_t start = xTaskGetTickCount();
    vTaskDelay(pdMS_TO_TICKS(600000));
    printf("slept %d\\n", (int)(xTaskGetTickCount() - start) / 100);
}
""",
        clock_factor=1000.0,
    )

    text = run.wait_for("Returned from app_main")  # which nobody waits ten minutes for

    # In ten minutes of the kit's in half a second of ours the task watchdog may bark, into the line as on the chip.
    slept = re.search(r"slept (\d+)", text)
    assert slept is not None
    assert int(slept[1]) >= 600


def test_static_objects_and_stack_water_mark_work(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
static StaticSemaphore_t room; static StaticTask_t task_room; static StackType_t stack[2048];
static SemaphoreHandle_t done;
static void worker(void *arg) { volatile char used[500]; used[0] = 1; xSemaphoreGive(done); vTaskSuspend(NULL); }
void app_main(void) {
    done = xSemaphoreCreateBinaryStatic(&room);
    TaskHandle_t task = xTaskCreateStatic(worker, "static", 2048, NULL, 4, stack, &task_room);
    xSemaphoreTake(done, portMAX_DELAY);
    int mark = uxTaskGetStackHighWaterMark(task) > 0;
    printf("state %d mark %d name %s\\n", eTaskGetState(task), mark, pcTaskGetName(task));
    vTaskDelete(task);
    printf("tasks %u\\n", (unsigned)uxTaskGetNumberOfTasks());
}
"""
    )

    text = run.wait_for("tasks 7")

    assert "state 3 mark 1 name static" in text


def test_two_spinning_tasks_share_the_cpu(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
static volatile int counters[2];
static void spin(void *arg) { for (;;) { counters[(int)arg]++; } }
void app_main(void) {
    xTaskCreate(spin, "one", 2048, (void *)0, 1, NULL);
    xTaskCreate(spin, "two", 2048, (void *)1, 1, NULL);
    while (counters[0] < 1000 || counters[1] < 1000) {}
    printf("both ran\\n");
}
"""
    )

    run.wait_for("both ran")


def test_of_equals_who_has_waited_longest_is_woken_first(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
static QueueHandle_t queue;
static void take(void *arg) {
    int item;
    const char *name = pcTaskGetName(NULL);
    if (name[0] == 'l') ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    xQueueReceive(queue, &item, portMAX_DELAY);
    printf("%s got %d\\n", name, item);
    vTaskSuspend(NULL);
}
void app_main(void) {
    queue = xQueueCreate(2, sizeof(int));
    TaskHandle_t late;
    /* Of higher priority than this task: each has begun to wait before this goes on. */
    xTaskCreate(take, "late", 4096, NULL, 5, &late);
    xTaskCreate(take, "early", 4096, NULL, 5, NULL);
    xTaskNotifyGive(late);
    for (int item = 1; item <= 2; item++) { xQueueSend(queue, &item, 0); }
    printf("end\\n");
}
"""
    )

    text = run.wait_for("end\r\n")

    assert "early got 1\r\n" in text
    assert "late got 2\r\n" in text
