/* SPDX-License-Identifier: Apache-2.0 */
/* The heap of an ESP32: malloc() and its family over regions of the sizes that the chip has, so that what does not fit
 * there does not fit here, and what the chip's heap asserts (a block freed twice, a wild pointer) is asserted here.
 * A block is a head of four bytes and what the caller gets, which is aligned to eight. Best fit, merged when freed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "esp_heap_caps.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "heap.h"
#include "kernel.h"
#include "kit/host.h"

#define HEAD 4u
#define LEAST 16u /* head, two links, size at the end */
#define ALIGNMENT 8u
#define FREE 1u      /* the block is free; its size stands at its end, too */
#define PREV_FREE 2u /* the one below is */
#define FLAGS 7u
#define MOST 0x400000u
#define WASM_PAGE 65536u

/* What heap_init finds in an ESP-IDF 5.1 app (recorded), the main region first, as malloc() prefers it. */
static const struct {
    uint32_t address;
    uint32_t size;
} s_chip[] = {
    {0x3FFB4080, 0x2BF80},
    {0x3FFE4350, 0x1BCB0},
    {0x3FFE0440, 0x03AE0},
    {0x3FFAE6E0, 0x01920},
};
#define REGIONS (sizeof(s_chip) / sizeof(s_chip[0]))

struct block {
    uint32_t head;
    struct block *next; /* of a free one only */
    struct block *previous;
};

struct region {
    uint8_t *start;
    uint8_t *end; /* the sentinel's head is before it */
    struct block *free;
    uint32_t free_bytes;
};

static struct region s_regions[REGIONS];
static uint32_t s_total;
static uint32_t s_minimum;

static uint32_t size_of(const struct block *block)
{
    return block->head & ~FLAGS;
}

static struct block *above(const struct block *block)
{
    return (struct block *)((uint8_t *)block + size_of(block));
}

static void *payload_of(struct block *block)
{
    return (uint8_t *)block + HEAD;
}

static struct block *block_of(const void *payload)
{
    return (struct block *)((uint8_t *)payload - HEAD);
}

static void insert(struct region *region, struct block *block, uint32_t size)
{
    block->head = size | FREE | (block->head & PREV_FREE);
    *(uint32_t *)((uint8_t *)block + size - sizeof(uint32_t)) = size;
    above(block)->head |= PREV_FREE;
    block->previous = NULL;
    block->next = region->free;
    if (region->free != NULL) {
        region->free->previous = block;
    }
    region->free = block;
    region->free_bytes += size;
}

static void take_out(struct region *region, struct block *block)
{
    *(block->previous != NULL ? &block->previous->next : &region->free) = block->next;
    if (block->next != NULL) {
        block->next->previous = block->previous;
    }
    region->free_bytes -= size_of(block);
    block->head &= ~FREE;
    above(block)->head &= ~PREV_FREE;
}

static uint32_t free_bytes(void)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < REGIONS; i++) {
        sum += s_regions[i].free_bytes;
    }
    return sum;
}

static void init(void)
{
    uint32_t whole = 0;
    for (size_t i = 0; i < REGIONS; i++) {
        whole += s_chip[i].size + 2 * ALIGNMENT;
    }
    uint8_t *at = sbrk((intptr_t)((whole + WASM_PAGE - 1) / WASM_PAGE * WASM_PAGE));
    for (size_t i = 0; i < REGIONS; i++) {
        struct region *region = &s_regions[i];
        region->start = at + HEAD; /* so that what callers get is aligned */
        region->end = region->start + s_chip[i].size;
        at += s_chip[i].size + 2 * ALIGNMENT;
        struct block *sentinel = (struct block *)(region->end - ALIGNMENT);
        sentinel->head = 0;
        ((struct block *)region->start)->head = 0;
        insert(region, (struct block *)region->start, s_chip[i].size - ALIGNMENT);
    }
    s_total = s_minimum = free_bytes();
}

static void require_heap(void)
{
    if (s_total == 0) {
        init();
    }
}

static struct region *region_of(const void *address)
{
    require_heap();
    for (size_t i = 0; i < REGIONS; i++) {
        if ((const uint8_t *)address >= s_regions[i].start && (const uint8_t *)address < s_regions[i].end) {
            return &s_regions[i];
        }
    }
    return NULL;
}

