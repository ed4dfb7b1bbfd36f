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
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <malloc.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { MAX_TEAM = 4096, STACK_BYTES = 1 << 20, MAX_LOOPS = 64, MANY = 0xFFFF };

struct fiber {
    ucontext_t context;
    char *stack;
    int state; /* 0 not begun, 1 suspended in front of a chunk, 2 waits at a barrier, 3 ended */
    int loop, single;
};
struct share { /* a worksharing loop with a schedule at run time, or a sections construct */
    int is_set;
    bool up;
    uint64_t next, end, step, chunk;
};
struct cell { /* eight bytes of memory: who wrote and read them last, as thread number + 1 */
    uint64_t key;
    uint32_t epoch;
    uint16_t writer[8], reader[8];
    uint8_t plain_writes, plain_reads;
};

static struct {
    unsigned size, current, wanted;
    bool is_active, is_guarded;
    void (*body)(void *);
    void *data;
    struct fiber *fibers;
    struct share loops[MAX_LOOPS];
    int singles;
    ucontext_t main;
    char *free_stacks[MAX_TEAM];
    unsigned free_count;
    unsigned long long parallel, serial, seed;
    void (*known[MAX_LOOPS])(void *); /* the bodies that have run with several threads */
    unsigned known_count;
    uint32_t epoch;
    struct cell *cells;
    uint64_t capacity, used;
    int nested;
    char conflict[400];
} team = {.epoch = 1};

extern int lw_describe(const void *address, char *text, unsigned long capacity);
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void __libc_free(void *);

/* ------------------------------------------------------------------ who touched what */

static void die(const char *reason) {
    dprintf(2, "loopwright harness: %s\n", reason);
    _exit(96);
}

static struct cell *slot_for(struct cell *cells, uint64_t capacity, uint64_t key) {
    uint64_t at = (key * 0x9E3779B97F4A7C15u) >> 20 & (capacity - 1);
    while (cells[at].key && cells[at].key != key) at = (at + 1) & (capacity - 1);
    return &cells[at];
}

static void grow(void) {
    uint64_t live = 0;
    for (uint64_t index = 0; index < team.capacity; index++) live += team.cells[index].epoch == team.epoch;
    uint64_t capacity = 1 << 16;
    while (capacity < 4 * live) capacity *= 2;
    struct cell *cells = (struct cell *)__libc_calloc(capacity, sizeof *cells);
    if (!cells) die("out of memory for the record of accesses");
    for (uint64_t index = 0; index < team.capacity; index++)
        if (team.cells[index].epoch == team.epoch)
            *slot_for(cells, capacity, team.cells[index].key) = team.cells[index];
    __libc_free(team.cells);
    team.cells = cells;
    team.capacity = capacity;
    team.used = live;
}

static struct cell *cell_of(uint64_t key) {
    if (2 * team.used >= team.capacity) grow();
    struct cell *cell = slot_for(team.cells, team.capacity, key);
    if (!cell->key) team.used++;
    if (cell->epoch != team.epoch) {
        memset(cell, 0, sizeof *cell);
        cell->key = key;
        cell->epoch = team.epoch;
    }
    return cell;
}

static void report(const void *address, unsigned other, bool other_wrote, bool wrote) {
    if (team.conflict[0]) return;
    char name[128];
    if (!lw_describe(address, name, sizeof name)) snprintf(name, sizeof name, "memory outside the known arrays");
    char by[32] = "another iteration";
    if (other != MANY) snprintf(by, sizeof by, "iteration %u", other - 1);
    snprintf(team.conflict, sizeof team.conflict, "iteration %u %s %s, which %s %s in the same parallel region",
             team.current, wrote ? "writes" : "reads", name, by, other_wrote ? "writes" : "reads");
}

