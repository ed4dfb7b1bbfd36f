/* The memory of a case: made between red zones, and filled from a seed; the values that the parent chose.
 *
 * The same seed gives the same bytes in every build. Under MemorySanitizer, memory that the subject must not read
 * before it writes is marked uninitialised. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "state.h"

enum { KEEP, UNIFORM, WILD, POISON, OFFSETS, PERMUTATION, SORTED, CONSTANT, UNLESS_SET = 16, SHARES = 32, SHARED = 64 };

struct initial { /* what a global held when the process started */
    void *place;
    char *bytes;
    int is_set;
};

struct lw_run lw_run;
struct lw_now lw_now;
static struct initial initials[MAX_PLACES];
static size_t initial_count;

void lw_fail(const char *reason) {
    dprintf(2, "loopwright harness: %s\n", reason);
    _exit(97);
}

void *lw_allocate(size_t bytes) {
    void *memory = malloc(bytes ? bytes : 1);
    if (!memory) lw_fail("out of memory");
    return memory;
}

/* ------------------------------------------------------------------ values of the request */

static char *next_token(void) {
    while (lw_run.cursor < lw_run.end && (*lw_run.cursor == ' ' || *lw_run.cursor == '\n')) lw_run.cursor++;
    if (lw_run.cursor >= lw_run.end) lw_fail("the request ends too early");
    return lw_run.cursor;
}

long long lw_integer(void) { return strtoll(next_token(), &lw_run.cursor, 10); }
double lw_real(void) { return strtod(next_token(), &lw_run.cursor); }
uint64_t lw_next_unsigned(void) { return strtoull(next_token(), &lw_run.cursor, 10); }
unsigned long lw_count(void) { return (unsigned long)lw_next_unsigned(); }

/* ------------------------------------------------------------------ random numbers (splitmix64, Steele et al. 2014) */

uint64_t lw_mix(uint64_t value) {
    value += 0x9E3779B97F4A7C15u;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}
static uint64_t next_random(uint64_t *state) { return lw_mix((*state)++ * 0xD1342543DE82EF95u + 1); }
static double unit(uint64_t *state) { return (double)(next_random(state) >> 11) * 0x1p-53; }
static double uniform(uint64_t *state, double low, double high) { return low + unit(state) * (high - low); }
/* low to low + width - 1 */
static long long uniform_integer(uint64_t *state, long long low, uint64_t width) {
    __extension__ typedef unsigned __int128 wide;
    return low + (long long)(uint64_t)(((wide)next_random(state) * width) >> 64);
}

/* ------------------------------------------------------------------ filling */

static void store_real(char *place, size_t size, double value) {
    if (size == sizeof(float)) {
        float narrow = (float)value;
        memcpy(place, &narrow, sizeof narrow);
    } else if (size == sizeof(double)) {
        memcpy(place, &value, sizeof value);
    } else if (size == sizeof(long double)) {
        long double wide = (long double)value;
        memset(place, 0, size);
        memcpy(place, &wide, 10);
    } else {
        memset(place, 0, size);
    }
}

static void store_integer(char *place, size_t size, long long value) {
    if (size <= sizeof value) memcpy(place, &value, size); /* little-endian */
    else memset(place, 0, size);
}

static double wild_value(uint64_t *state, double exponent, size_t size) {
    double limit = size == sizeof(float) && exponent > 30 ? 30 : exponent;
    double scale = (2 * unit(state) - 1) * limit, value = 1 + unit(state);
    int steps = (int)scale;
    for (; steps > 0; steps--) value *= 2;
    for (; steps < 0; steps++) value /= 2;
    return next_random(state) % 16 == 0 ? 0.0 : next_random(state) & 1 ? -value : value;
}

static int compare_integers(const void *left, const void *right) {
    long long a = *(const long long *)left, b = *(const long long *)right;
    return (a > b) - (a < b);
}

