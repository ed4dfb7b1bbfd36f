/* The fixed half of every harness: reads the request from stdin, makes and fills the memory of each case, holds the
 * clock, checks the red zones and writes the results to a private descriptor.
 *
 * Compiled apart from the user's text, so that no macro of his reaches it. Its `main` is the real one: the link says
 * --wrap=main, so a `main` in the user's file stays what it is and is only called in program mode.
 *
 * Each record carries a tag made from a secret of this run, its place in the sequence and a checksum; bytes that
 * anybody else writes to the descriptor break the sequence, and a run without its last record counts as failed. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define LW_MSAN 1
#endif
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LW_EXACT_MALLOC 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(LW_MSAN)
#define LW_EXACT_MALLOC 1
#endif

enum { MAX_PLACES = 512, ZONE = 4096, CANARY = 0xC5, DENSE_BYTES = 1 << 16 };
enum { KEEP, UNIFORM, WILD, POISON, OFFSETS, PERMUTATION, SORTED, CONSTANT, UNLESS_SET = 16 };
enum { R_VIEW = 1, R_TIMES, R_DAMAGE, R_REGIONS, R_UNINITIALISED, R_CASE, R_END };
enum { OBSERVE, TIME, PROGRAM };

struct block { /* memory that we made, with its red zones */
    char *memory, *base;
    size_t bytes, front, back;
    const char *name;
};
struct view { /* elements that are compared after the call */
    const char *name;
    char *base, *before;
    size_t stride, offset, size, count, repeat;
    int kind, has_own_rows;
};
struct initial { /* what a global held when the process started */
    void *place;
    char *bytes;
    int is_set;
};

static struct {
    char *text, *cursor, *end;
    int fd, mode;
    uint64_t nonce, sequence, dump_limit;
    pid_t pid;
} run;
static struct {
    uint32_t id;
    uint64_t seed;
    double perturbation;
    struct block blocks[MAX_PLACES];
    struct view views[MAX_PLACES];
    size_t block_count, view_count, place_count;
    char *records[MAX_PLACES];
    size_t record_counts[MAX_PLACES], record_count;
    double *times;
    size_t time_count;
    struct timespec start;
    int is_timing;
} now;
static struct initial initials[MAX_PLACES];
static size_t initial_count;

/* Given by team.c where it is linked: parallel regions that ran with several threads, those with one, and how many
 * different regions of the source have run with several since the process started. */
extern void lw_team_counts(unsigned long long counts[3]) __attribute__((weak));
extern const char *lw_team_conflict(void) __attribute__((weak));
extern void lw_team_begin(unsigned long long seed) __attribute__((weak));
extern void lw_team_end(void) __attribute__((weak));

static void fail(const char *reason) {
    dprintf(2, "loopwright harness: %s\n", reason);
    _exit(97);
}

static void *allocate(size_t bytes) {
    void *memory = malloc(bytes ? bytes : 1);
    if (!memory) fail("out of memory");
    return memory;
}

/* ------------------------------------------------------------------ values of the request */

static char *next_token(void) {
    while (run.cursor < run.end && (*run.cursor == ' ' || *run.cursor == '\n')) run.cursor++;
    if (run.cursor >= run.end) fail("the request ends too early");
    return run.cursor;
}

long long lw_integer(void) { return strtoll(next_token(), &run.cursor, 10); }
double lw_real(void) { return strtod(next_token(), &run.cursor); }
static uint64_t next_unsigned(void) { return strtoull(next_token(), &run.cursor, 10); }
unsigned long lw_count(void) { return (unsigned long)next_unsigned(); }

