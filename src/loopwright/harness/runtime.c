/* The fixed half of every harness: reads the request from stdin, holds the clock, checks the red zones and writes
 * the results to a private descriptor. memory.c makes the memory of a case.
 *
 * Compiled apart from the user's text, so that no macro of his reaches it. Its `main` is the real one: the link says
 * --wrap=main, so a `main` in the user's file stays what it is and is only called in program mode.
 *
 * Each record carries a tag made from a secret of this run, its place in the sequence and a checksum; bytes that
 * anybody else writes to the descriptor break the sequence, and a run without its last record counts as failed. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
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

#include "state.h"

enum { R_VIEW = 1, R_TIMES, R_DAMAGE, R_REGIONS, R_UNINITIALISED, R_CASE, R_END, R_USAGES };

/* Given by team.c where it is linked: parallel regions that ran with several threads, those with one, and how many
 * different regions of the source have run with several since the process started. */
extern void lw_team_counts(unsigned long long counts[3]) __attribute__((weak));
extern const char *lw_team_conflict(void) __attribute__((weak));
extern void lw_team_begin(unsigned long long seed) __attribute__((weak));
extern void lw_team_end(void) __attribute__((weak));

static void read_request(void) {
    size_t capacity = 1 << 16, used = 0;
    lw_run.text = (char *)lw_allocate(capacity + 1);
    for (;;) {
        ssize_t got = read(0, lw_run.text + used, capacity - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) lw_fail("cannot read the request");
        if (got == 0) break;
        used += (size_t)got;
        if (used == capacity) {
            char *larger = (char *)realloc(lw_run.text, 2 * capacity + 1);
            if (!larger) lw_fail("out of memory");
            lw_run.text = larger;
            capacity *= 2;
        }
    }
    lw_run.text[used] = 0;
    lw_run.cursor = lw_run.text;
    lw_run.end = lw_run.text + used;
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
        ssize_t written = write(lw_run.fd, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) lw_fail("cannot write the results");
        bytes += written;
        count -= (size_t)written;
    }
}

/* header: tag, type, case, length of the payload */
static void write_record(uint32_t type, const void *payload, uint64_t length) {
    if (getpid() != lw_run.pid) _exit(98); /* a copy that the subject has forked */
    uint64_t sum = checksum((const unsigned char *)payload, length);
    char header[24];
    uint64_t tag = lw_mix(lw_run.nonce ^ lw_mix(lw_run.sequence++ ^ lw_mix(type ^ lw_mix(lw_now.id ^ lw_mix(length ^ lw_mix(sum))))));
    memcpy(header, &tag, 8);
    memcpy(header + 8, &type, 4);
    memcpy(header + 12, &lw_now.id, 4);
    memcpy(header + 16, &length, 8);
    write_all(header, sizeof header);
    write_all((const char *)payload, length);
}

static const char *element(const struct lw_view *view, const char *base, size_t index) {
    size_t outer = index / view->repeat, inner = index % view->repeat;
    if (view->has_own_rows) {
        if (base != view->base) return base + index * view->size; /* the copy from before the call is in one piece */
        return ((char *const *)base)[outer] + inner * view->size;
    }
    return base + outer * view->stride + view->offset + inner * view->size;
}

static void remember(void) {
#ifndef LW_MSAN
    for (size_t index = 0; index < lw_now.view_count && lw_run.mode == OBSERVE; index++) {
        struct lw_view *view = &lw_now.views[index];
        size_t bytes = view->has_own_rows ? view->count * view->repeat * view->size : view->count * view->stride;
        if (bytes <= DENSE_BYTES) continue;
        view->before = (char *)lw_allocate(bytes);
        if (!view->has_own_rows) memcpy(view->before, view->base, bytes);
        else
            for (size_t at = 0; at < view->count * view->repeat; at++)
                memcpy(view->before + at * view->size, element(view, view->base, at), view->size);
    }
#endif
}

#ifndef LW_MSAN
/* The next index that may have changed: pieces of plain arrays are compared at once. */
static size_t skip_equal(const struct lw_view *view, size_t index, size_t count) {
    enum { PIECE = 512 };
    if (view->has_own_rows || view->repeat != 1 || view->stride != view->size || index % PIECE) return index;
    while (index + PIECE <= count &&
           memcmp(view->base + index * view->size, view->before + index * view->size, PIECE * view->size) == 0)
        index += PIECE;
    return index;
}
#endif