static void fill_ordered(int fill, char *base, size_t stride, int kind, size_t size, size_t count, double low,
                         double high, uint64_t *state) {
    long long *values = (long long *)lw_allocate(count * sizeof *values);
    for (size_t index = 0; index < count; index++) {
        values[index] = fill == PERMUTATION ? (long long)index : (long long)(low + unit(state) * (high - low + 1));
        if (values[index] > (long long)high && fill != PERMUTATION) values[index] = (long long)high;
    }
    if (fill == PERMUTATION) {
        for (size_t index = count; index > 1; index--) {
            size_t other = next_random(state) % index;
            long long kept = values[index - 1];
            values[index - 1] = values[other];
            values[other] = kept;
        }
    } else {
        qsort(values, count, sizeof *values, compare_integers);
    }
    if (fill == OFFSETS && count) {
        values[0] = (long long)low;
        values[count - 1] = (long long)(count > 1 ? high : low);
    }
    for (size_t index = 0; index < count; index++) {
        if (kind == LW_FLOAT) store_real(base + index * stride, size, (double)values[index]);
        else store_integer(base + index * stride, size, values[index]);
    }
    free(values);
}

/* The loops that fill large arrays, each of one type; the same values as fill_elements gives. */
static int fill_fast(char *base, int kind, size_t size, size_t count, int fill, double low, double high,
                     uint64_t *state) {
    if (fill == POISON) {
        if (kind == LW_BOOL || size == sizeof(long double)) return 0;
        memset(base, kind == LW_FLOAT ? 0xFF : 0xA5, count * size);
#ifdef LW_MSAN
        __msan_poison(base, count * size);
#endif
    } else if (fill != UNIFORM || lw_now.perturbation > 0) {
        return 0;
    } else if (kind == LW_FLOAT && size == sizeof(double)) {
        double *place = (double *)base;
        for (size_t index = 0; index < count; index++) place[index] = uniform(state, low, high);
    } else if (kind == LW_FLOAT && size == sizeof(float)) {
        float *place = (float *)base;
        for (size_t index = 0; index < count; index++) place[index] = (float)uniform(state, low, high);
    } else if ((kind == LW_SIGNED || kind == LW_UNSIGNED) && size == sizeof(int) && high >= low) {
        int *place = (int *)base;
        uint64_t width = (uint64_t)((long long)high - (long long)low) + 1;
        for (size_t index = 0; index < count; index++) place[index] = (int)uniform_integer(state, (long long)low, width);
    } else {
        return 0;
    }
    return 1;
}

static void fill_elements(char *base, size_t stride, int kind, size_t size, size_t count, int fill, double low,
                          double high) {
    uint64_t state = lw_mix(lw_now.seed ^ lw_mix(lw_now.place_count));
    uint64_t noise = lw_mix(state ^ lw_mix((uint64_t)(lw_now.perturbation * 1024)));
    lw_now.place_count++;
    if (fill == KEEP) return;
    if (fill == OFFSETS || fill == PERMUTATION || fill == SORTED) {
        fill_ordered(fill, base, stride, kind, size, count, low, high, &state);
        return;
    }
    if (stride == size && fill_fast(base, kind, size, count, fill, low, high, &state)) return;
    for (size_t index = 0; index < count; index++) {
        char *place = base + index * stride;
        if (fill == POISON) {
            if (kind == LW_FLOAT && size != sizeof(long double)) memset(place, 0xFF, size); /* a NaN */
            else if (kind == LW_FLOAT) store_real(place, size, -1e300);
            else if (kind == LW_BOOL) memset(place, 1, size);
            else memset(place, 0xA5, size);
#ifdef LW_MSAN
            __msan_poison(place, size);
#endif
        } else if (kind == LW_FLOAT) {
            double value = low;
            if (fill == UNIFORM) value = uniform(&state, low, high);
            if (fill == WILD) value = wild_value(&state, high, size);
            if (lw_now.perturbation > 0 && fill != CONSTANT) {
                double step = lw_now.perturbation * (size == sizeof(float) ? 0x1p-23 : 0x1p-52);
                value *= next_random(&noise) & 1 ? 1 + step : 1 - step;
            }
            store_real(place, size, value);
        } else {
            long long value = (long long)low;
            if (fill != CONSTANT && high >= low)
                value = uniform_integer(&state, value, (uint64_t)((long long)high - value) + 1);
            if (kind == LW_BOOL) value = value & 1;
            store_integer(place, size, value);
        }
    }
}

