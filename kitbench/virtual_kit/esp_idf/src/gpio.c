/* SPDX-License-Identifier: Apache-2.0 */
/* GPIO. What a pin puts out it reads back only where its mode has the input on, too, as the chip has it, and only there an
 * edge of its own raises its interrupt. Lamps and single-wire parts are told of what changes at their pins. */
#include <stdbool.h>
#include <string.h>
#include "driver/gpio.h"
#include "esp_rom_gpio.h"
#include "esp_log.h"
#include "gpio.h"
#include "kit/host.h"
#include "single_wire.h"

#define INPUT 1
#define OUTPUT 2
#define OPEN_DRAIN 4
#define WHOLE 1000000 /* high for the whole time */

struct pin {
    uint8_t mode;
    bool level; /* put out */
    bool pull_up;
    bool pull_down;
    bool interrupts;
    gpio_int_type_t edge;
    gpio_isr_t handler;
    void *argument;
    bool has_wave; /* the LED control puts out, and not this driver */
    int8_t told; /* what its part was told last: -1 low, 1 high, 0 nothing */
};

static const char *const TAG = "gpio";
static struct pin s_pins[GPIO_NUM_MAX];
static bool s_has_service;
static bool s_in_handler;

bool kit_in_interrupt(void)
{
    return s_in_handler;
}

bool kit_set_in_interrupt(bool runs)
{
    const bool before = s_in_handler;
    s_in_handler = runs;
    return before;
}

/* What a pin puts out: 1, 0, or -1 for nothing. */
static int put_out(const struct pin *pin)
{
    const bool is_off = !(pin->mode & OUTPUT) || ((pin->mode & OPEN_DRAIN) != 0 && pin->level);
    return is_off ? -1 : pin->level;
}

static int seen(const struct pin *pin)
{
    if (!(pin->mode & INPUT)) {
        return 0;
    }
    const int own = put_out(pin);
    if (own >= 0) {
        return own;
    }
    const int number = (int)(pin - s_pins);
    return kit_is_wire(number) ? kit_wire_level(number) : pin->pull_up || (pin->mode & OPEN_DRAIN) != 0;
}

static bool is_lamp(int number)
{
    static uint64_t lamps;
    static bool is_known;
    if (!is_known) {
        lamps = (uint64_t)kit_lamp_pins();
        is_known = true;
    }
    return (lamps >> number & 1) != 0;
}

/* Tell the part at a pin what the pin puts out now. */
static void tell(const struct pin *pin)
{
    const int number = (int)(pin - s_pins);
    const int level = put_out(pin);
    const int8_t news = level < 0 ? 0 : level == 0 ? -1 : 1;
    if (pin->has_wave || news == pin->told) {
        return;
    }
    s_pins[number].told = news;
    if (is_lamp(number)) {
        kit_lamp(number, level < 0 ? -1 : level * WHOLE, 0);
    }
    if (kit_is_wire(number)) {
        kit_wire_drive(number, level == 0);
    }
}

void kit_gpio_wave(int number, uint32_t high, uint32_t frequency)
{
    s_pins[number].has_wave = true;
    s_pins[number].mode |= OUTPUT;
    if (is_lamp(number)) {
        kit_lamp(number, (int32_t)high, (int32_t)frequency);
    }
}

static bool calls_for(gpio_int_type_t edge, int before, int now)
{
    switch (edge) {
    case GPIO_INTR_POSEDGE:
        return !before && now;
    case GPIO_INTR_NEGEDGE:
        return before && !now;
    case GPIO_INTR_ANYEDGE:
        return before != now;
    default:
        return false; /* a level interrupt would come for ever */
    }
}

static void interrupt(struct pin *pin, int before)
{
    if (s_has_service && pin->interrupts && pin->handler != NULL && calls_for(pin->edge, before, seen(pin))) {
        s_in_handler = true;
        pin->handler(pin->argument);
        s_in_handler = false;
    }
}

static struct pin *pin_of(gpio_num_t number)
{
    return GPIO_IS_VALID_GPIO(number) ? &s_pins[number] : NULL;
}

/* Give a pin its mode; GPIO34 to 39 have no output. */
static esp_err_t set_mode(gpio_num_t number, gpio_mode_t mode)
{
    struct pin *pin = pin_of(number);
    if (pin == NULL || ((mode & OUTPUT) != 0 && !GPIO_IS_VALID_OUTPUT_GPIO(number))) {
        ESP_LOGE(TAG, "io_num=%d can only be input", number);
        return ESP_ERR_INVALID_ARG;
    }
    const int before = seen(pin);
    pin->mode = (uint8_t)mode;
    if (pin->has_wave) {
        pin->has_wave = false;
        pin->told = INT8_MAX; /* whatever it puts out is news */
    }
    tell(pin);
    interrupt(pin, before);
    return ESP_OK;
}

