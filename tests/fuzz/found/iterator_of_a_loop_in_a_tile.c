// WHY: the tiles leave out iterations of `x1` in which the inner loop has none, but these set `j`, too
// ROOT: x1
// PLAN: [{"step": "tile", "band": ["x1"], "sizes": [3]}]
// EXPECT: undecided
int last(int n, int low, int *restrict a)
{
    int j = 0;
    for (int x1 = low; x1 < n; x1++) {
        for (j = x1 + 1; j < n; j++) {
            a[n * x1 + j] = 1;
        }
    }
    return j;
}
