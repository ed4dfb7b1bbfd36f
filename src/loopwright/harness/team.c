/* A team of virtual threads, one per iteration, on one processor: finds every cross-iteration conflict of a candidate's
 * parallel loops without depending on the luck of a schedule.
 *
 * The candidate is compiled by gcc with -fopenmp -fsanitize=thread, and linked with this file in place of libgomp and
 * libtsan. GOMP_parallel runs the outlined body once per virtual thread, each on a stack of its own, in an order that
 * the seed chooses; with more threads than iterations, a static schedule gives each thread one iteration, and a dynamic
 * one a chunk. The compiler's calls before each load and store tell which thread touches what: two threads that touch a
 * byte between two barriers, one of them writing and not both atomically, are a conflict. What a thread keeps on its
 * own stack is private, as is memory that is freed.
 *
 * The run is a legal parallel execution of the candidate, so its results are compared with the original's, too. A
 * construct that is not known here (ordered, tasks, cancellation, offloading) does not link: the check is then not available. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "team.h"

struct lw_team lw_team = {.epoch = 1};

void lw_die(const char *reason) {
    dprintf(2, "loopwright harness: %s\n", reason);
    _exit(96);
}

/* ------------------------------------------------------------------ threads */

static char *take_stack(void) {
    if (lw_team.free_count) return lw_team.free_stacks[--lw_team.free_count];
    void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED) lw_die("out of memory for stacks");
    mprotect(stack, 4096, PROT_NONE); /* an overflow is a crash and not a wrong result */
    return (char *)stack;
}

static void fiber_main(void) {
    lw_team.body(lw_team.data);
    lw_team.fibers[lw_team.current].state = 3;
    /* back to the dispatcher through uc_link */
}

static void suspend(int state) {
    struct fiber *self = &lw_team.fibers[lw_team.current];
    self->state = state;
    swapcontext(&self->context, &lw_team.main);
}

static void resume(unsigned thread) {
    struct fiber *fiber = &lw_team.fibers[thread];
    lw_team.current = thread;
    if (fiber->state == 0) {
        fiber->stack = take_stack();
        getcontext(&fiber->context);
        fiber->context.uc_stack.ss_sp = fiber->stack;
        fiber->context.uc_stack.ss_size = STACK_BYTES;
        fiber->context.uc_link = &lw_team.main;
        makecontext(&fiber->context, fiber_main, 0);
    }
    swapcontext(&lw_team.main, &fiber->context);
    if (fiber->state == 3 && fiber->stack) {
        lw_team.free_stacks[lw_team.free_count++] = fiber->stack;
        fiber->stack = NULL;
    }
}

static uint64_t scramble(uint64_t *state) {
    *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;
    return *state;
}

/* Forward, backward or shuffled: every order of threads is one that a machine may choose. */
static void choose_order(unsigned *order, unsigned size) {
    uint64_t state = lw_team.seed * 2 + 1;
    for (unsigned index = 0; index < size; index++) order[index] = lw_team.seed % 3 == 1 ? size - 1 - index : index;
    for (unsigned index = size; lw_team.seed % 3 == 2 && index > 1; index--) {
        unsigned other = (unsigned)(scramble(&state) % index), kept = order[index - 1];
        order[index - 1] = order[other];
        order[other] = kept;
    }
}

static void run_team(void (*body)(void *), void *data, unsigned requested) {
    if (lw_team.is_active || requested == 1) {
        lw_team.serial += !lw_team.is_active;
        lw_team.nested++;
        body(data);
        lw_team.nested--;
        return;
    }
    /* A small team is for programs with one slot per thread; ours want each iteration apart, whatever they request. */
    unsigned size = requested && lw_team.wanted <= 64 ? requested : lw_team.wanted;
    if (size > MAX_TEAM) size = MAX_TEAM;
    unsigned *order = (unsigned *)__libc_malloc(size * sizeof *order);
    lw_team.fibers = (struct fiber *)__libc_calloc(size, sizeof *lw_team.fibers);
    if (!order || !lw_team.fibers) lw_die("out of memory for threads");
    choose_order(order, size);
    lw_team.parallel++;
    unsigned seen = 0;
    while (seen < lw_team.known_count && lw_team.known[seen] != body) seen++;
    if (seen == lw_team.known_count && seen < MAX_LOOPS) lw_team.known[lw_team.known_count++] = body;
    lw_team.size = size;
    lw_team.body = body;
    lw_team.data = data;
    lw_team.is_active = true;
    lw_team.epoch++;
    for (unsigned ended = 0; ended < size;) {
        unsigned waiting = 0, moved = 0;
        for (unsigned index = 0; index < size; index++) {
            struct fiber *fiber = &lw_team.fibers[order[index]];
            if (fiber->state == 3) continue;
            if (fiber->state == 2) {
                waiting++;
                continue;
            }
            moved++;
            resume(order[index]);
            if (fiber->state == 3) ended++;
            if (fiber->state == 2) waiting++;
        }
        if (waiting && waiting + ended == size) { /* all are at the barrier (the ended ones are at the last) */
            if (ended) lw_die("a barrier that not all threads of the team reach");
            lw_team.epoch++;
            for (unsigned index = 0; index < size; index++) lw_team.fibers[index].state = 1;
        } else if (!moved && ended < size) {
            lw_die("a team that cannot go on");
        }
    }
    lw_team.is_active = false;
    lw_team.epoch++;
    memset(lw_team.loops, 0, sizeof lw_team.loops);
    lw_team.singles = 0;
    __libc_free(lw_team.fibers);
    __libc_free(order);
    lw_team.fibers = NULL;
}