static void touch(const void *address, size_t size, bool writes, bool is_atomic) {
    if (!team.is_active || team.nested) return;
    const char *place = (const char *)address;
    const char *stack = team.fibers[team.current].stack;
    if (stack && place >= stack && place < stack + STACK_BYTES) return;
    is_atomic |= team.is_guarded;
    uint16_t me = (uint16_t)(team.current + 1);
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
    if (memory && team.is_active) {
        uint64_t first = (uint64_t)(uintptr_t)memory >> 3, count = malloc_usable_size(memory) >> 3;
        for (uint64_t key = first; key <= first + count && team.capacity; key++) {
            struct cell *cell = slot_for(team.cells, team.capacity, key);
            if (cell->key) cell->epoch = 0;
        }
    }
    __libc_free(memory);
}

/* ------------------------------------------------------------------ threads */

static char *take_stack(void) {
    if (team.free_count) return team.free_stacks[--team.free_count];
    void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED) die("out of memory for stacks");
    mprotect(stack, 4096, PROT_NONE); /* an overflow is a crash and not a wrong result */
    return (char *)stack;
}

static void fiber_main(void) {
    team.body(team.data);
    team.fibers[team.current].state = 3;
    /* back to the dispatcher through uc_link */
}

static void suspend(int state) {
    struct fiber *self = &team.fibers[team.current];
    self->state = state;
    swapcontext(&self->context, &team.main);
}

static void resume(unsigned thread) {
    struct fiber *fiber = &team.fibers[thread];
    team.current = thread;
    if (fiber->state == 0) {
        fiber->stack = take_stack();
        getcontext(&fiber->context);
        fiber->context.uc_stack.ss_sp = fiber->stack;
        fiber->context.uc_stack.ss_size = STACK_BYTES;
        fiber->context.uc_link = &team.main;
        makecontext(&fiber->context, fiber_main, 0);
    }
    swapcontext(&team.main, &fiber->context);
    if (fiber->state == 3 && fiber->stack) {
        team.free_stacks[team.free_count++] = fiber->stack;
        fiber->stack = NULL;
    }
}

static uint64_t scramble(uint64_t *state) {
    *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;
    return *state;
}

/* Forward, backward or shuffled: every order of threads is one that a machine may choose. */
static void choose_order(unsigned *order, unsigned size) {
    uint64_t state = team.seed * 2 + 1;
    for (unsigned index = 0; index < size; index++) order[index] = team.seed % 3 == 1 ? size - 1 - index : index;
    for (unsigned index = size; team.seed % 3 == 2 && index > 1; index--) {
        unsigned other = (unsigned)(scramble(&state) % index), kept = order[index - 1];
        order[index - 1] = order[other];
        order[other] = kept;
    }
}

static void run_team(void (*body)(void *), void *data, unsigned requested) {
    if (team.is_active || requested == 1) {
        team.serial += !team.is_active;
        team.nested++;
        body(data);
        team.nested--;
        return;
    }
    unsigned size = requested ? requested : team.wanted;
    if (size > MAX_TEAM) size = MAX_TEAM;
    unsigned *order = (unsigned *)__libc_malloc(size * sizeof *order);
    team.fibers = (struct fiber *)__libc_calloc(size, sizeof *team.fibers);
    if (!order || !team.fibers) die("out of memory for threads");
    choose_order(order, size);
    team.parallel++;
    unsigned seen = 0;
    while (seen < team.known_count && team.known[seen] != body) seen++;
    if (seen == team.known_count && seen < MAX_LOOPS) team.known[team.known_count++] = body;
    team.size = size;
    team.body = body;
    team.data = data;
    team.is_active = true;
    team.epoch++;
    for (unsigned ended = 0; ended < size;) {
        unsigned waiting = 0, moved = 0;
        for (unsigned index = 0; index < size; index++) {
            struct fiber *fiber = &team.fibers[order[index]];
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
            if (ended) die("a barrier that not all threads of the team reach");
            team.epoch++;
            for (unsigned index = 0; index < size; index++) team.fibers[index].state = 1;
        } else if (!moved && ended < size) {
            die("a team that cannot go on");
        }
    }
    team.is_active = false;
    team.epoch++;
    memset(team.loops, 0, sizeof team.loops);
    team.singles = 0;
    __libc_free(team.fibers);
    __libc_free(order);
    team.fibers = NULL;
}

