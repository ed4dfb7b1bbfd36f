// WHY: the check raised KeyError: a tile loop was looked up among the loops of the nest
// ROOT: i
// PLAN: [{"step": "tile", "band": ["i"], "sizes": [2]}, {"step": "parallelize", "loop": "i_tile"}]
// EXPECT: undecided
int last(int n, double *restrict d)
{
    int i, j;
    for (i = 0; i < n; i++) {
        for (j = 0; j < n; j++) {
            if (i > 2) {
                d[n * i + j] = 1;
            }
        }
    }
    return j;
}