void lw_team_begin(unsigned long long seed) {
    const char *wanted = getenv("LOOPWRIGHT_TEAM");
    if (!lw_team.wanted) lw_team.wanted = wanted ? (unsigned)atoi(wanted) : 1024;
    lw_team.seed = seed;
    lw_team.parallel = lw_team.serial = 0;
    lw_team.conflict[0] = 0;
}
void lw_team_end(void) { lw_team.is_active = false; }
const char *lw_team_conflict(void) { return lw_team.conflict[0] ? lw_team.conflict : NULL; }
void lw_team_counts(unsigned long long counts[3]) {
    counts[0] = lw_team.parallel;
    counts[1] = lw_team.serial;
    counts[2] = lw_team.known_count;
}

/* ------------------------------------------------------------------ libgomp's side */

static bool take(struct share *share, uint64_t *first, uint64_t *last) {
    uint64_t left = share->up ? share->end - share->next : share->next - share->end;
    if ((int64_t)left <= 0) return false;
    uint64_t length = share->chunk * (share->up ? share->step : 0 - share->step);
    *first = share->next;
    *last = left <= length ? share->end : share->up ? share->next + length : share->next - length;
    share->next = *last;
    return true;
}

static struct share *open_share(uint64_t start, uint64_t end, uint64_t step, uint64_t chunk, bool up) {
    static struct share alone;
    struct share *share = &alone;
    if (lw_team.is_active && !lw_team.nested) share = &lw_team.loops[lw_team.fibers[lw_team.current].loop % MAX_LOOPS];
    else alone.is_set = 0;
    if (!share->is_set) {
        share->is_set = 1;
        share->up = up;
        share->next = start;
        share->end = end;
        share->step = step;
        share->chunk = chunk ? chunk : 1;
    }
    return share;
}

static bool first_chunk(uint64_t start, uint64_t end, uint64_t step, uint64_t chunk, bool up, uint64_t *low,
                        uint64_t *high) {
    if (!lw_team.is_active || lw_team.nested) { /* a team of one takes all */
        *low = start;
        *high = end;
        return up ? (int64_t)(end - start) > 0 : (int64_t)(start - end) > 0;
    }
    return take(open_share(start, end, step, chunk, up), low, high);
}

static bool next_chunk(uint64_t *low, uint64_t *high) {
    if (!lw_team.is_active || lw_team.nested) return false;
    suspend(1); /* let the others have theirs first */
    return take(&lw_team.loops[lw_team.fibers[lw_team.current].loop % MAX_LOOPS], low, high);
}

static void close_share(bool waits) {
    if (!lw_team.is_active || lw_team.nested) return;
    lw_team.fibers[lw_team.current].loop++;
    if (waits) suspend(2);
}

void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags) {
    (void)flags;
    run_team(body, data, threads);
}
void GOMP_barrier(void) {
    if (lw_team.is_active && !lw_team.nested) suspend(2);
}
bool GOMP_single_start(void) {
    if (!lw_team.is_active || lw_team.nested) return true;
    bool is_first = lw_team.fibers[lw_team.current].single == lw_team.singles;
    lw_team.fibers[lw_team.current].single++;
    if (is_first) lw_team.singles++;
    return is_first;
}
void GOMP_critical_start(void) { lw_team.is_guarded = true; }
void GOMP_critical_end(void) { lw_team.is_guarded = false; }
void GOMP_critical_name_start(void **lock) { (void)lock, lw_team.is_guarded = true; }
void GOMP_critical_name_end(void **lock) { (void)lock, lw_team.is_guarded = false; }
void GOMP_atomic_start(void) { lw_team.is_guarded = true; }
void GOMP_atomic_end(void) { lw_team.is_guarded = false; }
void GOMP_loop_end(void) { close_share(true); }
void GOMP_loop_end_nowait(void) { close_share(false); }

