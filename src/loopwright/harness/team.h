/* What team.c and accesses.c share: the team of virtual threads that runs now. */
#ifndef LW_TEAM_H
#define LW_TEAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

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
struct lw_team {
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
    uint32_t epoch; /* of accesses that can conflict: a barrier ends it */
    int nested;
    char conflict[400];
};

extern struct lw_team lw_team;
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void __libc_free(void *);

void lw_die(const char *reason) __attribute__((noreturn));

#endif
