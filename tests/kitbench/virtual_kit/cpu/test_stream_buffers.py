"""Stream and message buffers as the FreeRTOS reference manual has them."""

import pytest

from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram, choice_of

_HEAD = """
#include <string.h>
#include "freertos/FreeRTOS.h"
#include "freertos/message_buffer.h"
#include "freertos/task.h"
static char b[32];
static void later(void *buffer) {
    vTaskDelay(2); xStreamBufferSend(buffer, "abc", 3, 0); vTaskDelay(2); xStreamBufferSend(buffer, "de", 2, 0);
    vTaskDelete(NULL);
}
static void reader(void *buffer) { vTaskDelay(2); xStreamBufferReceive(buffer, b, 4, 0); vTaskDelete(NULL); }
"""
_SAID = {
    # Around the ring's end, and no more than fits.
    "StreamBufferHandle_t s = xStreamBufferCreate(5, 1); int n = 0; for (int i = 0; i < 3; i++) {"
    ' n += xStreamBufferSend(s, "1234", 4, 0); n += xStreamBufferReceive(s, b, 3, 0); }'
    ' printf("%d %d %d %d|", n, (int)xStreamBufferBytesAvailable(s), (int)xStreamBufferSend(s, "xyz", 3, 0),'
    ' (int)xStreamBufferIsFull(s)); printf("%.5s|", (xStreamBufferReceive(s, b, 32, 0), b));': "20 2 3 1|23xyz|",
    # Who waits is woken at the trigger level, and what is there is taken at once.
    'StreamBufferHandle_t s = xStreamBufferCreate(16, 5); xTaskCreate(later, "l", 2048, s, 5, NULL); TickType_t t ='
    " xTaskGetTickCount(); int n = xStreamBufferReceive(s, b, 16, portMAX_DELAY); t = xTaskGetTickCount() - t;"
    ' xStreamBufferSend(s, "x", 1, 0); printf("%d %d %d|", n, t >= 4, (int)xStreamBufferReceive(s, b, 16, 50));': (
        "5 1 1|"
    ),
    # A time-out gives what came; a reset is refused while somebody waits; a writer waits for room.
    'StreamBufferHandle_t s = xStreamBufferCreate(16, 16); xTaskCreate(later, "l", 2048, s, 5, NULL);'
    ' printf("%d|", (int)xStreamBufferReceive(s, b, 16, 8)); s = xStreamBufferCreate(4, 1);'
    ' xStreamBufferSend(s, "full", 4, 0); xTaskCreate(reader, "r", 2048, s, 5, NULL);'
    ' printf("%d %d|", (int)xStreamBufferSend(s, "more", 4, portMAX_DELAY), (int)xStreamBufferReset(s));'
    ' printf("%d|", (int)xStreamBufferIsEmpty(s));': "5|4 1|1|",
    # Messages come whole or not at all.
    'MessageBufferHandle_t m = xMessageBufferCreate(20); printf("%d ", (int)xMessageBufferSend(m, "hello", 5, 0));'
    ' printf("%d ", (int)xMessageBufferSend(m, "too long for it", 15, 0)); xMessageBufferSend(m, "ab", 2, 0);'
    ' printf("%d %d ", (int)xMessageBufferNextLengthBytes(m), (int)xMessageBufferReceive(m, b, 4, 0));'
    ' int n = xMessageBufferReceive(m, b, 32, 0); printf("%d %.5s ", n, b); n = xMessageBufferReceive(m, b, 32, 0);'
    ' printf("%d %.2s %d %d|", n, b, (int)xMessageBufferReceive(m, b, 32, 3),'
    " (int)xMessageBufferSpacesAvailable(m));": "5 0 5 0 5 hello 2 ab 0 20|",
}


@pytest.mark.parametrize("number", range(len(_SAID)))
def test_buffers_answer_as_documented(run_program: RunProgram, number: int) -> None:
    run = run_program(choice_of(_SAID, head=_HEAD, tail='printf("done\\n");'))
    run.choose(number)
    assert tuple(_SAID.values())[number] in run.wait_for("done")


def test_null_buffer_is_asserted(run_program: RunProgram) -> None:
    run = run_program(choice_of(["xStreamBufferReset(NULL);"], head=_HEAD))
    run.choose(0)
    assert "assert failed: xStreamBufferReset" in run.wait_for("Rebooting", 30)
