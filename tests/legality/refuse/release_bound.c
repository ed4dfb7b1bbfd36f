// WHY: the block that holds the offset may be one of those released, after the last iteration that reads it.
// FUNCTION: drop
// LOOP: i
// EXPECT: undecided LW204

#include <stdlib.h>

struct list { int offset; };

void drop(int n, struct list *list)
{
    void *rows[64];
    int from[64];
    extern void fill(void **);
    fill(rows);
    for (int i = 0; i < n; i++) {
        from[i + list->offset] = i;
        free(rows[i]);
    }
}
