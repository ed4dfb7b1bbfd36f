/*
 * Breadth-first search, level by level, bottom up.
 *
 * The graph is given by its incoming edges in CSR form: the predecessors of
 * node v are source[offset[v]] .. source[offset[v + 1] - 1]. In each level
 * every node that was not reached so far looks for a predecessor in the
 * frontier.
 *
 * On return level[v] is the number of edges from root to v, or -1 where there
 * is no path. Returns the number of nodes reached. frontier and next are work
 * space for n flags.
 */

int bfs(int n, const int *restrict offset, const int *restrict source, int root,
        int *restrict level, unsigned char *restrict frontier, unsigned char *restrict next)
{
    for (int v = 0; v < n; v++) {
        level[v] = -1;
        frontier[v] = 0;
    }
    if (root < 0 || root >= n)
        return 0;
    level[root] = 0;
    frontier[root] = 1;

    int total = 1;
    int found = 1;
    for (int depth = 1; found > 0; depth++) {
        found = 0;
        for (int v = 0; v < n; v++) {
            next[v] = 0;
            if (level[v] < 0) {
                for (int e = offset[v]; e < offset[v + 1]; e++) {
                    if (frontier[source[e]]) {
                        level[v] = depth;
                        next[v] = 1;
                        found++;
                        break;
                    }
                }
            }
        }
        for (int v = 0; v < n; v++)
            frontier[v] = next[v];
        total += found;
    }
    return total;
}
