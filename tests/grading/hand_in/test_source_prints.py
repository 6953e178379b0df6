"""Fingerprints of sources: what they survive, and what they do not."""

import re
import time

from grading.hand_in.source_prints import source_prints

SOURCE = """
#include "mqtt.h"
/* Reads the sensor. */
static int read_sensor(int pin, float *value) {
    int tries = 0;
    while (tries < 5) {
        if (gpio_get(pin) == 1) { *value = adc(pin) * 0.25f; return 0; }
        tries++;
        delay_ms(20);
    }
    return -1; // gave up
}

void report(const char *topic) {
    float value;
    if (read_sensor(4, &value) != 0) { log_error("no answer"); return; }
    char text[32];
    snprintf(text, sizeof text, "{\\"t\\": %.1f}", value);
    publish(topic, text, strlen(text));
}
"""


def likeness(one: str, other: str) -> float:
    first, second = source_prints(one), source_prints(other)
    return len(first & second) / min(len(first), len(second))


def test_other_names_comments_texts_and_layout_are_the_same() -> None:
    renamed = re.sub(r"\b(read_sensor|value|tries|topic|text)\b", lambda match: f"my_{match[1]}_x", SOURCE)
    without_comments = re.sub(r"/\*.*?\*/|//[^\n]*", "", renamed, flags=re.DOTALL)
    on_fewer_lines = re.sub(r"\n\s+", " ", without_comments).replace("no answer", "nothing").replace("0.25f", "1")

    assert source_prints(on_fewer_lines) == source_prints(SOURCE)


def test_functions_in_another_order_are_mostly_the_same() -> None:
    head, _, tail = SOURCE.partition("void report")

    assert likeness(f"void report{tail}\n{head}", SOURCE) > 0.7


def test_another_program_is_another() -> None:
    other = "int main(void) { for (int i = 0; i < 9; i++) { total += table[i] ^ (seed << 3); } return total; }" * 2

    assert likeness(other, SOURCE) < 0.1


def test_too_short_a_text_has_none() -> None:
    assert source_prints("int x;") == frozenset()
    assert source_prints("") == frozenset()


def test_time_is_linear_in_hostile_texts() -> None:
    def seconds(text: str) -> float:
        begin = time.process_time()
        source_prints(text)
        return time.process_time() - begin

    for piece in ('"', "/*", "\\", "'", "((", "\u2028", "//"):
        small, large = seconds(piece * 20_000), seconds(piece * 80_000)
        assert large < 16 * max(small, 0.02)
