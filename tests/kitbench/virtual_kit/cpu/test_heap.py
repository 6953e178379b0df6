"""The heap has the chip's sizes and asserts what the chip's asserts: *seen in QEMU* unless a test says otherwise."""

import re

import pytest

from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram, choice_of

_HEAD = """
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <stdlib.h>
#include "esp_heap_caps.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
static void *volatile block;
static void ends(void *arg) { vTaskDelete(NULL); }
"""

_PANICS = {
    "block = malloc(16); free(block); free(block);": (
        'tlsf_free tlsf.c:1120 (!block_is_free(block) && "block already marked as free")'
    ),
    "block = malloc(16); void *below = malloc(16); free(below); free(block); free(block);": (
        'tlsf_free tlsf.c:1120 (!block_is_free(block) && "block already marked as free")'
    ),
    "free((void *)0x1234);": (
        'heap_caps_free heap_caps.c:387 (heap != NULL && "free() target pointer is outside heap areas")'
    ),
    "char local; block = &local; free(block);": (
        'heap_caps_free heap_caps.c:387 (heap != NULL && "free() target pointer is outside heap areas")'
    ),
}


@pytest.mark.parametrize("statement", _PANICS)
def test_wrong_free_is_asserted_in_the_chips_words(run_program: RunProgram, statement: str) -> None:
    run = run_program(choice_of(_PANICS, head=_HEAD, tail='printf("survived\\n");'))
    run.choose(list(_PANICS).index(statement))

    run.wait_for_reset()

    assert f"\r\nassert failed: {_PANICS[statement]}\r\n" in run.text
    assert "survived" not in run.text


_FIGURES = (
    _HEAD
    + r"""
#include <stdio.h>
static void say(const char *what, unsigned value) { printf("%s %u;", what, value); }
void app_main(void) {
    const unsigned before = esp_get_free_heap_size();
    say("free", before);
    say("largest", heap_caps_get_largest_free_block(MALLOC_CAP_DEFAULT));
    say("zero", malloc(0) == NULL);
    say("million", malloc(1000000) == NULL);
    say("more than a region", malloc(200000) == NULL);
    say("spiram", heap_caps_malloc(16, MALLOC_CAP_SPIRAM) == NULL);
    block = malloc(100000);
    say("taken", before - esp_get_free_heap_size());
    free(block);
    say("lowest", before - esp_get_minimum_free_heap_size());
    for (int i = 0; i < 8; i++) { xTaskCreate(ends, "ends", 4096, NULL, 5, NULL); }
    say("back", before - esp_get_free_heap_size());
    xTaskCreate((TaskFunction_t)vTaskSuspend, "stays", 8192, NULL, 5, NULL);
    say("a task's stack", (before - esp_get_free_heap_size()) / 1024);
    say("huge stack", xTaskCreate(ends, "huge", 190000, NULL, 5, NULL) == pdPASS);
    printf("end\n");
}
"""
)


def test_figures_are_the_chips(run_program: RunProgram) -> None:
    text = run_program(_FIGURES).wait_for("end\r\n")

    said = {name: int(value) for name, value in re.findall(r"([a-z' ]+) (\d+);", text)}
    assert 290_000 < said["free"] < 305_000
    assert 150_000 < said["largest"] < 0x2BF80
    assert [said[name] for name in ("zero", "million", "more than a region", "spiram")] == [1, 1, 1, 1]
    assert 100_000 <= said["taken"] < 100_032
    assert 100_000 <= said["lowest"] < 100_032
    assert (said["back"], said["a task's stack"], said["huge stack"]) == (0, 8, 0)


_CHURN = (
    _HEAD
    + r"""
#include <stdio.h>
static void *blocks[64];
void app_main(void) {
    const unsigned before = esp_get_free_heap_size();
    unsigned state = 1, wrong = 0;
    for (int turn = 0; turn < 20000; turn++) {
        state = state * 1103515245u + 12345u;
        const int i = state >> 16 & 63;
        const size_t size = (state >> 20) % 3000 + 1;
        if (blocks[i] != NULL && (state & 0x1000) != 0) {
            wrong += *(uint8_t *)blocks[i] != (uint8_t)i;
            free(blocks[i]);
            blocks[i] = NULL;
        } else if ((state & 0x2000) != 0 && blocks[i] == NULL) {
            blocks[i] = aligned_alloc(64, size);
            wrong += ((uintptr_t)blocks[i] & 63) != 0;
            memset(blocks[i], i, malloc_usable_size(blocks[i]));
        } else {
            blocks[i] = realloc(blocks[i], size);
            wrong += blocks[i] == NULL || ((uintptr_t)blocks[i] & 7) != 0;
            memset(blocks[i], i, malloc_usable_size(blocks[i]));
        }
    }
    const int sound = heap_caps_check_integrity_all(true);
    for (int i = 0; i < 64; i++) { free(blocks[i]); }
    printf("wrong %u sound %d lost %u\n", wrong, sound, before - (unsigned)esp_get_free_heap_size());
}
"""
)


def test_blocks_keep_their_contents_and_all_comes_back(run_program: RunProgram) -> None:
    run_program(_CHURN).wait_for("wrong 0 sound 1 lost 0\r\n")


def test_integrity_check_can_fail(run_program: RunProgram) -> None:
    run = run_program(
        _HEAD + "#include <stdio.h>\nvoid app_main(void) { block = malloc(16); memset(block, 0, 64);"
        'printf("sound %d\\n", heap_caps_check_integrity_all(false)); }'
    )

    run.wait_for("sound 0\r\n")