/* payload: name length, kind, size, form (0 all elements, 1 the changed ones, 2 every step-th), elements, step, name,
 * data. Form 1: per changed element its index, its bytes before, its bytes lw_now. */
static void write_view(const struct lw_view *view) {
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
    if (lw_run.mode == TIME && count > lw_run.dump_limit) {
        step = count / lw_run.dump_limit + 1;
        step |= 1;
        form = 2;
    }
    if (form == 1)
        for (size_t index = skip_equal(view, 0, count); index < count; index = skip_equal(view, index + 1, count))
            changed += memcmp(element(view, view->base, index), element(view, view->before, index), view->size) != 0;
    size_t capacity = used + (form == 1 ? changed * (8 + 2 * view->size) : (count / step + 1) * view->size);
    char *payload = (char *)lw_allocate(capacity);
    uint32_t head[4] = {(uint32_t)name_length, (uint32_t)view->kind, (uint32_t)view->size, form};
    uint64_t counts[2] = {count, step};
    memcpy(payload, head, 16);
    memcpy(payload + 16, counts, 16);
    memcpy(payload + 32, view->name, name_length);
    for (size_t index = 0; index < count; index += step) {
        if (form == 1 && (index = skip_equal(view, index, count)) >= count) break;
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
    for (size_t index = 0; index < lw_now.block_count; index++) {
        struct lw_block *block = &lw_now.blocks[index];
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

/* By system call, so that no function of the subject's takes its place. */
static void read_clock(clockid_t clock, struct timespec *when) { syscall(SYS_clock_gettime, clock, when); }

static double between(const struct timespec *start, const struct timespec *end) {
    return (double)(end->tv_sec - start->tv_sec) + 1e-9 * (double)(end->tv_nsec - start->tv_nsec);
}

/* Counts the threads, from /proc/self/task. The clock of the process knows of a thread that runs on another processor
 * only what it knew at the last tick; reading the thread's own clock (MAKE_THREAD_CPUCLOCK of the kernel) updates it. */
static uint64_t settle_tasks(void) {
    struct entry {
        uint64_t number, offset;
        unsigned short length;
        unsigned char type;
        char name[];
    };
    _Alignas(8) static char buffer[4096];
    uint64_t tasks = 0;
    long fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC), got;
    if (fd < 0) return 0;
    while ((got = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0)
        for (long at = 0; at < got;) {
            const struct entry *entry = (const struct entry *)(buffer + at);
            long task = strtol(entry->name, NULL, 10);
            struct timespec ignored = {0, 0};
            if (task > 0) read_clock((clockid_t)(~(unsigned)task << 3 | 6u), &ignored), tasks++;
            at += entry->length;
        }
    syscall(SYS_close, fd);
    return tasks;
}

void lw_start(void) {
    /* The driver starts and stops the clock once per call; whoever else does is not to gain by it. */
    lw_now.is_misused |= lw_now.is_timing || lw_now.time_count >= lw_now.call_count;
    remember();
    if (lw_team_begin) lw_team_begin(lw_now.seed);
    lw_now.is_timing = 1;
    if (lw_run.mode != OBSERVE) settle_tasks();
    read_clock(CLOCK_THREAD_CPUTIME_ID, &lw_now.own_start);
    read_clock(CLOCK_PROCESS_CPUTIME_ID, &lw_now.cpu_start);
    read_clock(CLOCK_MONOTONIC, &lw_now.start);
}

void lw_stop(void) {
    struct timespec end = {0, 0}, cpu_end = {0, 0}, own_end = {0, 0};
    read_clock(CLOCK_MONOTONIC, &end);
    if (!lw_now.is_timing || lw_now.time_count >= lw_now.call_count) {
        lw_now.is_misused = 1;
        return;
    }
    lw_now.is_timing = 0;
    if (lw_team_end) lw_team_end();
    if (lw_run.mode != OBSERVE) {
        struct lw_usage *usage = &lw_now.usages[lw_now.time_count];
        usage->tasks = settle_tasks();
        /* The thread's own clock outside the process's at both ends: an interrupt between two readings must not pass
         * for another thread's work. */
        read_clock(CLOCK_PROCESS_CPUTIME_ID, &cpu_end);
        read_clock(CLOCK_THREAD_CPUTIME_ID, &own_end);
        usage->cpu_s = between(&lw_now.cpu_start, &cpu_end);
        double other_s = usage->cpu_s - between(&lw_now.own_start, &own_end);
        usage->other_s = other_s > 0.0 ? other_s : 0.0;
    }
    lw_now.times[lw_now.time_count++] = between(&lw_now.start, &end);
}

/* The end of a program: its exit handlers run. */
void lw_exit(int status) { exit(status); }

void lw_result(int kind, const void *place, unsigned long size) {
    char *copy = lw_make_block("result", size);
    memcpy(copy, place, size);
    lw_add_view("result", copy, kind, size, 1);
}

/* ------------------------------------------------------------------ running */

static void write_case(void) {
    check_red_zones();
    check_children();
    if (lw_now.is_misused) write_damage("called the clock of the harness%s (%lld calls)", "", (long long)lw_now.time_count);
    for (size_t index = 0; index < lw_now.view_count; index++) write_view(&lw_now.views[index]);
    write_record(R_TIMES, lw_now.times, lw_now.time_count * sizeof *lw_now.times);
    if (lw_run.mode != OBSERVE) write_record(R_USAGES, lw_now.usages, lw_now.time_count * sizeof *lw_now.usages);
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
    for (size_t index = 0; index < lw_now.view_count; index++) {
        const struct lw_view *view = &lw_now.views[index];
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
    if (getpid() != lw_run.pid) return;
    if (lw_now.is_timing) lw_stop();
    char text[32];
    int length = snprintf(text, sizeof text, "%d", status & 255);
    write_case();
    write_record(R_END, text, (uint64_t)length);
}

static void run_cases(void) {
    uint64_t cases = lw_next_unsigned();
    for (uint64_t index = 0; index < cases; index++) {
        lw_now.id = (uint32_t)lw_next_unsigned();
        uint64_t seed = lw_next_unsigned(), calls = lw_next_unsigned();
        lw_now.perturbation = lw_real();
        char *values = lw_run.cursor;
        lw_now.times = (double *)lw_allocate(calls * sizeof *lw_now.times);
        lw_now.usages = (struct lw_usage *)lw_allocate(calls * sizeof *lw_now.usages);
        lw_now.time_count = 0;
        lw_now.is_misused = 0;
        for (uint64_t call = 0; call < calls; call++) {
            lw_run.cursor = values;
            lw_begin_call(seed + call, call == 0);
            lw_now.call_count = call + 1;
            lw_subject();
        }
        write_case();
        free(lw_now.times);
        free(lw_now.usages);
        lw_now.times = NULL;
        lw_now.usages = NULL;
    }
    lw_now.id = 0;
    write_record(R_END, "", 0);
}

int lw_main(int argc, char **argv) __asm__("__wrap_main");

int lw_main(int argc, char **argv) {
    (void)argc, (void)argv;
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* orphans become ours, so that check_children sees them */
    read_request();
    lw_run.pid = getpid();
    int given = (int)lw_integer();
    lw_run.nonce = lw_next_unsigned();
    lw_run.mode = (int)lw_integer();
    lw_run.dump_limit = lw_next_unsigned();
    memset(lw_run.text, ' ', (size_t)(lw_run.cursor - lw_run.text));
    lw_run.fd = fcntl(given, F_DUPFD_CLOEXEC, 60 + (int)(lw_mix(lw_run.nonce) % 150));
    if (lw_run.fd < 0) lw_fail("no channel for the results");
    close(given);
    if (lw_run.mode == PROGRAM) {
        lw_now.times = (double *)lw_allocate(sizeof *lw_now.times);
        lw_now.usages = (struct lw_usage *)lw_allocate(sizeof *lw_now.usages);
        lw_now.call_count = 1;
        on_exit(end_program, NULL);
        lw_subject();
        return (int)lw_integer(); /* not reached: the program's lw_subject ends with exit */
    }
    run_cases();
    fflush(NULL);
    _exit(0);
}
