/* SPDX-License-Identifier: Apache-2.0 */
/* The compiler's checks call these where an access or division would be an exception of the ESP32's CPU. */
#include <stdint.h>
#include "kit/host.h"

struct type_mismatch {
    const char *file;
    uint32_t line;
    uint32_t column;
    const void *type;
    uint8_t log_alignment;
    uint8_t kind;
};

enum { KIND_STORE = 1 };

_Noreturn void __ubsan_handle_type_mismatch_v1_abort(const struct type_mismatch *check, uintptr_t pointer)
{
    kit_panic(check->kind == KIND_STORE ? KIT_PANIC_STORE : KIT_PANIC_LOAD, NULL, (int32_t)pointer);
    __builtin_unreachable();
}

_Noreturn void __ubsan_handle_divrem_overflow_abort(const void *check, uintptr_t left, uintptr_t right)
{
    (void)check, (void)left, (void)right;
    kit_panic(KIT_PANIC_DIVIDE, NULL, 0);
    __builtin_unreachable();
}