/* ------------------------------------------------------------------ memory */

char *lw_make_block(const char *name, size_t bytes) {
    if (lw_now.block_count == lw_now.block_capacity) {
        lw_now.block_capacity = 2 * lw_now.block_capacity + 64;
        struct lw_block *more = (struct lw_block *)realloc(lw_now.blocks, lw_now.block_capacity * sizeof *more);
        if (!more) lw_fail("out of memory");
        lw_now.blocks = more;
    }
    struct lw_block *block = &lw_now.blocks[lw_now.block_count++];
    /* A further timed call finds the memory of the one before, so that its pages are there. */
    if (lw_now.block_count <= lw_now.kept_count) {
        if (block->bytes == bytes) return block->base;
        free(block->memory);
    }
    block->name = name;
    block->bytes = bytes;
    block->front = block->back = 0;
#ifdef LW_EXACT_MALLOC
    block->memory = block->base = (char *)malloc(bytes);
    if (!block->memory && bytes) lw_fail("out of memory");
#else
    /* Staggered, so that equal arrays do not start at the same cache set. */
    block->front = ZONE + 192 * (lw_now.block_count % 16);
    block->back = ZONE;
    void *memory = NULL;
    if (posix_memalign(&memory, 64, block->front + bytes + block->back)) lw_fail("out of memory");
    block->memory = (char *)memory;
    block->base = block->memory + block->front;
    memset(block->memory, CANARY, block->front);
    memset(block->base + bytes, CANARY, block->back);
#endif
    return block->base;
}

struct lw_view *lw_add_view(const char *name, char *base, int kind, size_t size, size_t count) {
    if (lw_now.view_count == MAX_PLACES) lw_fail("too many arrays");
    struct lw_view *view = &lw_now.views[lw_now.view_count++];
    memset(view, 0, sizeof *view);
    view->name = name;
    view->base = base;
    view->stride = view->size = size;
    view->kind = kind;
    view->count = count;
    view->repeat = 1;
    return view;
}

void *lw_array(const char *name, int kind, unsigned long size) {
    size_t count = lw_count();
    int fill = (int)lw_integer();
    double low = lw_real(), high = lw_real();
    size_t start = fill & (SHARES | SHARED) ? lw_count() : 0;
    if (fill & SHARED) return lw_now.shared + start * size; /* made, filled and compared with the other array */
    char *base = lw_make_block(name, count * size);
    int shares = fill & SHARES;
    fill &= ~SHARES;
    if (fill == KEEP) memset(base, 0, count * size);
    fill_elements(base, size, kind, size, count, fill, low, high);
    lw_add_view(name, base, kind, size, count);
    if (shares) lw_now.shared = base;
    return base + start * size;
}

void *lw_rows(const char *name, int kind, unsigned long size) {
    size_t rows = lw_count(), columns = lw_count();
    int fill = (int)lw_integer();
    double low = lw_real(), high = lw_real();
    char **table = (char **)lw_make_block(name, rows * sizeof *table);
    for (size_t row = 0; row < rows; row++) {
        table[row] = lw_make_block(name, columns * size);
        fill_elements(table[row], size, kind, size, columns, fill, low, high);
    }
    struct lw_view *view = lw_add_view(name, (char *)table, kind, size, rows);
    view->repeat = columns;
    view->has_own_rows = 1;
    return table;
}