void lw_team_begin(unsigned long long seed) {
    const char *wanted = getenv("LOOPWRIGHT_TEAM");
    if (!team.wanted) team.wanted = wanted ? (unsigned)atoi(wanted) : 1024;
    team.seed = seed;
    team.parallel = team.serial = 0;
    team.conflict[0] = 0;
}
void lw_team_end(void) { team.is_active = false; }
const char *lw_team_conflict(void) { return team.conflict[0] ? team.conflict : NULL; }
void lw_team_counts(unsigned long long counts[3]) {
    counts[0] = team.parallel;
    counts[1] = team.serial;
    counts[2] = team.known_count;
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
    if (team.is_active && !team.nested) share = &team.loops[team.fibers[team.current].loop % MAX_LOOPS];
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
    if (!team.is_active || team.nested) { /* a team of one takes all */
        *low = start;
        *high = end;
        return up ? (int64_t)(end - start) > 0 : (int64_t)(start - end) > 0;
    }
    return take(open_share(start, end, step, chunk, up), low, high);
}

static bool next_chunk(uint64_t *low, uint64_t *high) {
    if (!team.is_active || team.nested) return false;
    suspend(1); /* let the others have theirs first */
    return take(&team.loops[team.fibers[team.current].loop % MAX_LOOPS], low, high);
}

static void close_share(bool waits) {
    if (!team.is_active || team.nested) return;
    team.fibers[team.current].loop++;
    if (waits) suspend(2);
}

void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags) {
    (void)flags;
    run_team(body, data, threads);
}
void GOMP_barrier(void) {
    if (team.is_active && !team.nested) suspend(2);
}
bool GOMP_single_start(void) {
    if (!team.is_active || team.nested) return true;
    bool is_first = team.fibers[team.current].single == team.singles;
    team.fibers[team.current].single++;
    if (is_first) team.singles++;
    return is_first;
}
void GOMP_critical_start(void) { team.is_guarded = true; }
void GOMP_critical_end(void) { team.is_guarded = false; }
void GOMP_critical_name_start(void **lock) { (void)lock, team.is_guarded = true; }
void GOMP_critical_name_end(void **lock) { (void)lock, team.is_guarded = false; }
void GOMP_atomic_start(void) { team.is_guarded = true; }
void GOMP_atomic_end(void) { team.is_guarded = false; }
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
    if (!team.is_active && threads != 1) { /* the body then only asks for the next chunk */
        struct share share = {1, step > 0, (uint64_t)start, (uint64_t)end, (uint64_t)step, (uint64_t)(chunk ? chunk : 1)};
        team.loops[0] = share;
        run_team(body, data, threads);
        return;
    }
    die("a nested loop with a schedule at run time");
}

LOOPS(static)
LOOPS(dynamic)
LOOPS(guided)
LOOPS(nonmonotonic_dynamic)
LOOPS(nonmonotonic_guided)
RUNTIME_LOOPS(runtime)
RUNTIME_LOOPS(nonmonotonic_runtime)
RUNTIME_LOOPS(maybe_nonmonotonic_runtime)

int omp_get_thread_num(void) { return team.is_active && !team.nested ? (int)team.current : 0; }
int omp_get_num_threads(void) { return team.is_active && !team.nested ? (int)team.size : 1; }
int omp_get_max_threads(void) { return (int)team.wanted; }
int omp_get_num_procs(void) { return (int)team.wanted; }
int omp_in_parallel(void) { return team.is_active; }
int omp_get_level(void) { return team.is_active; }
int omp_get_dynamic(void) { return 0; }
void omp_set_dynamic(int value) { (void)value; }
void omp_set_nested(int value) { (void)value; }
int omp_get_thread_limit(void) { return MAX_TEAM; }
void omp_set_num_threads(int threads) { team.wanted = threads > 0 ? (unsigned)threads : 1; }
double omp_get_wtime(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
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
