/* Who touched what: the record of a team's accesses, and the compiler's calls (-fsanitize=thread) that feed it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "team.h"

struct cell { /* eight bytes of memory: who wrote and read them last, as thread number + 1 */
    uint64_t key;
    uint32_t epoch;
    uint16_t writer[8], reader[8];
    uint8_t plain_writes, plain_reads;
};

static struct {
    struct cell *cells;
    uint64_t capacity, used;
} record;

extern int lw_describe(const void *address, char *text, unsigned long capacity);

/* ------------------------------------------------------------------ who touched what */

static struct cell *slot_for(struct cell *cells, uint64_t capacity, uint64_t key) {
    uint64_t at = (key * 0x9E3779B97F4A7C15u) >> 20 & (capacity - 1);
    while (cells[at].key && cells[at].key != key) at = (at + 1) & (capacity - 1);
    return &cells[at];
}

static void grow(void) {
    uint64_t live = 0;
    for (uint64_t index = 0; index < record.capacity; index++) live += record.cells[index].epoch == lw_team.epoch;
    uint64_t capacity = 1 << 16;
    while (capacity < 4 * live) capacity *= 2;
    struct cell *cells = (struct cell *)__libc_calloc(capacity, sizeof *cells);
    if (!cells) lw_die("out of memory for the record of accesses");
    for (uint64_t index = 0; index < record.capacity; index++)
        if (record.cells[index].epoch == lw_team.epoch)
            *slot_for(cells, capacity, record.cells[index].key) = record.cells[index];
    __libc_free(record.cells);
    record.cells = cells;
    record.capacity = capacity;
    record.used = live;
}

static struct cell *cell_of(uint64_t key) {
    if (2 * record.used >= record.capacity) grow();
    struct cell *cell = slot_for(record.cells, record.capacity, key);
    if (!cell->key) record.used++;
    if (cell->epoch != lw_team.epoch) {
        memset(cell, 0, sizeof *cell);
        cell->key = key;
        cell->epoch = lw_team.epoch;
    }
    return cell;
}

static void report(const void *address, unsigned other, bool other_wrote, bool wrote) {
    if (lw_team.conflict[0]) return;
    char name[128];
    if (!lw_describe(address, name, sizeof name)) snprintf(name, sizeof name, "memory outside the known arrays");
    char by[32] = "another iteration";
    if (other != MANY) snprintf(by, sizeof by, "iteration %u", other - 1);
    snprintf(lw_team.conflict, sizeof lw_team.conflict, "iteration %u %s %s, which %s %s in the same parallel region",
             lw_team.current, wrote ? "writes" : "reads", name, by, other_wrote ? "writes" : "reads");
}

static void touch(const void *address, size_t size, bool writes, bool is_atomic) {
    if (!lw_team.is_active || lw_team.nested) return;
    const char *place = (const char *)address;
    const char *stack = lw_team.fibers[lw_team.current].stack;
    if (stack && place >= stack && place < stack + STACK_BYTES) return;
    is_atomic |= lw_team.is_guarded;
    uint16_t me = (uint16_t)(lw_team.current + 1);
    for (size_t done = 0; done < size;) {
        uint64_t byte = (uint64_t)(uintptr_t)(place + done);
        struct cell *cell = cell_of(byte >> 3);
        for (unsigned lane = byte & 7; lane < 8 && done < size; lane++, done++) {
            uint8_t bit = (uint8_t)(1u << lane);
            uint16_t writer = cell->writer[lane], reader = cell->reader[lane];
            if (writer && writer != me && (!is_atomic || (cell->plain_writes & bit)))
                report(place + done, writer, true, writes);
            if (writes) {
                if (reader && reader != me && (!is_atomic || (cell->plain_reads & bit)))
                    report(place + done, reader, false, true);
                cell->writer[lane] = writer && writer != me ? MANY : me;
                if (!is_atomic) cell->plain_writes |= bit;
            } else {
                cell->reader[lane] = reader && reader != me ? MANY : me;
                if (!is_atomic) cell->plain_reads |= bit;
            }
        }
    }
}

void free(void *memory) {
    if (memory && lw_team.is_active) {
        uint64_t first = (uint64_t)(uintptr_t)memory >> 3, count = malloc_usable_size(memory) >> 3;
        for (uint64_t key = first; key <= first + count && record.capacity; key++) {
            struct cell *cell = slot_for(record.cells, record.capacity, key);
            if (cell->key) cell->epoch = 0;
        }
    }
    __libc_free(memory);
}

/* ------------------------------------------------------------------ the compiler's side (-fsanitize=thread) */

void __tsan_init(void) {}
void __tsan_func_entry(void *caller) { (void)caller; }
void __tsan_func_exit(void) {}
void __tsan_vptr_update(void **place, void *value) { (void)value, touch(place, sizeof *place, true, false); }
void __tsan_vptr_read(void **place) { touch(place, sizeof *place, false, false); }
void __tsan_read_range(void *place, unsigned long size) { touch(place, size, false, false); }
void __tsan_write_range(void *place, unsigned long size) { touch(place, size, true, false); }