void *lw_records(unsigned long size) {
    size_t count = lw_count();
    char *base = lw_make_block("record", count * size);
    if (count) memset(base, 0, count * size);
    if (lw_now.record_count == MAX_PLACES) lw_fail("too many records");
    lw_now.records[lw_now.record_count] = base;
    lw_now.record_counts[lw_now.record_count++] = count;
    return base;
}

static void fill_member(const char *name, char *base, size_t count, size_t stride, size_t offset, int kind, size_t size,
                        size_t repeat, int fill, double low, double high) {
    for (size_t part = 0; part < repeat; part++)
        fill_elements(base + offset + part * size, stride, kind, size, count, fill, low, high);
    struct lw_view *view = lw_add_view(name, base, kind, size, count);
    view->stride = stride;
    view->offset = offset;
    view->repeat = repeat;
}

void lw_member(const char *name, void *base, unsigned long stride, unsigned long offset, int kind, unsigned long size,
               unsigned long repeat) {
    int fill = (int)lw_integer();
    double low = lw_real(), high = lw_real();
    size_t count = 0;
    for (size_t index = 0; index < lw_now.record_count; index++)
        if (lw_now.records[index] == (char *)base) count = lw_now.record_counts[index];
    fill_member(name, (char *)base, count, stride, offset, kind, size, repeat, fill, low, high);
}

/* Give a global the bytes that it held at the start; return 1 if the program's text had set it. */
static int restore(void *place, size_t bytes) {
    for (size_t index = 0; index < initial_count; index++) {
        if (initials[index].place == place) {
            memcpy(place, initials[index].bytes, bytes);
            return initials[index].is_set;
        }
    }
    if (initial_count == MAX_PLACES) lw_fail("too many globals");
    struct initial *initial = &initials[initial_count++];
    initial->place = place;
    initial->bytes = (char *)lw_allocate(bytes);
    memcpy(initial->bytes, place, bytes);
    initial->is_set = 0;
    for (size_t byte = 0; byte < bytes; byte++) initial->is_set |= initial->bytes[byte] != 0;
    return initial->is_set;
}

void lw_bind(const char *name, void *place, int kind, unsigned long size, unsigned long bytes) {
    int fill = (int)lw_integer();
    double low = lw_real(), high = lw_real();
    if ((fill & UNLESS_SET) && restore(place, bytes)) fill = KEEP;
    fill_elements((char *)place, size, kind, size, bytes / size, fill & ~UNLESS_SET, low, high);
    lw_add_view(name, (char *)place, kind, size, bytes / size);
}

void lw_bind_member(const char *name, void *base, unsigned long bytes, unsigned long stride, unsigned long offset,
                    int kind, unsigned long size, unsigned long repeat) {
    int fill = (int)lw_integer();
    double low = lw_real(), high = lw_real();
    fill_member(name, (char *)base, bytes / stride, stride, offset, kind, size, repeat, fill & ~UNLESS_SET, low, high);
}

void lw_reseat(const char *name, void *place, unsigned long count) {
    for (size_t index = 0; index < lw_now.view_count; index++) {
        if (strcmp(lw_now.views[index].name, name) == 0) {
            lw_now.views[index].base = (char *)place;
            if (lw_now.views[index].count != count) lw_now.views[index].before = NULL;
            lw_now.views[index].count = count;
        }
    }
}

void lw_begin_call(uint64_t seed, int is_first) {
    lw_now.kept_count = is_first ? 0 : lw_now.block_count;
    for (size_t index = 0; is_first && index < lw_now.block_count; index++) free(lw_now.blocks[index].memory);
    for (size_t index = 0; index < lw_now.view_count; index++) free(lw_now.views[index].before);
    lw_now.block_count = lw_now.view_count = lw_now.place_count = lw_now.record_count = 0;
    lw_now.seed = seed;
}
