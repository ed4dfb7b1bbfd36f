/* What runtime.c and memory.c share: the run, and the memory of the case that is being run. */
#ifndef LW_STATE_H
#define LW_STATE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "runtime.h"

/* LW_EXACT_MALLOC comes from the builder: under AddressSanitizer and ThreadSanitizer an array is one exact malloc. */
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define LW_MSAN 1
#define LW_EXACT_MALLOC 1
#endif
#endif

enum { MAX_PLACES = 512, ZONE = 4096, CANARY = 0xC5, DENSE_BYTES = 1 << 16 };
enum { OBSERVE, TIME, PROGRAM };

struct lw_block { /* memory that we made, with its red zones */
    char *memory, *base;
    size_t bytes, front, back;
    const char *name;
};
struct lw_view { /* elements that are compared after the call */
    const char *name;
    char *base, *before;
    size_t stride, offset, size, count, repeat;
    int kind, has_own_rows;
};
struct lw_usage { /* processor time of one call: of all threads, of all but the caller's; threads at its end */
    double cpu_s, other_s;
    uint64_t tasks;
};
struct lw_run {
    char *text, *cursor, *end;
    int fd, mode;
    uint64_t nonce, sequence, dump_limit;
    pid_t pid;
};
struct lw_now {
    uint32_t id;
    uint64_t seed;
    double perturbation;
    struct lw_block *blocks;
    struct lw_view views[MAX_PLACES];
    size_t block_count, block_capacity, kept_count, view_count, place_count;
    char *shared; /* memory of two arrays */
    char *records[MAX_PLACES];
    size_t record_counts[MAX_PLACES], record_count;
    double *times;
    struct lw_usage *usages;
    size_t time_count, call_count; /* times that were taken; calls that were begun */
    struct timespec start, cpu_start, own_start;
    int is_timing, is_misused;
};

extern struct lw_run lw_run;
extern struct lw_now lw_now;

void lw_fail(const char *reason) __attribute__((noreturn));
void *lw_allocate(size_t bytes);
uint64_t lw_mix(uint64_t value);
uint64_t lw_next_unsigned(void);
char *lw_make_block(const char *name, size_t bytes);
struct lw_view *lw_add_view(const char *name, char *base, int kind, size_t size, size_t count);
void lw_begin_call(uint64_t seed, int is_first);

#endif