static void read_request(void) {
    size_t capacity = 1 << 16, used = 0;
    run.text = (char *)allocate(capacity + 1);
    for (;;) {
        ssize_t got = read(0, run.text + used, capacity - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("cannot read the request");
        if (got == 0) break;
        used += (size_t)got;
        if (used == capacity) {
            char *larger = (char *)realloc(run.text, 2 * capacity + 1);
            if (!larger) fail("out of memory");
            run.text = larger;
            capacity *= 2;
        }
    }
    run.text[used] = 0;
    run.cursor = run.text;
    run.end = run.text + used;
}

/* ------------------------------------------------------------------ random numbers (splitmix64, Steele et al. 2014) */

static uint64_t mix(uint64_t value) {
    value += 0x9E3779B97F4A7C15u;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}
static uint64_t next_random(uint64_t *state) { return mix((*state)++ * 0xD1342543DE82EF95u + 1); }
static double unit(uint64_t *state) { return (double)(next_random(state) >> 11) * 0x1p-53; }

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
    long long *values = (long long *)allocate(count * sizeof *values);
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

static void fill_elements(char *base, size_t stride, int kind, size_t size, size_t count, int fill, double low,
                          double high) {
    uint64_t state = mix(now.seed ^ mix(now.place_count));
    uint64_t noise = mix(state ^ mix((uint64_t)(now.perturbation * 1024)));
    now.place_count++;
    if (fill == KEEP) return;
    if (fill == OFFSETS || fill == PERMUTATION || fill == SORTED) {
        fill_ordered(fill, base, stride, kind, size, count, low, high, &state);
        return;
    }
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
            if (fill == UNIFORM) value = low + unit(&state) * (high - low);
            if (fill == WILD) value = wild_value(&state, high, size);
            if (now.perturbation > 0 && fill != CONSTANT) {
                double step = now.perturbation * (size == sizeof(float) ? 0x1p-23 : 0x1p-52);
                value *= next_random(&noise) & 1 ? 1 + step : 1 - step;
            }
            store_real(place, size, value);
        } else {
            long long value = (long long)low;
            if (fill != CONSTANT && high >= low) {
                uint64_t width = (uint64_t)((long long)high - (long long)low) + 1;
                value = (long long)low + (long long)(width ? next_random(&state) % width : next_random(&state));
            }
            if (kind == LW_BOOL) value = value & 1;
            store_integer(place, size, value);
        }
    }
}

/* ------------------------------------------------------------------ memory */

static char *make_block(const char *name, size_t bytes) {
    struct block *block = &now.blocks[now.block_count];
    if (now.block_count == MAX_PLACES) fail("too many arrays");
    now.block_count++;
    block->name = name;
    block->bytes = bytes;
#ifdef LW_EXACT_MALLOC
    block->memory = block->base = (char *)malloc(bytes);
    if (!block->memory && bytes) fail("out of memory");
#else
    /* Staggered, so that equal arrays do not start at the same cache set. */
    block->front = ZONE + 192 * (now.block_count % 16);
    block->back = ZONE;
    void *memory = NULL;
    if (posix_memalign(&memory, 64, block->front + bytes + block->back)) fail("out of memory");
    block->memory = (char *)memory;
    block->base = block->memory + block->front;
    memset(block->memory, CANARY, block->front);
    memset(block->base + bytes, CANARY, block->back);
#endif
    if (bytes) memset(block->base, 0, bytes);
    return block->base;
}

static struct view *add_view(const char *name, char *base, int kind, size_t size, size_t count) {
    if (now.view_count == MAX_PLACES) fail("too many arrays");
    struct view *view = &now.views[now.view_count++];
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
    char *base = make_block(name, count * size);
    fill_elements(base, size, kind, size, count, fill, low, high);
    add_view(name, base, kind, size, count);
    return base;
}

void *lw_rows(const char *name, int kind, unsigned long size) {
    size_t rows = lw_count(), columns = lw_count();
    int fill = (int)lw_integer();
    double low = lw_real(), high = lw_real();
    char **table = (char **)make_block(name, rows * sizeof *table);
    for (size_t row = 0; row < rows; row++) {
        table[row] = make_block(name, columns * size);
        fill_elements(table[row], size, kind, size, columns, fill, low, high);
    }
    struct view *view = add_view(name, (char *)table, kind, size, rows);
    view->repeat = columns;
    view->has_own_rows = 1;
    return table;
}

void *lw_records(unsigned long size) {
    size_t count = lw_count();
    char *base = make_block("record", count * size);
    if (now.record_count == MAX_PLACES) fail("too many records");
    now.records[now.record_count] = base;
    now.record_counts[now.record_count++] = count;
    return base;
}

