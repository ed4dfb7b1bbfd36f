// VERDICT race-free
#define VERTICES 10000
static int start[VERTICES + 1], neighbour[8 * VERTICES], level[VERTICES], next_level[VERTICES];

/* Every thread writes the same value, atomically. */
void expand(int depth) {
#pragma omp parallel for
    for (int v = 0; v < VERTICES; v++) {
        if (level[v] != depth)
            continue;
        for (int e = start[v]; e < start[v + 1]; e++) {
            int w = neighbour[e];
#pragma omp atomic write
            next_level[w] = depth + 1;
        }
    }
}
