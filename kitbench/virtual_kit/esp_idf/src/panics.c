/* SPDX-License-Identifier: Apache-2.0 */
/* Ways in which an app gives up: abort(), assert(), ESP_ERROR_CHECK(). */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "esp_err.h"
#include "kit/host.h"

#define TEXT_MOST 512

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* The compiler's command line calls abort() by this name. */
_Noreturn void kit_abort(void)
{
    kit_panic(KIT_PANIC_ABORT, NULL, 0);
    __builtin_unreachable();
}

/* What the libraries of C and C++ call abort() is led here by the linker (--wrap=abort). */
_Noreturn void __wrap_abort(void)
{
    kit_abort();
}

void __assert_func(const char *file, int line, const char *function, const char *expression)
{
    char text[TEXT_MOST];
    snprintf(text, sizeof(text), "\nassert failed: %s %s:%d (%s)", function, base_name(file), line, expression);
    kit_panic(KIT_PANIC_TEXT, text, (int32_t)strlen(text));
    __builtin_unreachable();
}

static void describe(char *text, const char *what, esp_err_t rc, const char *file, int line, const char *function,
                     const char *expression)
{
    snprintf(text, TEXT_MOST, "%s failed: esp_err_t 0x%x (%s) at {pc}\nfile: \"%s\" line %d\nfunc: %s\nexpression: %s\n",
             what, rc, esp_err_to_name(rc), file, line, function, expression);
}

void _esp_error_check_failed(esp_err_t rc, const char *file, int line, const char *function, const char *expression)
{
    char text[TEXT_MOST];
    describe(text, "ESP_ERROR_CHECK", rc, file, line, function, expression);
    kit_panic(KIT_PANIC_ERROR_CHECK, text, (int32_t)strlen(text));
    __builtin_unreachable();
}

void _esp_error_check_failed_without_abort(esp_err_t rc, const char *file, int line, const char *function,
                                           const char *expression)
{
    char text[TEXT_MOST];
    describe(text, "ESP_ERROR_CHECK_WITHOUT_ABORT", rc, file, line, function, expression);
    char *pc = strstr(text, "{pc}");
    if (pc != NULL) { /* WebAssembly tells no return address: where the app's code begins */
        printf("%.*s0x400d0020%s", (int)(pc - text), text, pc + 4);
    }
}