static void fill_member(const char *name, char *base, size_t count, size_t stride, size_t offset, int kind, size_t size,
                        size_t repeat, int fill, double low, double high) {
    for (size_t part = 0; part < repeat; part++)
        fill_elements(base + offset + part * size, stride, kind, size, count, fill, low, high);
    struct view *view = add_view(name, base, kind, size, count);
    view->stride = stride;
    view->offset = offset;
    view->repeat = repeat;
}

void lw_member(const char *name, void *base, unsigned long stride, unsigned long offset, int kind, unsigned long size,
               unsigned long repeat) {
    int fill = (int)lw_integer();
    double low = lw_real(), high = lw_real();
    size_t count = 0;
    for (size_t index = 0; index < now.record_count; index++)
        if (now.records[index] == (char *)base) count = now.record_counts[index];
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
    if (initial_count == MAX_PLACES) fail("too many globals");
    struct initial *initial = &initials[initial_count++];
    initial->place = place;
    initial->bytes = (char *)allocate(bytes);
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
    add_view(name, (char *)place, kind, size, bytes / size);
}

void lw_bind_member(const char *name, void *base, unsigned long bytes, unsigned long stride, unsigned long offset,
                    int kind, unsigned long size, unsigned long repeat) {
    int fill = (int)lw_integer();
    double low = lw_real(), high = lw_real();
    fill_member(name, (char *)base, bytes / stride, stride, offset, kind, size, repeat, fill & ~UNLESS_SET, low, high);
}

void lw_reseat(const char *name, void *place, unsigned long count) {
    for (size_t index = 0; index < now.view_count; index++) {
        if (strcmp(now.views[index].name, name) == 0) {
            now.views[index].base = (char *)place;
            if (now.views[index].count != count) now.views[index].before = NULL;
            now.views[index].count = count;
        }
    }
}

/* ------------------------------------------------------------------ records */

static uint32_t checksum(const unsigned char *bytes, size_t count) {
    static uint32_t table[256];
    if (!table[1]) {
        for (uint32_t entry = 0; entry < 256; entry++) {
            uint32_t value = entry;
            for (int bit = 0; bit < 8; bit++) value = value & 1 ? 0xEDB88320u ^ (value >> 1) : value >> 1;
            table[entry] = value;
        }
    }
    uint32_t sum = 0xFFFFFFFFu;
    for (size_t index = 0; index < count; index++) sum = table[(sum ^ bytes[index]) & 255] ^ (sum >> 8);
    return ~sum;
}

static void write_all(const char *bytes, size_t count) {
    while (count) {
        ssize_t written = write(run.fd, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) fail("cannot write the results");
        bytes += written;
        count -= (size_t)written;
    }
}

/* header: tag, type, case, length of the payload */
static void write_record(uint32_t type, const void *payload, uint64_t length) {
    if (getpid() != run.pid) _exit(98); /* a copy that the subject has forked */
    uint64_t sum = checksum((const unsigned char *)payload, length);
    char header[24];
    uint64_t tag = mix(run.nonce ^ mix(run.sequence++ ^ mix(type ^ mix(now.id ^ mix(length ^ mix(sum))))));
    memcpy(header, &tag, 8);
    memcpy(header + 8, &type, 4);
    memcpy(header + 12, &now.id, 4);
    memcpy(header + 16, &length, 8);
    write_all(header, sizeof header);
    write_all((const char *)payload, length);
}

static const char *element(const struct view *view, const char *base, size_t index) {
    size_t outer = index / view->repeat, inner = index % view->repeat;
    if (view->has_own_rows) {
        if (base != view->base) return base + index * view->size; /* the copy from before the call is in one piece */
        return ((char *const *)base)[outer] + inner * view->size;
    }
    return base + outer * view->stride + view->offset + inner * view->size;
}

static void remember(void) {
#ifndef LW_MSAN
    for (size_t index = 0; index < now.view_count && run.mode == OBSERVE; index++) {
        struct view *view = &now.views[index];
        size_t bytes = view->has_own_rows ? view->count * view->repeat * view->size : view->count * view->stride;
        if (bytes <= DENSE_BYTES) continue;
        view->before = (char *)allocate(bytes);
        if (!view->has_own_rows) memcpy(view->before, view->base, bytes);
        else
            for (size_t at = 0; at < view->count * view->repeat; at++)
                memcpy(view->before + at * view->size, element(view, view->base, at), view->size);
    }
#endif
}

