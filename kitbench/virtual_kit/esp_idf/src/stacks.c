/* SPDX-License-Identifier: Apache-2.0 */
/* Room for the stacks of tasks, beside the heap: WebAssembly needs more than the chip, and only what a task asked for is
 * taken from the chip's memory. */
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include "stacks.h"

#define UNIT 4096u
#define WASM_PAGE 65536u

struct stack {
    uint32_t size; /* with this head */
    struct stack *next;
};
#define HEAD 16u

static struct stack *s_unused;
static uint8_t *s_fresh;
static uint32_t s_fresh_size;

static struct stack *reuse(uint32_t size)
{
    for (struct stack **link = &s_unused; *link != NULL; link = &(*link)->next) {
        struct stack *stack = *link;
        if (stack->size >= size && stack->size / 2 <= size) {
            *link = stack->next;
            return stack;
        }
    }
    return NULL;
}

static struct stack *carve(uint32_t size)
{
    if (s_fresh_size < size) {
        const uint32_t grown = (size + WASM_PAGE - 1) / WASM_PAGE * WASM_PAGE;
        uint8_t *more = sbrk((intptr_t)grown);
        if (more == (uint8_t *)-1) {
            return NULL;
        }
        s_fresh = more == s_fresh + s_fresh_size ? s_fresh : more;
        s_fresh_size = more == s_fresh ? grown : s_fresh_size + grown;
    }
    struct stack *stack = (struct stack *)s_fresh;
    s_fresh += size;
    s_fresh_size -= size;
    stack->size = size;
    return stack;
}

uint8_t *kit_stack_take(uint32_t size)
{
    const uint32_t whole = (size + HEAD + UNIT - 1) / UNIT * UNIT;
    struct stack *stack = reuse(whole);
    if (stack == NULL) {
        stack = carve(whole);
    }
    return stack != NULL ? (uint8_t *)stack + HEAD : NULL;
}

void kit_stack_give_back(uint8_t *memory)
{
    if (memory != NULL) {
        struct stack *stack = (struct stack *)(memory - HEAD);
        stack->next = s_unused;
        s_unused = stack;
    }
}