esp_err_t gpio_config(const gpio_config_t *config)
{
    if (config == NULL || config->pin_bit_mask == 0 || config->pin_bit_mask >> GPIO_NUM_MAX != 0) {
        return ESP_ERR_INVALID_ARG;
    }
    for (gpio_num_t number = 0; number < GPIO_NUM_MAX; number++) {
        if ((config->pin_bit_mask >> number & 1) == 0) {
            continue;
        }
        if (set_mode(number, config->mode) != ESP_OK) {
            return ESP_ERR_INVALID_ARG;
        }
        s_pins[number].pull_up = config->pull_up_en;
        s_pins[number].pull_down = config->pull_down_en;
        s_pins[number].edge = config->intr_type;
        s_pins[number].interrupts = config->intr_type != GPIO_INTR_DISABLE;
    }
    return ESP_OK;
}

void esp_rom_gpio_pad_select_gpio(uint32_t iopad_num)
{
    (void)iopad_num; /* no pin has another function */
}

esp_err_t gpio_reset_pin(gpio_num_t gpio_num)
{
    struct pin *pin = pin_of(gpio_num);
    if (pin == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *pin = (struct pin){.pull_up = true, .told = INT8_MAX};
    tell(pin);
    return ESP_OK;
}

esp_err_t gpio_set_direction(gpio_num_t gpio_num, gpio_mode_t mode)
{
    return set_mode(gpio_num, mode);
}

#define SET(name, type, statement)                      \
    esp_err_t name(gpio_num_t gpio_num type)            \
    {                                                   \
        struct pin *pin = pin_of(gpio_num);             \
        if (pin == NULL) {                              \
            return ESP_ERR_INVALID_ARG;                 \
        }                                               \
        statement;                                      \
        return ESP_OK;                                  \
    }
#define ALSO(type, name) , type name
SET(gpio_set_pull_mode, ALSO(gpio_pull_mode_t, pull),
    (pin->pull_up = pull == GPIO_PULLUP_ONLY || pull == GPIO_PULLUP_PULLDOWN,
     pin->pull_down = pull == GPIO_PULLDOWN_ONLY || pull == GPIO_PULLUP_PULLDOWN))
SET(gpio_pullup_en, , pin->pull_up = true)
SET(gpio_pullup_dis, , pin->pull_up = false)
SET(gpio_pulldown_en, , pin->pull_down = true)
SET(gpio_pulldown_dis, , pin->pull_down = false)
SET(gpio_set_drive_capability, ALSO(gpio_drive_cap_t, strength), (void)strength)
SET(gpio_set_intr_type, ALSO(gpio_int_type_t, intr_type), pin->edge = intr_type)
SET(gpio_intr_enable, , pin->interrupts = true)
SET(gpio_intr_disable, , pin->interrupts = false)

esp_err_t gpio_set_level(gpio_num_t gpio_num, uint32_t level)
{
    struct pin *pin = pin_of(gpio_num);
    if (pin == NULL || !GPIO_IS_VALID_OUTPUT_GPIO(gpio_num)) {
        return ESP_ERR_INVALID_ARG;
    }
    const int before = seen(pin);
    pin->level = level != 0;
    tell(pin);
    interrupt(pin, before);
    return ESP_OK;
}

int gpio_get_level(gpio_num_t gpio_num)
{
    const struct pin *pin = pin_of(gpio_num);
    return pin != NULL ? seen(pin) : 0;
}

esp_err_t gpio_install_isr_service(int intr_alloc_flags)
{
    (void)intr_alloc_flags;
    if (s_has_service) {
        ESP_LOGE(TAG, "gpio_install_isr_service(%d): GPIO isr service already installed", __LINE__);
        return ESP_ERR_INVALID_STATE;
    }
    s_has_service = true;
    return ESP_OK;
}

void gpio_uninstall_isr_service(void)
{
    s_has_service = false;
    for (int i = 0; i < GPIO_NUM_MAX; i++) {
        s_pins[i].handler = NULL;
    }
}

esp_err_t gpio_isr_handler_add(gpio_num_t gpio_num, gpio_isr_t isr_handler, void *args)
{
    struct pin *pin = pin_of(gpio_num);
    if (!s_has_service) {
        ESP_LOGE(TAG, "gpio_isr_handler_add(%d): GPIO isr service is not installed, call gpio_install_isr_service() first",
                 __LINE__);
        return ESP_ERR_INVALID_STATE;
    }
    if (pin == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (kit_is_wire(gpio_num)) {
        ESP_LOGE(TAG, "the virtual kit has no interrupts from a DHT22's wire, poll GPIO %d (docs/fidelity.md)", gpio_num);
        kit_lacks("interrupts from a DHT22's wire");
        return ESP_ERR_NOT_SUPPORTED;
    }
    pin->handler = isr_handler;
    pin->argument = args;
    pin->interrupts = true;
    return ESP_OK;
}

esp_err_t gpio_isr_handler_remove(gpio_num_t gpio_num)
{
    struct pin *pin = pin_of(gpio_num);
    if (!s_has_service) {
        return ESP_ERR_INVALID_STATE;
    }
    if (pin == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    pin->interrupts = false;
    pin->handler = NULL;
    return ESP_OK;
}