static uint32_t whole_size(size_t size)
{
    const uint32_t whole = ((uint32_t)size + HEAD + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    return whole < LEAST ? LEAST : whole;
}

static struct block *best_fit(const struct region *region, uint32_t wanted)
{
    struct block *best = NULL;
    for (struct block *block = region->free; block != NULL; block = block->next) {
        if (size_of(block) >= wanted && (best == NULL || size_of(block) < size_of(best))) {
            best = block;
        }
    }
    return best;
}

/* Give back what a used block has beyond `size`. */
static void trim(struct region *region, struct block *block, uint32_t size)
{
    const uint32_t rest = size_of(block) - size;
    if (rest < LEAST) {
        return;
    }
    struct block *upper = above(block);
    block->head = size | (block->head & FLAGS);
    struct block *remainder = above(block);
    remainder->head = 0;
    uint32_t whole = rest;
    if (upper->head & FREE) {
        whole += size_of(upper);
        take_out(region, upper);
    }
    insert(region, remainder, whole);
}

static void note_minimum(void)
{
    const uint32_t now = free_bytes();
    s_minimum = now < s_minimum ? now : s_minimum;
}

void *malloc(size_t size)
{
    require_heap();
    if (size == 0 || size > MOST) {
        return NULL;
    }
    const uint32_t wanted = whole_size(size);
    for (size_t i = 0; i < REGIONS; i++) {
        struct block *block = best_fit(&s_regions[i], wanted);
        if (block != NULL) {
            take_out(&s_regions[i], block);
            trim(&s_regions[i], block, wanted);
            note_minimum();
            return payload_of(block);
        }
    }
    return NULL;
}

_Noreturn static void give_up(const char *text)
{
    kit_panic(KIT_PANIC_TEXT, text, (int32_t)strlen(text));
    __builtin_unreachable();
}

/* The region of a block that is in use; panics with the chip's own words where there is none. */
static struct region *owner_of(const void *payload)
{
    struct region *region = region_of(payload);
    if (region == NULL) {
        give_up("\nassert failed: heap_caps_free heap_caps.c:387 (heap != NULL && \"free() target pointer is outside "
                "heap areas\")");
    }
    if (block_of(payload)->head & FREE) {
        give_up("\nassert failed: tlsf_free tlsf.c:1120 (!block_is_free(block) && \"block already marked as free\")");
    }
    return region;
}

void free(void *payload)
{
    if (payload == NULL) {
        return;
    }
    struct region *region = owner_of(payload);
    struct block *block = block_of(payload);
    /* Marked also where it is merged into the one below: a second free() finds it so. */
    block->head |= FREE;
    uint32_t size = size_of(block);
    struct block *upper = above(block);
    if (upper->head & FREE) {
        size += size_of(upper);
        take_out(region, upper);
    }
    if (block->head & PREV_FREE) {
        const uint32_t lower = *(uint32_t *)((uint8_t *)block - sizeof(uint32_t));
        block = (struct block *)((uint8_t *)block - lower);
        size += lower;
        take_out(region, block);
    }
    insert(region, block, size);
}

void *calloc(size_t count, size_t size)
{
    size_t whole;
    if (__builtin_mul_overflow(count, size, &whole)) {
        return NULL;
    }
    void *payload = malloc(whole);
    return payload != NULL ? memset(payload, 0, whole) : NULL;
}

void *realloc(void *payload, size_t size)
{
    if (payload == NULL) {
        return malloc(size);
    }
    if (size == 0) {
        free(payload);
        return NULL;
    }
    struct region *region = owner_of(payload);
    const uint32_t room = size_of(block_of(payload)) - HEAD;
    if (size <= room) {
        trim(region, block_of(payload), whole_size(size));
        return payload;
    }
    void *moved = malloc(size);
    if (moved != NULL) {
        memcpy(moved, payload, room);
        free(payload);
    }
    return moved;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    if (alignment <= ALIGNMENT) {
        return malloc(size);
    }
    uint8_t *payload = malloc(size + alignment + LEAST);
    if (payload == NULL) {
        return NULL;
    }
    uint8_t *aligned = (uint8_t *)(((uintptr_t)payload + alignment - 1) & ~(uintptr_t)(alignment - 1));
    if (aligned != payload && (uint32_t)(aligned - payload) < LEAST) {
        aligned += alignment;
    }
    struct block *block = block_of(payload);
    if (aligned != payload) { /* the part below becomes a block of its own */
        const uint32_t below = (uint32_t)(aligned - payload);
        block_of(aligned)->head = size_of(block) - below;
        block->head = below | (block->head & FLAGS);
        free(payload);
        block = block_of(aligned);
    }
    trim(region_of(aligned), block, whole_size(size));
    return aligned;
}

void *memalign(size_t alignment, size_t size)
{
    return aligned_alloc(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size)
{
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) {
        return EINVAL;
    }
    void *payload = aligned_alloc(alignment, size);
    if (payload == NULL && size > 0) {
        return ENOMEM;
    }
    *result = payload;
    return 0;
}

size_t malloc_usable_size(void *payload)
{
    return payload != NULL ? size_of(block_of(payload)) - HEAD : 0;
}

void kit_heap_foreach_region(void (*visit)(uint32_t address, uint32_t size))
{
    /* In the order of addresses, as heap_init tells them. */
    static const uint8_t order[REGIONS] = {3, 0, 2, 1};
    for (size_t i = 0; i < REGIONS; i++) {
        visit(s_chip[order[i]].address, s_chip[order[i]].size);
    }
}

/* No part of the heap has these; 32-bit memory that is not for bytes (IRAM) is not modelled. */
static bool is_there(uint32_t caps)
{
    return (caps & (MALLOC_CAP_SPIRAM | MALLOC_CAP_EXEC | MALLOC_CAP_INVALID | MALLOC_CAP_RTCRAM)) == 0;
}

uint32_t esp_get_free_heap_size(void)
{
    require_heap();
    kit_release_ended_tasks();
    return free_bytes();
}

uint32_t esp_get_free_internal_heap_size(void)
{
    return esp_get_free_heap_size();
}

uint32_t esp_get_minimum_free_heap_size(void)
{
    require_heap();
    return s_minimum;
}

size_t xPortGetFreeHeapSize(void)
{
    return esp_get_free_heap_size();
}

size_t xPortGetMinimumEverFreeHeapSize(void)
{
    return esp_get_minimum_free_heap_size();
}

void *heap_caps_malloc(size_t size, uint32_t caps)
{
    return is_there(caps) ? malloc(size) : NULL;
}

void *heap_caps_calloc(size_t n, size_t size, uint32_t caps)
{
    return is_there(caps) ? calloc(n, size) : NULL;
}

void *heap_caps_realloc(void *block, size_t size, uint32_t caps)
{
    return is_there(caps) ? realloc(block, size) : NULL;
}

void *heap_caps_aligned_alloc(size_t alignment, size_t size, uint32_t caps)
{
    return is_there(caps) ? aligned_alloc(alignment, size) : NULL;
}

void *heap_caps_aligned_calloc(size_t alignment, size_t n, size_t size, uint32_t caps)
{
    size_t whole;
    if (!is_there(caps) || __builtin_mul_overflow(n, size, &whole)) {
        return NULL;
    }
    void *payload = aligned_alloc(alignment, whole);
    return payload != NULL ? memset(payload, 0, whole) : NULL;
}

void heap_caps_free(void *block)
{
    free(block);
}

void heap_caps_aligned_free(void *block)
{
    free(block);
}

size_t heap_caps_get_allocated_size(void *block)
{
    return malloc_usable_size(block);
}

size_t heap_caps_get_free_size(uint32_t caps)
{
    return is_there(caps) ? esp_get_free_heap_size() : 0;
}

size_t heap_caps_get_minimum_free_size(uint32_t caps)
{
    return is_there(caps) ? esp_get_minimum_free_heap_size() : 0;
}

size_t heap_caps_get_total_size(uint32_t caps)
{
    require_heap();
    return is_there(caps) ? s_total : 0;
}

size_t heap_caps_get_largest_free_block(uint32_t caps)
{
    multi_heap_info_t info;
    heap_caps_get_info(&info, caps);
    return info.largest_free_block;
}

void heap_caps_get_info(multi_heap_info_t *info, uint32_t caps)
{
    memset(info, 0, sizeof(*info));
    if (!is_there(caps)) {
        return;
    }
    info->total_free_bytes = esp_get_free_heap_size();
    info->total_allocated_bytes = s_total - info->total_free_bytes;
    info->minimum_free_bytes = s_minimum;
    for (size_t i = 0; i < REGIONS; i++) {
        for (const struct block *block = s_regions[i].free; block != NULL; block = block->next) {
            const size_t room = size_of(block) - HEAD;
            info->largest_free_block = room > info->largest_free_block ? room : info->largest_free_block;
            info->free_blocks++;
        }
    }
}

bool heap_caps_check_integrity_all(bool print_errors)
{
    (void)print_errors;
    require_heap();
    for (size_t i = 0; i < REGIONS; i++) {
        const uint8_t *const last = s_regions[i].end - ALIGNMENT;
        const struct block *block = (const struct block *)s_regions[i].start;
        while ((const uint8_t *)block < last) {
            if (size_of(block) < LEAST || size_of(block) > (uint32_t)(last - (const uint8_t *)block)) {
                return false;
            }
            block = above(block);
        }
    }
    return true;
}

bool heap_caps_check_integrity(uint32_t caps, bool print_errors)
{
    return !is_there(caps) || heap_caps_check_integrity_all(print_errors);
}