/* payload: name length, kind, size, form (0 all elements, 1 the changed ones, 2 every step-th), elements, step, name,
 * data. Form 1: per changed element its index, its bytes before, its bytes now. */
static void write_view(const struct view *view) {
    size_t count = view->count * view->repeat, name_length = strlen(view->name), used = 32 + name_length;
    uint32_t form = view->before ? 1 : 0;
    uint64_t step = 1, changed = 0;
#ifdef LW_MSAN
    uint64_t first = 0, bad = 0;
    for (size_t index = 0; index < count; index++)
        if (__msan_test_shadow(element(view, view->base, index), view->size) >= 0 && bad++ == 0) first = index;
    if (bad) {
        char text[256];
        int length = snprintf(text, sizeof text, "%s %llu %llu", view->name, (unsigned long long)first,
                              (unsigned long long)bad);
        write_record(R_UNINITIALISED, text, (uint64_t)length);
    }
    (void)used, (void)form, (void)step, (void)changed;
#else
    if (run.mode == TIME && count > run.dump_limit) {
        step = count / run.dump_limit + 1;
        step |= 1;
        form = 2;
    }
    if (form == 1)
        for (size_t index = 0; index < count; index++)
            changed += memcmp(element(view, view->base, index), element(view, view->before, index), view->size) != 0;
    size_t capacity = used + (form == 1 ? changed * (8 + 2 * view->size) : (count / step + 1) * view->size);
    char *payload = (char *)allocate(capacity);
    uint32_t head[4] = {(uint32_t)name_length, (uint32_t)view->kind, (uint32_t)view->size, form};
    uint64_t counts[2] = {count, step};
    memcpy(payload, head, 16);
    memcpy(payload + 16, counts, 16);
    memcpy(payload + 32, view->name, name_length);
    for (size_t index = 0; index < count; index += step) {
        const char *value = element(view, view->base, index);
        if (form == 1) {
            const char *old = element(view, view->before, index);
            uint64_t at = index;
            if (memcmp(value, old, view->size) == 0) continue;
            memcpy(payload + used, &at, 8);
            memcpy(payload + used + 8, old, view->size);
            used += 8 + view->size;
        }
        memcpy(payload + used, value, view->size);
        used += view->size;
    }
    write_record(R_VIEW, payload, used);
    free(payload);
#endif
}

static void write_damage(const char *format, const char *name, long long where) {
    char text[256];
    int length = snprintf(text, sizeof text, format, name, where);
    write_record(R_DAMAGE, text, (uint64_t)length);
}

static void check_red_zones(void) {
    for (size_t index = 0; index < now.block_count; index++) {
        struct block *block = &now.blocks[index];
        for (size_t byte = block->front; byte-- > 0;)
            if ((unsigned char)block->memory[byte] != CANARY) {
                write_damage("wrote in front of %s, %lld bytes before its first element", block->name,
                             (long long)(block->front - byte));
                break;
            }
        for (size_t byte = 0; byte < block->back; byte++)
            if ((unsigned char)block->base[block->bytes + byte] != CANARY) {
                write_damage("wrote behind %s, %lld bytes after its last element", block->name, (long long)byte);
                break;
            }
    }
}

static void check_children(void) {
    pid_t child = waitpid(-1, NULL, WNOHANG);
    if (child >= 0) write_damage("left a child process%s (%lld)", "", (long long)child);
}

/* ------------------------------------------------------------------ the clock */

static void read_clock(struct timespec *when) { syscall(SYS_clock_gettime, CLOCK_MONOTONIC, when); }

void lw_start(void) {
    remember();
    if (lw_team_begin) lw_team_begin(now.seed);
    now.is_timing = 1;
    read_clock(&now.start);
}

void lw_stop(void) {
    struct timespec end;
    read_clock(&end);
    if (!now.is_timing) return;
    now.is_timing = 0;
    if (lw_team_end) lw_team_end();
    now.times[now.time_count++] =
        (double)(end.tv_sec - now.start.tv_sec) + 1e-9 * (double)(end.tv_nsec - now.start.tv_nsec);
}

