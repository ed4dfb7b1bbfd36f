// VERDICT unknown
#define VERTICES 10000
static int start[VERTICES + 1], neighbour[8 * VERTICES], level[VERTICES], queue[VERTICES], tail;

void expand(int from, int to, int depth) {
#pragma omp parallel for schedule(dynamic, 16)
    for (int q = from; q < to; q++) {
        int v = queue[q];
        for (int e = start[v]; e < start[v + 1]; e++) {
            int w = neighbour[e];
            if (level[w] < 0) {
                level[w] = depth;
                queue[tail++] = w;
            }
        }
    }
}
