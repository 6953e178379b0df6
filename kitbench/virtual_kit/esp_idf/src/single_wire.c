/* SPDX-License-Identifier: Apache-2.0 */
/* Parts that answer by levels of a few microseconds on one wire, and the clock that firmware measures them by.
 *
 * No host keeps such times. From the moment at which the firmware lets the wire go, until the answer is over or its task
 * waits, time is counted: each look at the pin and at the clock takes what it takes on the chip, and a delay its own
 * length. What the firmware sees is then the same on every machine, and the clock goes on from there. */
#include "single_wire.h"
#include "driver/gpio.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "kit/host.h"

#define MOST_LEVELS 128
#define LOOK_NS 200   /* gpio_get_level() at 160 MHz */
#define CLOCK_NS 500  /* esp_timer_get_time() */
#define CALL_NS 100
/* After its end an answer is still counted for so long, as firmware looks whether the wire is high again. */
#define AFTERWARDS_NS 200000

struct answer {
    TaskHandle_t listener; /* NULL: nobody listens, time is the host's */
    int pin;
    int64_t began_us;
    int64_t counted_ns;
    int64_t length_ns;
    uint16_t levels[MOST_LEVELS];
    int count;
};

static struct answer s_answer;
static int64_t s_ahead_us; /* of the host's clock, by what was counted */
static int64_t s_low_since[GPIO_NUM_MAX];
static uint64_t s_pins;
static bool s_knows_pins;

bool kit_is_wire(int pin)
{
    if (!s_knows_pins) {
        s_pins = (uint64_t)kit_wire_pins();
        s_knows_pins = true;
    }
    return (s_pins >> pin & 1) != 0;
}

static int64_t counted_us(void)
{
    return s_answer.began_us + s_answer.counted_ns / 1000;
}

static void end(void)
{
    if (s_answer.listener != NULL) {
        s_ahead_us = counted_us() - kit_host_time_us();
        s_answer.listener = NULL;
    }
}

/* Count on where the running task listens; false where it does not. */
static bool count(int64_t ns)
{
    if (s_answer.listener == NULL || s_answer.listener != xTaskGetCurrentTaskHandle()) {
        return false;
    }
    s_answer.counted_ns += ns;
    if (s_answer.counted_ns > s_answer.length_ns + AFTERWARDS_NS) {
        end();
    }
    return true;
}

int64_t kit_time_us(void)
{
    count(CLOCK_NS);
    return s_answer.listener != NULL ? counted_us() : kit_host_time_us() + s_ahead_us;
}

int32_t kit_block(const void *object, int64_t timeout_us)
{
    if (s_answer.listener != NULL && s_answer.listener == xTaskGetCurrentTaskHandle()) {
        end();
    }
    return kit_host_block(object, timeout_us);
}

bool kit_wire_delay(uint32_t us)
{
    return count((int64_t)us * 1000 + CALL_NS);
}

static void listen(int pin, int64_t low_us)
{
    end();
    const int levels = kit_wire(pin, low_us > INT32_MAX ? INT32_MAX : (int32_t)low_us, s_answer.levels, MOST_LEVELS);
    if (levels == 0) {
        return;
    }
    s_answer.began_us = kit_time_us();
    s_answer.pin = pin;
    s_answer.count = levels;
    s_answer.counted_ns = s_answer.length_ns = 0;
    for (int i = 0; i < levels; i++) {
        s_answer.length_ns += (int64_t)s_answer.levels[i] * 1000;
    }
    s_answer.listener = xTaskGetCurrentTaskHandle();
}

void kit_wire_drive(int pin, bool is_low)
{
    if (is_low) {
        if (s_low_since[pin] == 0) {
            s_low_since[pin] = kit_time_us() + 1; /* 0 stands for a wire that is high */
        }
        return;
    }
    if (s_low_since[pin] != 0) {
        const int64_t low_us = kit_time_us() + 1 - s_low_since[pin];
        s_low_since[pin] = 0;
        listen(pin, low_us);
    }
}

int kit_wire_level(int pin)
{
    if (s_answer.listener == NULL || s_answer.pin != pin || !count(LOOK_NS) || s_answer.listener == NULL) {
        return 1;
    }
    int64_t left = s_answer.counted_ns;
    for (int i = 0; i < s_answer.count; i++) {
        left -= (int64_t)s_answer.levels[i] * 1000;
        if (left < 0) {
            return i % 2 == 0;
        }
    }
    return 1;
}