#define ACCESS(size)                                                                                                   \
    void __tsan_read##size(void *place) { touch(place, size, false, false); }                                          \
    void __tsan_write##size(void *place) { touch(place, size, true, false); }                                          \
    void __tsan_unaligned_read##size(void *place) { touch(place, size, false, false); }                                \
    void __tsan_unaligned_write##size(void *place) { touch(place, size, true, false); }                                \
    void __tsan_volatile_read##size(void *place) { touch(place, size, false, false); }                                 \
    void __tsan_volatile_write##size(void *place) { touch(place, size, true, false); }                                 \
    void __tsan_unaligned_volatile_read##size(void *place) { touch(place, size, false, false); }                       \
    void __tsan_unaligned_volatile_write##size(void *place) { touch(place, size, true, false); }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

/* One processor and no preemption: a plain operation is atomic. */
#define ATOMIC(bits, type)                                                                                             \
    type __tsan_atomic##bits##_load(const volatile type *place, int order) {                                           \
        (void)order, touch((const void *)place, sizeof(type), false, true);                                            \
        return *place;                                                                                                 \
    }                                                                                                                  \
    void __tsan_atomic##bits##_store(volatile type *place, type value, int order) {                                    \
        (void)order, touch((const void *)place, sizeof(type), true, true);                                             \
        *place = value;                                                                                                \
    }                                                                                                                  \
    type __tsan_atomic##bits##_exchange(volatile type *place, type value, int order) {                                 \
        type old = *place;                                                                                             \
        (void)order, touch((const void *)place, sizeof(type), true, true);                                             \
        *place = value;                                                                                                \
        return old;                                                                                                    \
    }                                                                                                                  \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile type *place, type *expected, type value, int order,     \
                                                      int failure) {                                                   \
        (void)order, (void)failure, touch((const void *)place, sizeof(type), true, true);                              \
        if (*place == *expected) {                                                                                     \
            *place = value;                                                                                            \
            return 1;                                                                                                  \
        }                                                                                                              \
        *expected = *place;                                                                                            \
        return 0;                                                                                                      \
    }                                                                                                                  \
    int __tsan_atomic##bits##_compare_exchange_weak(volatile type *place, type *expected, type value, int order,       \
                                                    int failure) {                                                     \
        return __tsan_atomic##bits##_compare_exchange_strong(place, expected, value, order, failure);                  \
    }                                                                                                                  \
    type __tsan_atomic##bits##_compare_exchange_val(volatile type *place, type expected, type value, int order,        \
                                                    int failure) {                                                     \
        __tsan_atomic##bits##_compare_exchange_strong(place, &expected, value, order, failure);                        \
        return expected;                                                                                               \
    }
#define FETCH(bits, type, name, expression)                                                                            \
    type __tsan_atomic##bits##_fetch_##name(volatile type *place, type value, int order) {                             \
        type old = *place;                                                                                             \
        (void)order, touch((const void *)place, sizeof(type), true, true);                                             \
        *place = (type)(expression);                                                                                   \
        return old;                                                                                                    \
    }
#define FETCHES(bits, type)                                                                                            \
    ATOMIC(bits, type)                                                                                                 \
    FETCH(bits, type, add, old + value)                                                                                \
    FETCH(bits, type, sub, old - value)                                                                                \
    FETCH(bits, type, and, old &value)                                                                                 \
    FETCH(bits, type, or, old | value)                                                                                 \
    FETCH(bits, type, xor, old ^ value)                                                                                \
    FETCH(bits, type, nand, ~(old & value))
FETCHES(8, uint8_t)
FETCHES(16, uint16_t)
FETCHES(32, uint32_t)
FETCHES(64, uint64_t)
#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;
FETCHES(128, wide)
#endif
void __tsan_atomic_thread_fence(int order) { (void)order; }
void __tsan_atomic_signal_fence(int order) { (void)order; }

/* Calls that the compiler makes of loops, and the user's own. Linked with --wrap. */
extern void *__real_memcpy(void *to, const void *from, size_t size);
extern void *__real_memmove(void *to, const void *from, size_t size);
extern void *__real_memset(void *to, int value, size_t size);
void *__wrap_memcpy(void *to, const void *from, size_t size) {
    touch(from, size, false, false), touch(to, size, true, false);
    return __real_memcpy(to, from, size);
}
void *__wrap_memmove(void *to, const void *from, size_t size) {
    touch(from, size, false, false), touch(to, size, true, false);
    return __real_memmove(to, from, size);
}
void *__wrap_memset(void *to, int value, size_t size) {
    touch(to, size, true, false);
    return __real_memset(to, value, size);
}