void lw_result(int kind, const void *place, unsigned long size) {
    char *copy = make_block("result", size);
    memcpy(copy, place, size);
    add_view("result", copy, kind, size, 1);
}

/* ------------------------------------------------------------------ running */

static void begin_call(uint64_t seed) {
    for (size_t index = 0; index < now.block_count; index++) free(now.blocks[index].memory);
    for (size_t index = 0; index < now.view_count; index++) free(now.views[index].before);
    now.block_count = now.view_count = now.place_count = now.record_count = 0;
    now.seed = seed;
}

static void write_case(void) {
    check_red_zones();
    check_children();
    for (size_t index = 0; index < now.view_count; index++) write_view(&now.views[index]);
    write_record(R_TIMES, now.times, now.time_count * sizeof *now.times);
    if (lw_team_counts) {
        unsigned long long counts[3];
        const char *conflict = lw_team_conflict();
        lw_team_counts(counts);
        char text[512];
        int length = snprintf(text, sizeof text, "%llu %llu %llu %s", counts[0], counts[1], counts[2],
                              conflict ? conflict : "");
        write_record(R_REGIONS, text, (uint64_t)(length < (int)sizeof text ? length : (int)sizeof text - 1));
    }
    write_record(R_CASE, "", 0);
}

/* Which of our arrays holds the address? For team.c, which names what it finds. */
int lw_describe(const void *address, char *text, unsigned long capacity) {
    const char *place = (const char *)address;
    for (size_t index = 0; index < now.view_count; index++) {
        const struct view *view = &now.views[index];
        if (view->has_own_rows) {
            for (size_t row = 0; row < view->count; row++) {
                const char *base = ((char *const *)view->base)[row];
                if (place >= base && place < base + view->repeat * view->size)
                    return snprintf(text, capacity, "%s[%zu][%zu]", view->name, row, (size_t)(place - base) / view->size);
            }
            continue;
        }
        if (place < view->base || place >= view->base + view->count * view->stride) continue;
        size_t outer = (size_t)(place - view->base) / view->stride, within = (size_t)(place - view->base) % view->stride;
        if (within < view->offset || within >= view->offset + view->repeat * view->size) continue;
        if (view->count == 1) return snprintf(text, capacity, "%s", view->name);
        return snprintf(text, capacity, "%s[%zu]", view->name, outer);
    }
    return 0;
}

static void end_program(int status, void *unused) {
    (void)unused;
    if (getpid() != run.pid) return;
    lw_stop();
    char text[32];
    int length = snprintf(text, sizeof text, "%d", status & 255);
    write_case();
    write_record(R_END, text, (uint64_t)length);
}

static void run_cases(void) {
    uint64_t cases = next_unsigned();
    for (uint64_t index = 0; index < cases; index++) {
        now.id = (uint32_t)next_unsigned();
        uint64_t seed = next_unsigned(), calls = next_unsigned();
        now.perturbation = lw_real();
        char *values = run.cursor;
        now.times = (double *)allocate(calls * sizeof *now.times);
        now.time_count = 0;
        for (uint64_t call = 0; call < calls; call++) {
            run.cursor = values;
            begin_call(seed + call);
            lw_subject();
        }
        write_case();
        free(now.times);
        now.times = NULL;
    }
    now.id = 0;
    write_record(R_END, "", 0);
}

int lw_main(int argc, char **argv) __asm__("__wrap_main");

int lw_main(int argc, char **argv) {
    (void)argc, (void)argv;
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* orphans become ours, so that check_children sees them */
    read_request();
    run.pid = getpid();
    int given = (int)lw_integer();
    run.nonce = next_unsigned();
    run.mode = (int)lw_integer();
    run.dump_limit = next_unsigned();
    memset(run.text, ' ', (size_t)(run.cursor - run.text));
    run.fd = fcntl(given, F_DUPFD_CLOEXEC, 60 + (int)(mix(run.nonce) % 150));
    if (run.fd < 0) fail("no channel for the results");
    close(given);
    if (run.mode == PROGRAM) {
        now.times = (double *)allocate(sizeof *now.times);
        on_exit(end_program, NULL);
        lw_subject();
        return (int)lw_integer(); /* not reached: the program's lw_subject ends with exit */
    }
    run_cases();
    fflush(NULL);
    _exit(0);
}
