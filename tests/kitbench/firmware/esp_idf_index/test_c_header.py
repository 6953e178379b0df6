"""The names that headers declare: those of ESP-IDF's manners, and nothing that is not declared."""

import pytest

from kitbench.firmware.esp_idf_index.c_header import names_in

HEADER = """
#pragma once
#ifndef LEDS_H_
#define LEDS_H_
#include "esp_err.h"
#ifdef __cplusplus
extern "C" {
#endif
/** @brief not_a_name(); */
#define LEDS_MAX 8  // not_a_name_either
#define LEDS_ON(x) \\
    do { leds_set(x, 1); } while (0)
typedef enum { LEDS_RED = 1, LEDS_GREEN, LEDS_BLUE = (1 << 2), } leds_colour_t;
enum leds_mode { LEDS_STILL, LEDS_BLINK };
typedef struct leds_config_t {
    int gpio, *other;
    uint32_t speed : 4;
    const char *names[LEDS_MAX];
    struct { struct { int level; } pwm; union { int a; char b; }; } inner;
    void (*on_change)(void *arg, int level);
} leds_config_t;
typedef struct leds_s *leds_handle_t;
typedef void (*leds_callback_t)(leds_handle_t handle);
typedef int leds_table_t[4];
struct leds_plain { int only; };
esp_err_t leds_new(const leds_config_t *config, leds_handle_t *ret) __attribute__((nonnull(1)));
void leds_stop(void) __attribute__((deprecated("use leds_del(x)")));
static inline int leds_count(void) { return leds_local(1); }
LEDS_API(const char *) leds_name(int number);
extern const uint8_t leds_gamma[256];
int leds_sum(int (*each)(int), int count);
#ifdef __cplusplus
}
#endif
#endif
"""


def test_header_of_every_manner() -> None:
    by_kind: dict[str, set[str]] = {}
    for name in names_in(HEADER):
        by_kind.setdefault(name.kind.name, set()).add(name.text)

    fields = {
        "gpio",
        "other",
        "speed",
        "names",
        "inner",
        "inner.pwm",
        "inner.pwm.level",
        "inner.a",
        "inner.b",
        "on_change",
    }
    assert by_kind == {
        "INCLUDED": {"esp_err.h"},
        "MACRO": {"LEDS_MAX", "LEDS_ON"},
        "ENUMERATOR": {"LEDS_RED", "LEDS_GREEN", "LEDS_BLUE", "LEDS_STILL", "LEDS_BLINK"},
        "TYPE": {
            *("leds_colour_t", "leds_mode", "leds_config_t", "leds_handle_t", "leds_callback_t", "leds_table_t"),
            "leds_plain",
        },
        "FIELD": {f"leds_config_t.{field}" for field in fields} | {"leds_plain.only"},
        "FUNCTION": {"leds_new", "leds_stop", "leds_count", "leds_name", "leds_sum"},
        "VARIABLE": {"leds_gamma"},
    }


@pytest.mark.parametrize(
    "text", ["", "}", "(((", "struct {", "typedef ;", "#define", ";;", "enum { , }", 'extern "C" {']
)
def test_what_is_no_header_declares_nothing(text: str) -> None:
    assert list(names_in(text)) == []


def test_private_names_are_left_out() -> None:
    assert list(names_in("#define __GUARD 1\nint __inner(void);")) == []