#define LOOPS(kind)                                                                                                    \
    bool GOMP_loop_##kind##_start(long start, long end, long step, long chunk, long *low, long *high) {                \
        return first_chunk((uint64_t)start, (uint64_t)end, (uint64_t)step, (uint64_t)chunk, step > 0, (uint64_t *)low, \
                           (uint64_t *)high);                                                                          \
    }                                                                                                                  \
    bool GOMP_loop_##kind##_next(long *low, long *high) { return next_chunk((uint64_t *)low, (uint64_t *)high); }      \
    bool GOMP_loop_ull_##kind##_start(bool up, uint64_t start, uint64_t end, uint64_t step, uint64_t chunk,            \
                                      uint64_t *low, uint64_t *high) {                                                 \
        return first_chunk(start, end, step, chunk, up, low, high);                                                    \
    }                                                                                                                  \
    bool GOMP_loop_ull_##kind##_next(uint64_t *low, uint64_t *high) { return next_chunk(low, high); }                  \
    void GOMP_parallel_loop_##kind(void (*body)(void *), void *data, unsigned threads, long start, long end,           \
                                   long step, long chunk, unsigned flags) {                                            \
        (void)flags;                                                                                                   \
        parallel_loop(body, data, threads, start, end, step, chunk);                                                   \
    }
#define RUNTIME_LOOPS(kind)                                                                                            \
    bool GOMP_loop_##kind##_start(long start, long end, long step, long *low, long *high) {                            \
        return first_chunk((uint64_t)start, (uint64_t)end, (uint64_t)step, 1, step > 0, (uint64_t *)low,               \
                           (uint64_t *)high);                                                                          \
    }                                                                                                                  \
    bool GOMP_loop_##kind##_next(long *low, long *high) { return next_chunk((uint64_t *)low, (uint64_t *)high); }      \
    bool GOMP_loop_ull_##kind##_start(bool up, uint64_t start, uint64_t end, uint64_t step, uint64_t *low,             \
                                      uint64_t *high) {                                                                \
        return first_chunk(start, end, step, 1, up, low, high);                                                        \
    }                                                                                                                  \
    bool GOMP_loop_ull_##kind##_next(uint64_t *low, uint64_t *high) { return next_chunk(low, high); }                  \
    void GOMP_parallel_loop_##kind(void (*body)(void *), void *data, unsigned threads, long start, long end,           \
                                   long step, unsigned flags) {                                                        \
        (void)flags;                                                                                                   \
        parallel_loop(body, data, threads, start, end, step, 1);                                                       \
    }

static void parallel_loop(void (*body)(void *), void *data, unsigned threads, long start, long end, long step,
                          long chunk) {
    if (!lw_team.is_active && threads != 1) { /* the body then only asks for the next chunk */
        struct share share = {1, step > 0, (uint64_t)start, (uint64_t)end, (uint64_t)step, (uint64_t)(chunk ? chunk : 1)};
        lw_team.loops[0] = share;
        run_team(body, data, threads);
        return;
    }
    lw_die("a nested loop with a schedule at run time");
}

LOOPS(static)
LOOPS(dynamic)
LOOPS(guided)
LOOPS(nonmonotonic_dynamic)
LOOPS(nonmonotonic_guided)
RUNTIME_LOOPS(runtime)
RUNTIME_LOOPS(nonmonotonic_runtime)
RUNTIME_LOOPS(maybe_nonmonotonic_runtime)

int omp_get_thread_num(void) { return lw_team.is_active && !lw_team.nested ? (int)lw_team.current : 0; }
int omp_get_num_threads(void) { return lw_team.is_active && !lw_team.nested ? (int)lw_team.size : 1; }
int omp_get_max_threads(void) { return (int)lw_team.wanted; }
int omp_get_num_procs(void) { return (int)lw_team.wanted; }
int omp_in_parallel(void) { return lw_team.is_active; }
int omp_get_level(void) { return lw_team.is_active; }
int omp_get_dynamic(void) { return 0; }
void omp_set_dynamic(int value) { (void)value; }
void omp_set_nested(int value) { (void)value; }
int omp_get_thread_limit(void) { return MAX_TEAM; }
void omp_set_num_threads(int threads) { lw_team.wanted = threads > 0 ? (unsigned)threads : 1; }
double omp_get_wtime(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

